/* Session tokens read back. Only a signed token's claims are believed, and only when they are this
 * client's own: account, parent key, audience, times. */
#include "session_token.h"

#include <string.h>

#include "../base/fields.h"
#include "../base/json_decode.h"
#include "../base/jwt.h"
#include "../base/lua_compat.h"
#include "../base/text.h"
#include "../base/url.h"
#include "../base/utc.h"
#include "request.h"

#define FIELD "session_token"

enum { CLOCK_SKEW = 60 }; /* seconds that another machine's clock may be ahead */

/* A credential made in the last second of 9999 may live for 7 days. */
static const int64_t LAST_EXPIRY = R2_LAST_SECOND + R2_TTL_MAX;

static const char must_hold_claims[] = "must hold claims: a JSON object";

/* lua-cjson makes floats of all numbers on 5.3 and 5.4: times become whole again. */
static bool get_time(lua_State *L, int claims, const char *name, int64_t *time) {
    lua_getfield(L, claims, name);
    bool good = r2_get_whole(L, -1, 0, LAST_EXPIRY, time);
    if (good) {
        r2_push_whole(L, *time);
        lua_setfield(L, claims, name);
    }
    lua_pop(L, 1);
    return good;
}

/* Decodes JSON that must be an object; pushes nothing when it is none. */
static bool push_object(lua_State *L, r2_slice json) {
    return json.length > 0 && json.data[0] == '{' && r2_json_decode(L, json);
}

static bool open_token(lua_State *L, int index, r2_buffer *work, r2_jwt *jwt, r2_error *error) {
    r2_slice token;
    if (!r2_get_string(L, index, &token) || token.length > R2_TOKEN_BYTES_MAX) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0,
                         "must be a session token of R2: a string of at most 1048576 bytes");
    }
    const char *wrong = r2_token_open(work, token, jwt);
    return wrong == NULL || r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0, "%s", wrong);
}

static bool is_claim(lua_State *L, int claims, const char *name, r2_slice expected) {
    r2_slice text;
    lua_getfield(L, claims, name);
    bool equal = r2_get_string(L, -1, &text) && r2_slice_is(text, expected);
    lua_pop(L, 1);
    return equal;
}

/* HS256 and nothing else, and no header that this library does not understand (RFC 7515, 4.1.11). */
static bool is_hs256(lua_State *L, r2_slice header) {
    if (!push_object(L, header)) {
        return false;
    }
    int top = lua_gettop(L);
    lua_getfield(L, top, "crit");
    bool plain = lua_isnil(L, -1);
    lua_pop(L, 1);
    bool good = plain && is_claim(L, top, "alg", R2_SLICE("HS256"));
    lua_pop(L, 1);
    return good;
}

/* What a client's own tokens say of it. A copy: decoding JSON may run a finalizer that closes the
 * client. */
typedef struct own_claims {
    char account_id[R2_ID_SIZE];
    char parent_access_key_id[R2_ID_SIZE];
    r2_url endpoint;
} own_claims;

static own_claims claims_of(const r2_config *config) {
    own_claims own = {.endpoint = config->endpoint};
    memcpy(own.account_id, config->account_id, R2_ID_SIZE);
    memcpy(own.parent_access_key_id, config->parent_access_key_id, R2_ID_SIZE);
    return own;
}

/* Checks the claims of a token whose signature is good; they are on top of the stack. */
static bool check_claims(lua_State *L, const own_claims *own, int64_t now, r2_error *error) {
    int claims = lua_gettop(L);
    int64_t issued_at;
    int64_t expires_at;
    if (!is_claim(L, claims, "sub", (r2_slice){own->account_id, R2_ID_SIZE})) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0, "must be of this account (sub)");
    }
    if (!is_claim(L, claims, "iss", (r2_slice){own->parent_access_key_id, R2_ID_SIZE})) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0,
                         "must be of this parent access key (iss)");
    }
    if (!is_claim(L, claims, "aud", r2_url_host(&own->endpoint))) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0, "must be for this endpoint (aud)");
    }
    if (!get_time(L, claims, "iat", &issued_at) || !get_time(L, claims, "exp", &expires_at)) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0,
                         "must hold its times (iat, exp) as whole seconds");
    }
    if (issued_at > now + CLOCK_SKEW) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0, "must not be from the future (iat)");
    }
    if (expires_at <= now) {
        return r2_refuse(error, R2_EXPIRED, FIELD, 0, "must not have expired (exp)");
    }
    return true;
}

bool r2_session_token_verify(lua_State *L, int token, const r2_config *config, int64_t now,
                             r2_buffer *work, r2_error *error) {
    r2_jwt jwt;
    if (!config->can_sign) {
        return r2_refuse(error, R2_UNSUPPORTED, "parent_secret_access_key", 0,
                         "is required to verify a token");
    }
    if (!open_token(L, token, work, &jwt, error)) {
        return false;
    }
    if (!r2_token_is_signed_by(&jwt, &config->key)) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0,
                         "must be signed by this parent access key");
    }
    own_claims own = claims_of(config);
    if (!is_hs256(L, jwt.header)) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0,
                         "must have a JWT header with alg HS256 and no crit");
    }
    if (!push_object(L, jwt.payload)) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0, "%s", must_hold_claims);
    }
    return check_claims(L, &own, now, error);
}

bool r2_session_token_inspect(lua_State *L, int token, r2_buffer *work, r2_error *error) {
    r2_jwt jwt;
    int64_t time;
    if (!open_token(L, token, work, &jwt, error)) {
        return false;
    }
    if (!push_object(L, jwt.payload)) {
        return r2_refuse(error, R2_INVALID_TOKEN, FIELD, 0, "%s", must_hold_claims);
    }
    (void)get_time(L, lua_gettop(L), "iat", &time);
    (void)get_time(L, lua_gettop(L), "exp", &time);
    return true;
}
