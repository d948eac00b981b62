/* Session tokens read back. Only a signed token's claims are believed, and only when they are this
 * client's own: account, parent key, audience, times. All of that is looked at before anything is
 * pushed: a push may run a finalizer that closes the client. */
#include "session_token.h"

#include "../base/fields.h"
#include "../base/json_decode.h"
#include "../base/json_parts.h"
#include "../base/json_valid.h"
#include "../base/jwt.h"
#include "../base/text.h"
#include "../base/url.h"
#include "payload.h"

static const char must_hold_claims[] = "must hold claims: a JSON object";

static bool refuse(r2_error *error, const char *must) {
    return r2_refuse(error, R2_INVALID_TOKEN, "session_token", 0, "%s", must);
}

static bool open_token(lua_State *L, int index, r2_buffer *work, r2_jwt *jwt, r2_error *error) {
    r2_slice token;
    if (!r2_get_string(L, index, &token) || token.length > R2_TOKEN_BYTES_MAX) {
        return refuse(error, "must be a session token of R2: a string of at most 1048576 bytes");
    }
    const char *wrong = r2_token_open(work, token, jwt);
    return wrong == NULL || refuse(error, wrong);
}

/* HS256 and nothing else, and no header that this library does not understand (RFC 7515,
 * 4.1.11). */
static bool is_hs256(r2_slice header) {
    static const r2_slice names[] = {R2_SLICE_OF("alg"), R2_SLICE_OF("crit")};
    r2_slice found[2];
    if (!r2_json_is_valid(header)) {
        return false;
    }
    r2_json_find(r2_json_trim(header), names, 2, found);
    return r2_json_is_string(found[0], R2_SLICE("HS256")) && found[1].length == 0;
}

static bool check_own(const r2_payload *payload, const r2_config *config, r2_error *error) {
    r2_slice account_id = {config->account_id, R2_ID_SIZE};
    r2_slice parent = {config->parent_access_key_id, R2_ID_SIZE};
    if (!r2_json_is_string(payload->account_id, account_id)) {
        return refuse(error, "must be of this account (sub)");
    }
    if (!r2_json_is_string(payload->parent_access_key_id, parent)) {
        return refuse(error, "must be of this parent access key (iss)");
    }
    return r2_json_is_string(payload->audience, r2_url_host(&config->endpoint)) ||
           refuse(error, "must be for this endpoint (aud)");
}

/* Checks the claims of a token whose signature is good. */
static bool check_claims(r2_slice json, const r2_config *config, int64_t now, r2_error *error) {
    r2_payload payload;
    if (!r2_payload_read(json, &payload)) {
        return refuse(error, must_hold_claims);
    }
    if (!check_own(&payload, config, error)) {
        return false;
    }
    const char *wrong = r2_payload_check_grant(&payload);
    wrong = wrong != NULL ? wrong : r2_payload_check_times(&payload, now);
    if (wrong != NULL) {
        return refuse(error, wrong);
    }
    return !r2_payload_has_expired(&payload, now) ||
           r2_refuse(error, R2_EXPIRED, "session_token", 0, "must not have expired (exp)");
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
        return refuse(error, "must be signed by this parent access key");
    }
    if (!is_hs256(jwt.header)) {
        return refuse(error, "must have a JWT header with alg HS256 and no crit");
    }
    if (!check_claims(jwt.payload, config, now, error)) {
        return false;
    }
    r2_json_push(L, jwt.payload);
    return true;
}

bool r2_session_token_inspect(lua_State *L, int token, r2_buffer *work, r2_error *error) {
    r2_jwt jwt;
    r2_payload payload;
    if (!open_token(L, token, work, &jwt, error)) {
        return false;
    }
    if (!r2_payload_read(jwt.payload, &payload)) {
        return refuse(error, must_hold_claims);
    }
    r2_json_push(L, jwt.payload);
    return true;
}
