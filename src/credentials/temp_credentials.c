/* The module r2.temp_credentials: Lua values in, Lua values out. It loads no libcurl, opens nothing
 * and keeps no state but its clients.
 *
 * @module r2.temp_credentials
 */

#include <string.h>
#include <time.h>

#include "../base/buffer.h"
#include "../base/clock.h"
#include "../base/error.h"
#include "../base/fields.h"
#include "../base/http_date.h"
#include "../base/lending.h"
#include "../base/lua_compat.h"
#include "../base/resident.h"
#include "../base/secret.h"
#include "../base/sha256.h"
#include "../base/text.h"
#include "../base/url.h"
#include "../base/utc.h"
#include "../base/version.h"
#include "../r2.h"
#include "api_answer.h"
#include "api_request.h"
#include "client.h"
#include "config.h"
#include "credentials.h"
#include "permissions.h"
#include "redact.h"
#include "request.h"
#include "session_token.h"
#include "shared_entry.h"
#include "token.h"

/* ---- signing ---- */

static r2_claims claims_of(const r2_config *config, const r2_request *request, int64_t now) {
    bool scoped = request->actions.length == 0;
    return (r2_claims){.bucket = request->bucket,
                       .scope = scoped ? request->permission : (r2_slice){0},
                       .actions = request->actions,
                       .prefix_paths = request->prefixes,
                       .object_paths = request->objects,
                       .account_id = {config->account_id, R2_ID_SIZE},
                       .parent_access_key_id = request->parent_access_key_id,
                       .audience = r2_url_host(&config->endpoint),
                       .issued_at = now,
                       .expires_at = now + request->ttl_seconds};
}

static bool check_signable(const r2_config *config, const r2_request *request, r2_error *error) {
    if (!config->can_sign) {
        return r2_refuse(
            error, R2_UNSUPPORTED, "parent_secret_access_key", 0,
            "is required to sign locally; with an API token alone ask Cloudflare's API: "
            "r2.new{...}:create");
    }
    r2_slice own = {config->parent_access_key_id, R2_ID_SIZE};
    return r2_slice_is(request->parent_access_key_id, own) ||
           r2_refuse(error, R2_UNSUPPORTED, "parent_access_key_id", 0,
                     "must be the configuration's own: only Cloudflare's API, with an API token, "
                     "makes credentials of another parent");
}

/* Reads, checks and signs without one Lua allocation; *credential points into the scratch. */
static bool sign(lua_State *L, const r2_operation *op, int table, const r2_request_rules *rules,
                 int64_t now, r2_request *request, r2_credential *credential, r2_error *error) {
    const r2_config *config = &op->client->config;
    r2_scratch *s = op->scratch;
    if (!r2_request_read(L, table, rules, config, &s->lists, request, error) ||
        !check_signable(config, request, error)) {
        return false;
    }
    r2_claims claims = claims_of(config, request, now);
    r2_token_result result = s->lists.failed ? R2_TOKEN_NO_MEMORY
                                             : r2_token_sign(&s->work, &config->key, &claims,
                                                             config->max_token_bytes, credential);
    if (result == R2_TOKEN_NO_MEMORY) {
        s->work.failed = true;
    }
    return result == R2_TOKEN_MADE || r2_request_refuse_length(request, config, error);
}

/* Pushes nil, message, err, or raises when it was memory that lacked. */
static int refuse(lua_State *L, const r2_scratch *s, const r2_error *error) {
    r2_scratch_check(L, s);
    return r2_error_push(L, error);
}

/* (client, request, now): signs, and pushes the credential. */
static int inner_sign(lua_State *L) {
    r2_error error;
    r2_request request;
    r2_credential credential;
    int64_t now;
    r2_operation op = r2_client_operation(L);
    if (!r2_get_now(L, 3, &now, &error) ||
        !sign(L, &op, 2, &op.rules, now, &request, &credential, &error)) {
        return refuse(L, op.scratch, &error);
    }
    r2_credentials made = {.access_key_id = op.key_id,
                           .bucket = request.bucket_index,
                           .endpoint = op.endpoint,
                           .secret_access_key = credential.secret_access_key,
                           .session_token = credential.session_token,
                           .expires_at = now + request.ttl_seconds};
    r2_credentials_push(L, &made);
    return 1;
}

/*** Makes a temporary credential by signing it with the parent secret: no network, no waiting.
 *
 * The request is read once, raw, and copied: what happens to the table afterwards changes nothing.
 * See Cloudflare's page "Authenticate against R2 with temporary credentials".
 *
 * @function client:sign
 * @tparam table request
 *   `bucket` string, 3 to 63 lower-case letters, digits, hyphens;
 *   `permission` one of the wire strings of `tc.permission`, or `actions`, a list of action names
 *   (see `tc.actions`), never both;
 *   `ttl_seconds` whole number, 1 to 604800;
 *   `prefixes`, `objects` optional lists of 1 or more strings of 1 to 1024 bytes of UTF-8. R2
 *   keeps keys in Unicode's NFC: a path is best given in it too, which is not checked here.
 * @tparam[opt] number now Unix seconds, 0 to 253402300799, floored; default the machine's clock
 * @treturn table credentials: `access_key_id`, `secret_access_key`, `session_token`, `expires_at`
 *   (Unix seconds, whole), `bucket`, `endpoint`
 * @return nil, message, err with `err.kind` `invalid_request` (a field that is not known, or of a
 *   wrong value: `err.field`), `unsupported` (no parent secret, or another parent's key id)
 * @raise when the request is no table or the client is closed
 */
static int client_sign(lua_State *L) {
    r2_client *c = r2_client_check(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 4);
    r2_request_rules rules = {.nfc = lua_toboolean(L, 4)}; /* the issuer's patterns ask for it */
    return r2_client_call(L, c, &rules);
}

/* ---- the API's two halves ---- */

static bool check_askable(const r2_config *config, const r2_request *request, r2_error *error) {
    if (config->api_token_length == 0) {
        return r2_refuse(error, R2_UNSUPPORTED, "api_token", 0,
                         "is required to ask Cloudflare's API");
    }
    return !request->chose_actions ||
           r2_refuse(error, R2_UNSUPPORTED, "actions", 0,
                     "must be signed locally, with the parent's secret: Cloudflare's API takes a "
                     "permission only");
}

/* Reads a request that goes, or went, to the API. */
static bool read_for_api(lua_State *L, const r2_operation *op, int table, r2_request *request,
                         r2_error *error) {
    const r2_config *config = &op->client->config;
    return r2_request_read(L, table, &op->rules, config, &op->scratch->lists, request, error) &&
           check_askable(config, request, error);
}

/* The API makes the token, but of the same claims: what would be too long is not asked for. */
static bool check_length(const r2_operation *op, const r2_request *request, r2_error *error) {
    const r2_config *config = &op->client->config;
    r2_scratch *s = op->scratch;
    r2_claims claims = claims_of(config, request, (int64_t)time(NULL));
    claims.scope = request->permission;
    return r2_token_length(&s->work, &claims) <= config->max_token_bytes ||
           r2_request_refuse_length(request, config, error);
}

/*** Makes the HTTP request that asks Cloudflare's Temporary Credentials API. Sends nothing.
 *
 * @function client:request
 * @tparam table request as for `client:sign`, without `actions`; `parent_access_key_id` may name
 *   another parent of the account
 * @treturn table `method`, `url`, `headers` (lower-case names; `authorization` is a secret), `body`
 * @return nil, message, err with `err.kind` `invalid_request`, or `unsupported` (no API token, or
 *   `actions`, which the API does not take)
 * @raise when the request is no table or the client is closed
 */
static int client_request(lua_State *L) {
    r2_client *c = r2_client_check(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 3);
    r2_request_rules rules = {.nfc = lua_toboolean(L, 3)}; /* as for client_sign */
    return r2_client_call(L, c, &rules);
}

/* (client, request) */
static int inner_request(lua_State *L) {
    r2_error error;
    r2_request request;
    r2_operation op = r2_client_operation(L);
    if (!read_for_api(L, &op, 2, &request, &error) || !check_length(&op, &request, &error)) {
        return refuse(L, op.scratch, &error);
    }
    r2_scratch_check(L, op.scratch);
    r2_api_push_request(L, &op.client->config, &request, &op.scratch->work);
    return 1;
}

/*** Reads the answer of Cloudflare's Temporary Credentials API to `client:request(request)`.
 *
 * The API returns no expiry: it is counted from a time taken before the request was sent, or taken
 * from the token itself when that is earlier. What the token says, where it can be read, must be
 * what was asked for.
 *
 * @function client:response
 * @tparam number status HTTP status, 0 to 999
 * @tparam ?table headers names (any case) -> values; `cf-ray`, `retry-after` and `date` are used
 * @tparam ?string body
 * @tparam number started_at Unix seconds, taken before the request was sent
 * @tparam table request the one that `client:request` was given
 * @treturn table credentials, as from `client:sign`
 * @return nil, message, err with `err.kind` `api` (status 400 and above), `rate_limited` (429),
 *   `bad_response` (another status, and no credential, or not the one that was asked for);
 *   `err.status`, `err.retryable`, and where the answer had them `err.code`, `err.errors`,
 *   `err.ray_id`, `err.retry_after` (seconds); of the request `invalid_request` and `unsupported`,
 *   as from `client:request`
 * @raise when an argument is of a wrong type or the client is closed
 */
static int client_response(lua_State *L) {
    r2_client *c = r2_client_check(L);
    r2_error error;
    int64_t whole;
    r2_slice body;
    r2_request_rules rules = {0};
    luaL_argcheck(L, r2_get_whole(L, 2, 0, 999, &whole), 2, "HTTP status expected");
    luaL_argcheck(L, lua_isnoneornil(L, 3) || lua_istable(L, 3), 3, "table expected");
    luaL_argcheck(L, lua_isnoneornil(L, 4) || r2_get_string(L, 4, &body), 4, "string expected");
    luaL_argcheck(L, !lua_isnoneornil(L, 5) && r2_get_now(L, 5, &whole, &error), 5,
                  "Unix seconds expected");
    luaL_checktype(L, 6, LUA_TTABLE);
    lua_settop(L, 6);
    return r2_client_call(L, c, &rules);
}

/* What the client and the arguments, which were checked, say of an answer. The client's secrets are
 * copied: a finalizer may close it while the answer is read. */
static r2_answer answer_of(lua_State *L, const r2_operation *op) {
    r2_error error;
    const r2_config *config = &op->client->config;
    r2_scratch *s = op->scratch;
    r2_answer answer = {.headers = lua_istable(L, 3) ? 3 : 0,
                        .endpoint = op->endpoint,
                        .max_token_bytes = config->max_token_bytes,
                        .api_token = {s->api_token, config->api_token_length},
                        .account_id = {s->account_id, R2_ID_SIZE}};
    memcpy(s->api_token, config->api_token, config->api_token_length);
    memcpy(s->account_id, config->account_id, R2_ID_SIZE);
    (void)r2_get_whole(L, 2, 0, 999, &answer.status);
    (void)r2_get_string(L, 4, &answer.body);
    (void)r2_get_now(L, 5, &answer.started_at, &error);
    return answer;
}

/* (client, status, headers, body, started_at, request) */
static int inner_response(lua_State *L) {
    r2_error error;
    r2_request request;
    r2_operation op = r2_client_operation(L);
    r2_scratch *s = op.scratch;
    if (!read_for_api(L, &op, 6, &request, &error)) {
        return refuse(L, s, &error);
    }
    r2_scratch_check(L, s);
    r2_answer answer = answer_of(L, &op);
    if (request.parent_access_key_id.data == op.client->config.parent_access_key_id) {
        memcpy(s->parent_access_key_id, request.parent_access_key_id.data, R2_ID_SIZE);
        request.parent_access_key_id.data = s->parent_access_key_id;
    }
    int results = r2_api_push_answer(L, &answer, &request, &s->work);
    r2_scratch_check(L, s);
    r2_wipe(s->api_token, answer.api_token.length);
    return results;
}

/* ---- reading session tokens ---- */

/*** Verifies a session token that this client's parent key signed: signature, account, parent,
 * audience and times, and that it says what a credential says: a bucket, a scope or actions, paths
 * of the right form, a life of 7 days at most. A token from the future is refused when it is more
 * than 60 seconds ahead, an expired one at once.
 *
 * @function client:verify
 * @tparam string session_token at most 1048576 bytes
 * @tparam[opt] number now Unix seconds; default the machine's clock
 * @treturn table the JWT's claims, as R2 names them: `bucket`, `scope` or `actions`, `paths`,
 * `sub`,
 *   `iss`, `aud`, `iat`, `exp`
 * @return nil, message, err with `err.kind` `invalid_token`, `expired`, `unsupported` (no parent
 *   secret) or `invalid_request` (`now`)
 * @raise when the client is closed
 */
static int client_verify(lua_State *L) {
    r2_client *c = r2_client_check(L);
    r2_request_rules rules = {0};
    lua_settop(L, 3);
    return r2_client_call(L, c, &rules);
}

/* (client, token, now) */
static int inner_verify(lua_State *L) {
    r2_error error;
    int64_t now;
    r2_operation op = r2_client_operation(L);
    bool good = r2_get_now(L, 3, &now, &error) &&
                r2_session_token_verify(L, 2, &op.client->config, now, &op.scratch->work, &error);
    return good ? 1 : refuse(L, op.scratch, &error);
}

/*** Reads what a session token says. Nothing is verified: anybody can write a token that says so.
 *
 * @function inspect
 * @tparam string session_token at most 1048576 bytes
 * @treturn table the JWT's claims, as `client:verify` returns them
 * @return nil, message, err with `err.kind` `invalid_token`
 */
static int tc_inspect(lua_State *L) {
    lua_settop(L, 1);
    return r2_scratch_call(L);
}

/* (token) */
static int inner_inspect(lua_State *L) {
    r2_error error;
    r2_scratch *s = r2_scratch_get(L);
    return r2_session_token_inspect(L, 1, &s->work, &error) ? 1 : refuse(L, s, &error);
}

/* For r2.provider: the MAC of an entry that is shared, as hex; nil without an API token. */
static int client_mac(lua_State *L) {
    r2_client *c = r2_client_check(L);
    r2_slice text;
    char hex[R2_SHA256_HEX];
    luaL_argcheck(L, r2_get_string(L, 2, &text), 2, "string expected");
    if (!c->open || !r2_shared_entry_mac(hex, &c->config, text)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushlstring(L, hex, sizeof hex);
    return 1;
}

/* ---- a client's life ---- */

/*** Wipes the keys. Every other method raises afterwards; closing twice is fine. A client is closed
 * too when it is collected, and at the end of its scope as a to-be-closed variable of Lua 5.4.
 *
 * @function client:close
 */
static int client_close(lua_State *L) {
    r2_client_close(r2_client_check(L));
    return 0;
}

static int client_tostring(lua_State *L) {
    r2_client *c = r2_client_check(L);
    char id[R2_ID_SIZE]; /* the first push may run a finalizer that closes the client */
    if (!c->open) {
        lua_pushliteral(L, "r2 client (closed)");
        return 1;
    }
    memcpy(id, c->config.account_id, sizeof id);
    lua_pushliteral(L, "r2 client of account ");
    lua_pushlstring(L, id, sizeof id);
    lua_concat(L, 2);
    return 1;
}

/*** Makes a client, which signs with `parent_secret_access_key`, or encodes and decodes requests to
 * Cloudflare's API with `api_token`, or does both.
 *
 * @function new
 * @tparam table config
 *   `account_id`, `parent_access_key_id` 32 lower-case hex characters;
 *   `parent_secret_access_key` 64 lower-case hex characters;
 *   `api_token` 1 to 512 visible ASCII characters;
 *   `jurisdiction` a DNS label, or `endpoint`, `https://host[:port]`, http to loopback only;
 *   `whole_bucket` boolean, default true: false refuses a request without prefixes and objects;
 *   `max_token_bytes` whole number, 1 to 1048576, default 8000;
 *   `api_base_url` default https://api.cloudflare.com/client/v4;
 *   `user_agent` 1 to 256 printable ASCII characters
 * @treturn client
 * @return nil, message, err with `err.kind` `invalid_config`
 * @raise when the configuration is no table
 */
static int tc_new(lua_State *L) {
    r2_error error;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    return r2_client_push(L, 1, NULL, true, &error) != NULL ? 1 : r2_error_push(L, &error);
}

/*** Makes one credential from configuration and request in one table, and forgets the keys:
 * `tc { account_id = …, parent_access_key_id = …, parent_secret_access_key = …, bucket = …, … }`.
 * Signs locally only.
 *
 * @function tc
 * @tparam table both the fields of `new` and of `client:sign`
 * @tparam[opt] number now as for `client:sign`
 * @treturn table credentials
 * @return nil, message, err as from `new` and `client:sign`
 */
static int tc_call(lua_State *L) {
    r2_error error;
    if (!lua_istable(L, 2)) {
        return luaL_error(L, "r2.temp_credentials{...} takes one table");
    }
    lua_settop(L, 3);
    lua_remove(L, 1); /* the module itself: table and time are arguments 1 and 2 from here on */
    lua_pushnil(L);
    lua_insert(L, 1); /* the client's place, as in a method */
    r2_client *c = r2_client_push(L, 2, &r2_request_names, false, &error);
    if (c == NULL) {
        return r2_error_push(L, &error);
    }
    lua_replace(L, 1);
    r2_request_rules rules = {.ignored = &r2_config_names};
    return r2_client_call(L, c, &rules);
}

/* Signs as a client does, and wipes the keys. */
static int inner_call(lua_State *L) {
    r2_client *c = lua_touserdata(L, 1);
    int results = inner_sign(L);
    r2_client_close(c);
    return results;
}

/*** R2's own rule for turning an API token into the secret access key of the same token: the
 * lower-case hex SHA-256 of its value (developers.cloudflare.com/r2/api/tokens/).
 *
 * @function secret_from_api_token
 * @tparam string token 1 to 512 visible ASCII characters
 * @treturn string 64 hex characters: a secret
 * @return nil, message, err with `err.kind` `invalid_config`
 */
static int tc_secret_from_api_token(lua_State *L) {
    lua_settop(L, 1);
    return r2_scratch_call(L);
}

/* (token) */
static int inner_secret(lua_State *L) {
    r2_error error;
    r2_slice token = {0};
    r2_scratch *s = r2_scratch_get(L);
    (void)r2_get_string(L, 1, &token);
    const char *wrong = r2_check_api_token(token);
    if (wrong != NULL) {
        (void)r2_refuse(&error, R2_INVALID_CONFIG, "api_token", 0, "%s", wrong);
        return r2_error_push(L, &error);
    }
    (void)r2_buffer_reserve(&s->work, R2_SHA256_HEX);
    r2_scratch_check(L, s);
    r2_sha256_hex(s->work.data, token.data, token.length);
    s->work.length = R2_SHA256_HEX;
    lua_pushlstring(L, s->work.data, s->work.length);
    return 1;
}

/*** The names of R2's actions.
 * @function actions
 * @treturn table a fresh table: `READ`, `WRITE`, `MULTIPART`, `ALL`, `WRITE_ONLY`, each a list
 */
static int tc_actions(lua_State *L) {
    r2_push_actions(L);
    return 1;
}

/* ---- for this library's own Lua: a name with an underscore in front is nobody else's ---- */

/* Whether a string is visible ASCII, which Lua cannot tell as fast. */
static int tc_is_visible(lua_State *L) {
    r2_slice text;
    lua_pushboolean(L, r2_get_string(L, 1, &text) && r2_is_visible(text));
    return 1;
}

/* The actions that a scope covers, as a fresh list; nil where R2 has
 * no scope of that name. */
static int tc_scope_actions(lua_State *L) {
    r2_slice name = {0};
    (void)r2_get_string(L, 1, &name);
    r2_push_scope(L, name);
    return 1;
}

/* A server's text in a form that may be shown, without a secret that it may echo: (text,
 * secret). */
static int tc_redact(lua_State *L) {
    lua_settop(L, 2);
    return r2_scratch_call(L);
}

static int inner_redact(lua_State *L) {
    r2_slice text = {0};
    r2_slice secret = {0};
    r2_scratch *s = r2_scratch_get(L);
    (void)r2_get_string(L, 1, &text);
    (void)r2_get_string(L, 2, &secret);
    r2_slice shown = r2_redact(&s->work, text, secret);
    r2_scratch_check(L, s);
    lua_pushlstring(L, shown.data, shown.length);
    return 1;
}

/* The machine's clock in Unix seconds, for a host without Lua's os. */
static int tc_time(lua_State *L) {
    r2_push_whole(L, (int64_t)time(NULL));
    return 1;
}

/* Unix seconds in ISO 8601. */
static int tc_utc(lua_State *L) {
    char text[R2_UTC_SIZE];
    int64_t seconds = -1;
    (void)r2_get_whole(L, 1, 0, R2_LAST_SECOND, &seconds);
    r2_format_utc(text, seconds);
    lua_pushstring(L, text);
    return 1;
}

/* Unix seconds of a date in a header, or nil. */
static int tc_http_date(lua_State *L) {
    r2_slice text = {0};
    (void)r2_get_string(L, 1, &text);
    int64_t seconds = r2_read_http_date(text, (int64_t)time(NULL));
    if (seconds < 0) {
        return 0;
    }
    r2_push_whole(L, seconds);
    return 1;
}

/* Whether to send a request again after this status. */
static int tc_is_passing(lua_State *L) {
    int64_t status = 0;
    (void)r2_get_whole(L, 1, 0, 999, &status);
    lua_pushboolean(L, r2_is_passing(status));
    return 1;
}

/* The Lua layer's configuration has these fields and its own: a fresh list of their names. */
static int tc_config_fields(lua_State *L) {
    lua_createtable(L, r2_config_names.count, 0);
    for (int i = 0; i < r2_config_names.count; i++) {
        r2_slice name = r2_config_names.names[i];
        lua_pushlstring(L, name.data, name.length);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* Sets functions that have the client metatable as their upvalue. */
static void set_functions(lua_State *L, int table, const luaL_Reg *functions,
                          const r2_borrowing *borrowing) {
    lua_pushvalue(L, table);
    lua_pushvalue(L, 1);
    r2_setfuncs(L, functions, 1);
    lua_pushvalue(L, 1);
    r2_set_borrowing(L, borrowing, 1);
    lua_pop(L, 1);
}

static void make_class(lua_State *L, int metatable) {
    static const luaL_Reg metamethods[] = {{"__gc", client_close},
                                           {"__close", client_close},
                                           {"__tostring", client_tostring},
                                           {NULL, NULL}};
    static const luaL_Reg methods[] = {{"close", client_close}, {"_mac", client_mac}, {NULL, NULL}};
    static const r2_borrowing borrowing[] = {{"sign", client_sign, inner_sign},
                                             {"request", client_request, inner_request},
                                             {"response", client_response, inner_response},
                                             {"verify", client_verify, inner_verify},
                                             {NULL, NULL, NULL}};
    static const r2_borrowing none[] = {{NULL, NULL, NULL}};
    set_functions(L, metatable, metamethods, none);
    lua_newtable(L);
    set_functions(L, lua_gettop(L), methods, borrowing);
    lua_setfield(L, metatable, "__index");
    lua_pushboolean(L, 0); /* out of a script's reach: nobody takes __gc away */
    lua_setfield(L, metatable, "__metatable");
}

R2_EXPORT int luaopen_r2_temp_credentials(lua_State *L) {
    static const luaL_Reg functions[] = {{"new", tc_new},
                                         {"actions", tc_actions},
                                         {"_is_visible", tc_is_visible},
                                         {"_config_fields", tc_config_fields},
                                         {"_scope_actions", tc_scope_actions},
                                         {"_time", tc_time},
                                         {"_utc", tc_utc},
                                         {"_http_date", tc_http_date},
                                         {"_is_passing", tc_is_passing},
                                         {NULL, NULL}};
    static const r2_borrowing borrowing[] = {
        {"inspect", tc_inspect, inner_inspect},
        {"secret_from_api_token", tc_secret_from_api_token, inner_secret},
        {"_redact", tc_redact, inner_redact},
        {NULL, NULL, NULL}};
    static const luaL_Reg no_functions[] = {{NULL, NULL}};
    static const r2_borrowing call[] = {{"__call", tc_call, inner_call}, {NULL, NULL, NULL}};
    r2_check_lua(L);
    lua_settop(L, 0);
    r2_stay_resident();
    r2_client_open(L);
    r2_credentials_open(L);
    lua_newtable(L); /* 1: the clients' metatable */
    lua_newtable(L); /* 2: the module */
    make_class(L, 1);
    set_functions(L, 2, functions, borrowing);
    r2_push_permissions(L);
    lua_setfield(L, 2, "permission");
    r2_push_kinds(L);
    lua_setfield(L, 2, "_kinds");
    lua_pushliteral(L, R2_VERSION);
    lua_setfield(L, 2, "_VERSION");
    lua_newtable(L);
    set_functions(L, 3, no_functions, call);
    lua_setmetatable(L, 2);
    return 1;
}
