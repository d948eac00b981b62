/* Which fields a request, a credential and options have, and what each may hold. */
#include "sign_input.h"

#include "../base/ascii.h"
#include "../base/buffer.h"
#include "../base/clock.h"
#include "../base/fields.h"
#include "../base/jwt.h"
#include "../base/sha256.h"
#include "../base/text.h"
#include "../base/utc.h"
#include "signing_key.h"

enum {
    ACCESS_KEY_ID_MAX = 128, /* R2's have 32 characters */
    EXPIRES_MAX = 604800,    /* R2's own limit: 7 days */
    EXPIRES_DEFAULT = 3600
};

#define REQUEST_FIELDS(X) X(METHOD, "method") X(URL, "url") X(HEADERS, "headers")
#define CREDENTIAL_FIELDS(X)                                                                       \
    X(ACCESS_KEY_ID, "access_key_id")                                                              \
    X(SECRET_ACCESS_KEY, "secret_access_key")                                                      \
    X(SESSION_TOKEN, "session_token")                                                              \
    X(EXPIRES_AT, "expires_at")
/* The options of both, and behind them the one that each has for itself. */
#define OPTIONS(X) X(NOW, "now") X(REGION, "region") X(SERVICE, "service")
#define OPTIONS_IN_HEADERS(X) OPTIONS(X) X(PAYLOAD_HASH, "payload_hash")
#define OPTIONS_IN_URL(X) OPTIONS(X) X(EXPIRES_SECONDS, "expires_seconds")

enum { REQUEST_FIELDS(R2_AS_FIELD) REQUEST_COUNT };
enum { CREDENTIAL_FIELDS(R2_AS_FIELD) CREDENTIAL_COUNT };
enum { OPTIONS_IN_HEADERS(R2_AS_FIELD) OPTION_COUNT };
enum { EXPIRES_SECONDS = PAYLOAD_HASH };

static const r2_slice request_names[] = {REQUEST_FIELDS(R2_AS_FIELD_NAME)};
static const r2_slice credential_names[] = {CREDENTIAL_FIELDS(R2_AS_FIELD_NAME)};
static const r2_slice names_in_headers[] = {OPTIONS_IN_HEADERS(R2_AS_FIELD_NAME)};
static const r2_slice names_in_url[] = {OPTIONS_IN_URL(R2_AS_FIELD_NAME)};
/* What a credential of this library has beside these; a signature needs neither. */
static const r2_slice other_credential_names[] = {R2_SLICE_OF("bucket"), R2_SLICE_OF("endpoint")};

static const r2_names of_request = {"request", request_names, REQUEST_COUNT, R2_INVALID_REQUEST};
static const r2_names of_credentials = {"credentials", credential_names, CREDENTIAL_COUNT,
                                        R2_INVALID_REQUEST};
static const r2_names of_others = {"credentials", other_credential_names, 2, R2_INVALID_REQUEST};
static const r2_names options_in_headers = {"options", names_in_headers, OPTION_COUNT,
                                            R2_INVALID_REQUEST};
static const r2_names options_in_url = {"options", names_in_url, OPTION_COUNT, R2_INVALID_REQUEST};

typedef struct reader {
    r2_reader request;
    r2_reader credentials;
    r2_reader options;
    r2_signer *signer;
    r2_sign_input *input;
    r2_sign_mode mode;
    int64_t expires_at; /* -1 = never */
} reader;

/* ---- the request ---- */

static bool is_method(r2_slice method) {
    for (size_t i = 0; i < method.length; i++) {
        if (!r2_is_upper(method.data[i])) {
            return false;
        }
    }
    return method.length > 0 && method.length <= 16;
}

/* developers.cloudflare.com/r2/api/s3/presigned-urls/: no POST. */
static bool may_be_presigned(r2_slice method) {
    static const r2_slice methods[] = {R2_SLICE_OF("GET"), R2_SLICE_OF("HEAD"), R2_SLICE_OF("PUT"),
                                       R2_SLICE_OF("DELETE")};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (r2_slice_is(method, methods[i])) {
            return true;
        }
    }
    return false;
}

static bool read_method(reader *r) {
    r2_slice method = {0};
    (void)r2_field_string(&r->request, METHOD, &method);
    r->input->signing.method = method;
    if (r->mode == R2_IN_URL) {
        return may_be_presigned(method) ||
               r2_field_require(&r->request, METHOD, "must be GET, HEAD, PUT or DELETE");
    }
    return is_method(method) ||
           r2_field_require(&r->request, METHOD,
                            "must be a method in capital letters, such as GET");
}

static bool read_url(reader *r) {
    r2_slice url;
    if (!r2_field_string(&r->request, URL, &url)) {
        return r2_field_require(&r->request, URL, "must be a string");
    }
    const char *wrong = r2_signer_set_url(r->signer, url, r->mode == R2_IN_URL);
    return wrong == NULL || r2_field_refuse(&r->request, URL, wrong);
}

/* The strings stay in their table; nothing that runs before the signature is made can change it. */
static bool read_headers(reader *r) {
    lua_State *L = r->request.L;
    int table = r->request.base + HEADERS;
    if (!r2_field_is_set(&r->request, HEADERS)) {
        return true;
    }
    if (!lua_istable(L, table)) {
        return r2_field_refuse(&r->request, HEADERS, "must be a table of names and values");
    }
    if (!r2_check_plain(L, table, R2_INVALID_REQUEST, request_names[HEADERS].data,
                        r->request.error)) {
        return false;
    }
    lua_pushnil(L);
    while (lua_next(L, table)) {
        r2_slice name;
        r2_slice value;
        if (!r2_get_string(L, -2, &name)) {
            return r2_field_refuse(&r->request, HEADERS, "must have names that are strings");
        }
        const char *wrong = r2_get_string(L, -1, &value)
                                ? r2_signer_add_header(r->signer, name, value)
                                : "must be a string";
        if (wrong != NULL) {
            return r2_refuse_named(r->request.error, R2_INVALID_REQUEST,
                                   request_names[HEADERS].data, name, wrong);
        }
        lua_pop(L, 1);
    }
    return true;
}

/* ---- the credential ---- */

static bool read_visible(const r2_reader *fields, int field, size_t longest, r2_slice *text) {
    return r2_field_string(fields, field, text) && text->length > 0 && text->length <= longest &&
           r2_is_visible(*text);
}

static bool has(r2_slice text, char c) {
    return memchr(text.data, c, text.length) != NULL;
}

static bool is_access_key_id(r2_slice id) {
    return !has(id, '/') && !has(id, ',') && !has(id, '=');
}

static bool read_keys(reader *r) {
    r2_signing *g = &r->input->signing;
    if (!read_visible(&r->credentials, ACCESS_KEY_ID, ACCESS_KEY_ID_MAX, &g->access_key_id) ||
        !is_access_key_id(g->access_key_id)) {
        return r2_field_require(&r->credentials, ACCESS_KEY_ID,
                                "must be 1 to 128 visible ASCII characters "
                                "without / , =");
    }
    if (!read_visible(&r->credentials, SECRET_ACCESS_KEY, R2_SIGNING_SECRET_MAX,
                      &g->secret_access_key)) {
        return r2_field_require(&r->credentials, SECRET_ACCESS_KEY,
                                "must be 1 to 256 visible ASCII characters");
    }
    r->input->session_token = r->credentials.base + SESSION_TOKEN;
    return !r2_field_is_set(&r->credentials, SESSION_TOKEN) ||
           read_visible(&r->credentials, SESSION_TOKEN, R2_TOKEN_BYTES_MAX, &g->session_token) ||
           r2_field_refuse(&r->credentials, SESSION_TOKEN,
                           "must be 1 to 1048576 visible ASCII characters, or left out");
}

static bool refuse_expired(reader *r) {
    char now[R2_UTC_SIZE];
    char end[R2_UTC_SIZE];
    r2_format_utc(now, r->input->signing.now);
    r2_format_utc(end, r->expires_at);
    return r2_refuse(r->credentials.error, R2_EXPIRED, credential_names[EXPIRES_AT].data, 0,
                     "is %s, and now it is %s: the credential has expired", end, now);
}

/* "exp" of a session token of R2's; -1 when it is another's, or cannot be read. */
static int64_t expiry_of_token(reader *r) {
    r2_jwt jwt;
    int64_t seconds = -1;
    r2_buffer *work = &r->signer->work;
    if (r2_token_open(work, r->input->signing.session_token, &jwt) == NULL) {
        seconds = r2_jwt_expiry(&jwt);
    }
    if (!work->failed) {
        r2_buffer_reset(work);
    }
    return seconds;
}

/* Called when `now` is known. */
static bool read_expiry(reader *r) {
    r->expires_at = -1;
    if (!r2_field_is_set(&r->credentials, EXPIRES_AT)) {
        if (r->input->signing.session_token.length > 0) {
            r->expires_at = expiry_of_token(r);
        }
        return r->expires_at < 0 || r->input->signing.now < r->expires_at || refuse_expired(r);
    }
    if (!r2_get_whole(r->credentials.L, r->credentials.base + EXPIRES_AT, 0, R2_LAST_SECOND,
                      &r->expires_at)) {
        return r2_field_refuse(
            &r->credentials, EXPIRES_AT,
            "must be Unix seconds: a whole number from 0 to " R2_LAST_SECOND_TEXT);
    }
    return r->input->signing.now < r->expires_at || refuse_expired(r);
}

/* ---- the options ---- */

static bool read_scope_part(reader *r, int field, r2_slice otherwise, r2_slice *part) {
    if (!r2_field_is_set(&r->options, field)) {
        *part = otherwise;
        return true;
    }
    return (r2_field_string(&r->options, field, part) &&
            r2_is_label(*part, 1, R2_SCOPE_PART_MAX)) ||
           r2_field_refuse(&r->options, field,
                           "must be 1 to 63 lower-case letters, digits and inner hyphens");
}

static bool read_payload_hash(reader *r) {
    r2_slice *hash = &r->input->signing.payload_hash;
    *hash = R2_UNSIGNED_PAYLOAD;
    r->input->payload_hash = r->options.base + PAYLOAD_HASH;
    return !r2_field_is_set(&r->options, PAYLOAD_HASH) ||
           (r2_field_string(&r->options, PAYLOAD_HASH, hash) &&
            (r2_is_lower_hex(*hash, R2_SHA256_HEX) || r2_slice_is(*hash, R2_UNSIGNED_PAYLOAD))) ||
           r2_field_refuse(&r->options, PAYLOAD_HASH,
                           "must be UNSIGNED-PAYLOAD, or the body's SHA-256 as 64 lower-case hex "
                           "characters");
}

static bool refuse_outliving(reader *r, int64_t until) {
    char url_end[R2_UTC_SIZE];
    char end[R2_UTC_SIZE];
    r2_format_utc(url_end, until);
    r2_format_utc(end, r->expires_at);
    return r2_refuse(r->options.error, R2_EXPIRED, names_in_url[EXPIRES_SECONDS].data, 0,
                     "would let the URL live until %s; its credential expires at %s, and the URL "
                     "with it",
                     url_end, end);
}

/* The default is an hour, or what is left of the credential. */
static bool read_expires_seconds(reader *r) {
    r2_signing *g = &r->input->signing;
    int64_t left = r->expires_at < 0 ? EXPIRES_MAX : r->expires_at - g->now;
    if (!r2_field_is_set(&r->options, EXPIRES_SECONDS)) {
        g->expires_seconds = left < EXPIRES_DEFAULT ? left : EXPIRES_DEFAULT;
        return true;
    }
    if (!r2_get_whole(r->options.L, r->options.base + EXPIRES_SECONDS, 1, EXPIRES_MAX,
                      &g->expires_seconds)) {
        return r2_field_refuse(&r->options, EXPIRES_SECONDS,
                               "must be a whole number of seconds from 1 to 604800");
    }
    return g->expires_seconds <= left || r->expires_at < 0 ||
           refuse_outliving(r, g->now + g->expires_seconds);
}

static bool read_options(reader *r) {
    r2_signing *g = &r->input->signing;
    return r2_get_now(r->options.L, r->options.base + NOW, &g->now, r->options.error) &&
           read_scope_part(r, REGION, R2_SLICE("auto"), &g->region) &&
           read_scope_part(r, SERVICE, R2_SLICE("s3"), &g->service) && read_expiry(r) &&
           (r->mode == R2_IN_URL ? read_expires_seconds(r) : read_payload_hash(r));
}

/* ---- all of it ---- */

static bool spread(lua_State *L, int table, const r2_names *known, const r2_names *ignored,
                   r2_reader *fields, r2_error *error) {
    *fields = (r2_reader){L, lua_gettop(L) + 1, known, error};
    if (lua_isnil(L, table)) {
        lua_settop(L, lua_gettop(L) + known->count);
        return true;
    }
    return r2_spread(L, table, known, ignored, error);
}

/* A request is not what an HTTP client takes: who gives it a body is told how bodies are signed. */
static bool spread_request(lua_State *L, reader *r, r2_error *error) {
    if (spread(L, R2_SIGN_REQUEST, &of_request, NULL, &r->request, error)) {
        return true;
    }
    if (strcmp(error->field, "body") == 0) {
        return r2_refuse(error, R2_INVALID_REQUEST, "body", 0,
                         r->mode == R2_IN_URL
                             ? "is not signed: leave it out"
                             : "is not signed: leave it out, and give payload_hash = "
                               "sigv4.hash(body)");
    }
    return false;
}

bool r2_sign_input_read(lua_State *L, r2_sign_mode mode, r2_signer *signer, r2_sign_input *input,
                        r2_error *error) {
    reader r = {.signer = signer, .input = input, .mode = mode};
    const r2_names *options = mode == R2_IN_URL ? &options_in_url : &options_in_headers;
    *input = (r2_sign_input){0};
    return spread_request(L, &r, error) &&
           spread(L, R2_SIGN_CREDENTIALS, &of_credentials, &of_others, &r.credentials, error) &&
           spread(L, R2_SIGN_OPTIONS, options, NULL, &r.options, error) && read_method(&r) &&
           read_url(&r) && read_headers(&r) && read_keys(&r) && read_options(&r);
}
