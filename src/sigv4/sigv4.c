/* The module r2.sigv4: AWS Signature V4 for R2, in headers and in URLs. It loads no libcurl, opens
 * nothing, and keeps no state but the signing keys of the day.
 *
 * @module r2.sigv4
 */

#include <string.h>

#include "../base/error.h"
#include "../base/fields.h"
#include "../base/lending.h"
#include "../base/lua_compat.h"
#include "../base/resident.h"
#include "../base/sha256.h"
#include "../base/text.h"
#include "../base/version.h"
#include "../r2.h"
#include "object_url.h"
#include "sign_input.h"
#include "signature.h"

/* Every function has as its first upvalue a table that holds the signer, and the names of the
 * headers behind it; one that borrows the signer, last, the function that it calls with it
 * (lending.h). */
enum {
    SHARED = 1,
    AUTHORIZATION,
    CONTENT_SHA256,
    DATE,
    SECURITY_TOKEN,
    UNSIGNED,
    UPVALUES = UNSIGNED,
    INNER
};
enum { SHARED_SIGNER = 1 };

typedef struct signer {
    r2_loan loan; /* first */
    r2_signer core;
} signer;

static void clear_signer(void *thing) {
    r2_signer_release(&((signer *)thing)->core);
}

static void free_signer(void *thing) {
    r2_signer_free(&((signer *)thing)->core);
}

static int signer_gc(lua_State *L);

static const r2_lender lender = {"r2.signer", sizeof(signer), clear_signer, free_signer, signer_gc};

static int signer_gc(lua_State *L) {
    return r2_collect_loan(L, &lender);
}

/* Calls the inner function with the arguments and the signer. */
static int call_inner(lua_State *L) {
    luaL_checkstack(L, LUA_MINSTACK, "r2.sigv4");
    signer *s = r2_borrow(L, lua_upvalueindex(SHARED), SHARED_SIGNER, &lender);
    return r2_call_with(L, s, &lender, lua_upvalueindex(INNER));
}

/* There: the signer. No allocation follows until the result is pushed. */
static signer *get_signer(lua_State *L) {
    luaL_checkstack(L, 2 * LUA_MINSTACK, "r2.sigv4");
    return lua_touserdata(L, -1);
}

static void check_memory(lua_State *L, const signer *s) {
    if (r2_signer_failed(&s->core)) {
        luaL_error(L, "not enough memory");
    }
}

/* Pushes nil, message, err. */
static int refuse(lua_State *L, const signer *s, const r2_error *error) {
    check_memory(L, s);
    return r2_error_push(L, error);
}

/* Reads the arguments of a call and signs. */
static bool sign(lua_State *L, r2_sign_mode mode, signer *s, r2_sign_input *input,
                 r2_signed *result, r2_error *error) {
    if (!r2_sign_input_read(L, mode, &s->core, input, error)) {
        return false;
    }
    bool made = mode == R2_IN_URL ? r2_presign(&s->core, &input->signing, result)
                                  : r2_sign(&s->core, &input->signing, result);
    return made || (result->wrong != NULL &&
                    r2_refuse(error, R2_INVALID_REQUEST, "headers", 0, "%s", result->wrong));
}

static void check_arguments(lua_State *L) {
    luaL_checktype(L, R2_SIGN_REQUEST, LUA_TTABLE);
    luaL_checktype(L, R2_SIGN_CREDENTIALS, LUA_TTABLE);
    if (!lua_isnoneornil(L, R2_SIGN_OPTIONS)) {
        luaL_checktype(L, R2_SIGN_OPTIONS, LUA_TTABLE);
    }
    lua_settop(L, R2_SIGN_OPTIONS);
}

static void push_slice(lua_State *L, r2_slice text) {
    lua_pushlstring(L, text.data, text.length);
}

/*** Signs a request that is sent with headers: makes the headers to add to it.
 *
 * The request is not an HTTP client's table: it has no body. Every given header is signed, and the
 * host: do not give those that the client or a proxy sets (user-agent, connection, te, expect).
 * Nor sign a URL whose host came from outside: the session token goes there. The URL is signed by
 * S3's rules: what is encoded is decoded and encoded once, as the service does; dots and double
 * slashes in the path stay.
 * The request is read once, raw; what happens to the tables afterwards changes nothing.
 * See docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
 *
 * @function sign
 * @tparam table request
 *   `method` 1 to 16 capital letters;
 *   `url` string, at most 16384 bytes, https, or http to this machine, its host in lower case and
 *   without the scheme's own port, no fragment, no `+`, no `%2F` in its path, no X-Amz- parameter;
 *   `headers` optional, names in any case -> values of visible ASCII, spaces and tabs, at most 124;
 *   without those that signing makes; a `host` must be the URL's. Other text has to be encoded: by
 *   RFC 2047 in x-amz-meta- headers, as filename* (RFC 8187) in content-disposition
 * @tparam table credentials as `issuer:create` returns them: `access_key_id`, `secret_access_key`
 *   (1 to 256 visible ASCII characters), `session_token` (none for a permanent key), `expires_at`
 *   (Unix seconds; default `exp` of a session token of R2's form, or no end); `bucket` and
 *   `endpoint` are not looked at
 * @tparam[opt] table options
 *   `now` Unix seconds, 0 to 253402300799, floored, default the machine's clock;
 *   `region` default "auto", `service` default "s3": 1 to 63 lower-case letters, digits, hyphens;
 *   `payload_hash` the body's SHA-256 as 64 lower-case hex characters (`sigv4.hash`), default
 *   "UNSIGNED-PAYLOAD": TLS protects the body
 * @treturn table headers to add: `authorization`, `x-amz-date`, `x-amz-content-sha256`, and
 *   `x-amz-security-token` when there is a session token
 * @return nil, message, err with `err.kind` `invalid_request` (`err.field` names the field) or
 *   `expired` (`err.field` is `expires_at`)
 * @raise when an argument is no table
 */
static int sigv4_sign(lua_State *L) {
    check_arguments(L);
    return call_inner(L);
}

static int inner_sign(lua_State *L) {
    r2_error error;
    r2_sign_input input;
    r2_signed result = {0};
    signer *s = get_signer(L);
    if (!sign(L, R2_IN_HEADERS, s, &input, &result, &error)) {
        return refuse(L, s, &error);
    }
    bool unsigned_payload = lua_isnil(L, input.payload_hash);
    lua_createtable(L, 0, 4);
    int table = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(AUTHORIZATION));
    push_slice(L, result.authorization);
    lua_rawset(L, table);
    lua_pushvalue(L, lua_upvalueindex(DATE));
    push_slice(L, result.timestamp);
    lua_rawset(L, table);
    lua_pushvalue(L, lua_upvalueindex(CONTENT_SHA256));
    lua_pushvalue(L, unsigned_payload ? lua_upvalueindex(UNSIGNED) : input.payload_hash);
    lua_rawset(L, table);
    if (!lua_isnil(L, input.session_token)) {
        lua_pushvalue(L, lua_upvalueindex(SECURITY_TOKEN));
        lua_pushvalue(L, input.session_token);
        lua_rawset(L, table);
    }
    return 1;
}

/*** Makes a presigned URL, which any HTTP client can send. R2 takes it at the S3 endpoint only, not
 * at a custom domain (developers.cloudflare.com/r2/api/s3/presigned-urls/). Given headers are
 * signed, and must be sent with the same values; the payload is not signed.
 *
 * With a temporary credential the URL gives away the credential: its session token and
 * access_key_id stand in the query, and its secret is the SHA-256 of the JWT in that token.
 * Whoever has the URL can send every request that the credential allows, until `expires_at`;
 * `expires_seconds` limits this URL and nothing else. Sign each URL with a credential for one
 * object and one action whose ttl_seconds is the URL's life. (A permanent key is not given away.)
 *
 * The URL dies with the credential that signed it, so one that would live longer is refused.
 *
 * @function presign
 * @tparam table request as for `sign`; `method` GET, HEAD, PUT or DELETE; the URL's host may be
 *   written in any way, since the result has it as clients send it
 * @tparam table credentials as for `sign`
 * @tparam[opt] table options
 *   `expires_seconds` whole number, 1 to 604800, default 3600, or what is left of the credential
 *   when that is less; `now`, `region`, `service` as for `sign`
 * @treturn string the URL: a secret, as secret as the temporary credential that signed it
 * @return nil, message, err with `err.kind` `invalid_request`, or `expired` (the credential has
 *   expired, `err.field` is `expires_at`, or would before the URL, `expires_seconds`)
 * @raise when an argument is no table
 */
static int sigv4_presign(lua_State *L) {
    check_arguments(L);
    return call_inner(L);
}

static int inner_presign(lua_State *L) {
    r2_error error;
    r2_sign_input input;
    r2_signed result = {0};
    signer *s = get_signer(L);
    if (!sign(L, R2_IN_URL, s, &input, &result, &error)) {
        return refuse(L, s, &error);
    }
    push_slice(L, result.url);
    return 1;
}

/*** The URL of an object or a bucket, path style, as it goes on the wire and as `sign` takes it:
 * each byte outside A-Z a-z 0-9 - . _ ~ is percent-encoded once, slashes in the key stay.
 *
 * Nothing is normalised: "a//b", "./a" and "a/../b" are keys of their own. Many HTTP clients change
 * such a path before they send it (curl does not with --path-as-is, nor does r2.http); the
 * signature is wrong then, and the request refused.
 *
 * @function url
 * @tparam string endpoint https://host or https://host:port, http to this machine only
 * @tparam string bucket 3 to 63 lower-case letters, digits, hyphens
 * @tparam[opt] string key 1 to 1024 bytes of UTF-8 without NUL; nil for the bucket itself;
 *   "" is refused
 * @tparam[opt] table query names -> values, each a string of UTF-8 without NUL, a whole number, or,
 *   for a name that is there more than once, a list of these; at most 256 parameters, none that
 *   begins with X-Amz-. They are sorted by name and value
 * @treturn string
 * @return nil, message, err with `err.kind` `invalid_request` and `err.field` `endpoint`, `bucket`,
 *   `key` or `query`
 */
static int sigv4_url(lua_State *L) {
    lua_settop(L, R2_URL_QUERY);
    return call_inner(L);
}

static int inner_url(lua_State *L) {
    r2_error error;
    signer *s = get_signer(L);
    r2_signer *core = &s->core;
    core->parameters.count = 0;
    bool good = r2_object_url_write(L, &core->parameters, &core->parts, &core->work, &error);
    if (!good) {
        return refuse(L, s, &error);
    }
    check_memory(L, s);
    lua_pushlstring(L, core->work.data, core->work.length);
    return 1;
}

/*** The SHA-256 of a body as `payload_hash` takes it.
 *
 * @function hash
 * @tparam string body
 * @treturn string 64 lower-case hex characters
 * @raise when the body is no string
 */
static int sigv4_hash(lua_State *L) {
    r2_slice body;
    char hex[R2_SHA256_HEX];
    luaL_argcheck(L, r2_get_string(L, 1, &body), 1, "string expected");
    r2_sha256_hex(hex, body.data, body.length);
    lua_pushlstring(L, hex, sizeof hex);
    return 1;
}

R2_EXPORT int luaopen_r2_sigv4(lua_State *L) {
    static const r2_borrowing borrowing[] = {{"url", sigv4_url, inner_url},
                                             {"sign", sigv4_sign, inner_sign},
                                             {"presign", sigv4_presign, inner_presign},
                                             {NULL, NULL, NULL}};
    r2_check_lua(L);
    lua_settop(L, 0);
    r2_stay_resident();
    r2_lender_open(L, &lender);
    lua_newtable(L); /* the module */
    lua_pushliteral(L, R2_VERSION);
    lua_setfield(L, -2, "_VERSION");
    lua_pushcfunction(L, sigv4_hash);
    lua_setfield(L, -2, "hash");
    lua_createtable(L, SHARED_SIGNER, 0);
    (void)r2_lend_new(L, &lender, true);
    lua_rawseti(L, -2, SHARED_SIGNER);
    lua_pushliteral(L, "authorization");
    lua_pushliteral(L, "x-amz-content-sha256");
    lua_pushliteral(L, "x-amz-date");
    lua_pushliteral(L, "x-amz-security-token");
    lua_pushliteral(L, "UNSIGNED-PAYLOAD");
    r2_set_borrowing(L, borrowing, UPVALUES);
    return 1;
}
