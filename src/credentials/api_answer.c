/* Answers of Cloudflare's API. One comes from outside: every part of it is
 * tested for type and length before it is used, and texts are cleaned before they are shown. */
#include "api_answer.h"

#include <string.h>

#include "../base/ascii.h"
#include "../base/error.h"
#include "../base/fields.h"
#include "../base/header.h"
#include "../base/json_decode.h"
#include "../base/json_find.h"
#include "../base/jwt.h"
#include "../base/lua_compat.h"
#include "../base/utc.h"
#include "credentials.h"
#include "permissions.h"
#include "redact.h"

enum {
    SHOWN_ERRORS_MAX = 10,
    RAY_HEX = 16,
    RAY_MAX = 24,
    RETRY_AFTER_MAX = 86400 /* seconds; Cloudflare's limit lasts 300 */
};

/* The value of a header, empty when it is not there; transports may keep the names' case. The bytes
 * live as long as the table has them. */
static r2_slice header(lua_State *L, int headers, r2_slice wanted) {
    r2_slice value = {0};
    if (headers == 0) {
        return value;
    }
    lua_pushnil(L);
    while (lua_next(L, headers)) {
        r2_slice name;
        r2_slice text;
        if (r2_get_string(L, -2, &name) && r2_header_is(name, wanted) &&
            r2_get_string(L, -1, &text)) {
            value = text;
        }
        lua_pop(L, 1);
    }
    return value;
}

/* Retry-After in seconds (RFC 9110, 10.2.3), -1 when it is not there; a date is not used. */
static int64_t retry_after(r2_slice text) {
    int64_t seconds = r2_read_decimal(text, INT64_MAX);
    return seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : seconds;
}

/* 16 hex digits, and the data centre's code: 230b030023ae2822-SJC
 * (developers.cloudflare.com/fundamentals/reference/cloudflare-ray-id/). */
static bool is_ray(r2_slice text) {
    if (text.length < RAY_HEX || text.length > RAY_MAX ||
        !r2_is_lower_hex((r2_slice){text.data, RAY_HEX}, RAY_HEX)) {
        return false;
    }
    for (size_t i = RAY_HEX; i < text.length; i++) {
        if (i == RAY_HEX ? text.data[i] != '-' : !r2_is_alphanumeric(text.data[i])) {
            return false;
        }
    }
    return true;
}

/* What there is to say about an answer that brings no credential. */
typedef struct failure {
    r2_kind kind;
    const char *what;
    bool has_code;
    int64_t code;
    /* Of the envelope's first error, cleaned. A copy: the buffer it was cleaned in may move. */
    char text[R2_SHOWN_TEXT_MAX + 16];
    size_t text_length;
    int errors; /* stack index of the list of errors, or 0 */
    bool hint_write_only;
} failure;

static void set_string(lua_State *L, const char *key, r2_slice text) {
    lua_pushlstring(L, text.data, text.length);
    lua_setfield(L, -2, key);
}

static bool get_member(lua_State *L, int table, const char *key, int type) {
    if (lua_type(L, table) == LUA_TTABLE) {
        lua_getfield(L, table, key);
    } else {
        lua_pushnil(L);
    }
    return lua_type(L, -1) == type;
}

/* Reads the item on top of the stack, an entry of the envelope's `errors`, and replaces it with
 * { code, message }. */
static void read_error(lua_State *L, r2_buffer *work, r2_slice secret, bool first, failure *f) {
    int item = lua_gettop(L);
    int64_t code = 0;
    r2_slice text = {0};
    bool has_code =
        get_member(L, item, "code", LUA_TNUMBER) && r2_get_whole(L, -1, 0, 1000000000, &code);
    if (get_member(L, item, "message", LUA_TSTRING)) {
        (void)r2_get_string(L, -1, &text);
    } else if (lua_type(L, item) == LUA_TSTRING) {
        (void)r2_get_string(L, item, &text);
    }
    r2_slice shown = r2_redact(work, text, secret);
    lua_createtable(L, 0, 2);
    if (has_code) {
        r2_push_whole(L, code);
        lua_setfield(L, -2, "code");
    }
    set_string(L, "message", shown);
    if (first) {
        f->has_code = has_code;
        f->code = code;
        f->text_length = shown.length < sizeof f->text ? shown.length : sizeof f->text;
        memcpy(f->text, f->text_length > 0 ? shown.data : "", f->text_length);
    }
    lua_replace(L, item);
    lua_settop(L, item);
}

/* Leaves the list of errors on the stack when the envelope has one. */
static void read_errors(lua_State *L, int envelope, r2_buffer *work, r2_slice secret, failure *f) {
    if (envelope == 0 || !get_member(L, envelope, "errors", LUA_TTABLE)) {
        return;
    }
    int given = lua_gettop(L);
    int count = 0;
    lua_createtable(L, 1, 0);
    for (int i = 1; i <= SHOWN_ERRORS_MAX; i++) {
        lua_rawgeti(L, given, i);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            break;
        }
        read_error(L, work, secret, i == 1, f);
        lua_rawseti(L, given + 1, i);
        count = i;
    }
    f->errors = count > 0 ? given + 1 : 0;
}

static bool is_retryable(int64_t status) {
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/* object-write-only is not in Cloudflare's published list: a refusal that may be about it says so.
 * Not so where the service has named another reason: the token, the parent key, a bucket. */
static bool may_be_about_permission(int64_t status, const failure *f) {
    bool other = status == 401 || status == 404 || status >= 500;
    bool named = f->has_code &&
                 (f->code == 10000 || f->code == 9109 || f->code == 10005 || f->code == 10006);
    return !other && !named;
}

static void describe(r2_error *error, const r2_answer *answer, const failure *f, r2_slice ray) {
    (void)r2_refuse(error, f->kind, NULL, 0, "Cloudflare's API %s (HTTP %d)", f->what,
                    (int)answer->status);
    if (f->has_code) {
        r2_error_add(error, ": %d", (int)f->code);
    }
    if (f->text_length > 0) {
        r2_error_add(error, f->has_code ? " %.*s" : ": %.*s", (int)f->text_length, f->text);
    }
    if (ray.length > 0) {
        r2_error_add(error, " (ray %.*s)", (int)ray.length, ray.data);
    }
    if (f->hint_write_only) {
        r2_error_add(error, "; object-write-only is not among the permissions that Cloudflare "
                            "publishes for its API: with parent_secret_access_key it is signed "
                            "locally, as actions");
    }
}

/* Pushes nil, message, err for what read_answer found. */
static int push_failure(lua_State *L, const r2_answer *answer, const failure *f) {
    r2_error error;
    char ray_id[RAY_MAX];
    r2_slice ray = header(L, answer->headers, R2_SLICE("cf-ray"));
    int64_t seconds = retry_after(header(L, answer->headers, R2_SLICE("retry-after")));
    ray.length = is_ray(ray) ? ray.length : 0;
    memcpy(ray_id, ray.length > 0 ? ray.data : "", ray.length);
    ray.data = ray_id;
    describe(&error, answer, f, ray);
    int results = r2_error_push(L, &error);
    r2_push_whole(L, answer->status);
    lua_setfield(L, -2, "status");
    lua_pushboolean(L, is_retryable(answer->status));
    lua_setfield(L, -2, "retryable");
    if (f->has_code) {
        r2_push_whole(L, f->code);
        lua_setfield(L, -2, "code");
    }
    if (f->errors != 0) {
        lua_pushvalue(L, f->errors);
        lua_setfield(L, -2, "errors");
    }
    if (ray.length > 0) {
        set_string(L, "ray_id", ray);
    }
    if (seconds >= 0) {
        r2_push_whole(L, seconds);
        lua_setfield(L, -2, "retry_after");
    }
    return results;
}

/* A string that may go into a header or a form later: visible ASCII. */
static bool is_filled(r2_slice text) {
    return text.length > 0 && r2_is_visible(text);
}

static bool get_text(lua_State *L, int table, const char *key, r2_slice *text) {
    if (!get_member(L, table, key, LUA_TSTRING)) {
        return false;
    }
    (void)r2_get_string(L, -1, text);
    return is_filled(*text);
}

/* The `exp` of a token's claims, -1 when it has none of the right form. */
static int64_t read_exp(lua_State *L, const r2_jwt *jwt) {
    int64_t end = r2_jwt_expiry(jwt);
    if (end >= 0) {
        return end;
    }
    bool whole = r2_json_decode(L, jwt->payload) &&
                 get_member(L, lua_gettop(L), "exp", LUA_TNUMBER) &&
                 r2_get_whole(L, -1, 0, R2_LAST_SECOND, &end);
    return whole ? end : -1;
}

/* The token's own end, where it can be read, or `otherwise` when that is earlier. */
static int64_t earlier_end(lua_State *L, r2_slice session_token, r2_buffer *work,
                           int64_t otherwise) {
    r2_jwt jwt;
    int64_t end = -1;
    int top = lua_gettop(L);
    r2_buffer_reset(work);
    if (r2_token_open(work, session_token, &jwt) == NULL) {
        end = read_exp(L, &jwt);
    }
    lua_settop(L, top);
    return end >= 0 && end < otherwise ? end : otherwise;
}

/* What an answer brings, not copied. */
typedef struct brought {
    r2_slice access_key_id;
    r2_slice secret_access_key;
    r2_slice session_token;
} brought;

/* The text between a JSON string's quotes. */
static bool unquote(r2_slice json, r2_slice *text) {
    if (json.length < 2 || json.data[0] != '"') {
        return false;
    }
    *text = (r2_slice){json.data + 1, json.length - 2};
    return is_filled(*text);
}

/* Finds the credential in a body as it nearly always is; false is no judgement. */
static bool find_credential(r2_slice body, brought *found) {
    static const r2_slice of_envelope[] = {R2_SLICE_OF("success"), R2_SLICE_OF("result")};
    static const r2_slice of_result[] = {R2_SLICE_OF("accessKeyId"), R2_SLICE_OF("secretAccessKey"),
                                         R2_SLICE_OF("sessionToken")};
    r2_slice envelope[2];
    r2_slice result[3];
    return r2_json_find(body, of_envelope, 2, envelope) &&
           r2_slice_is(envelope[0], R2_SLICE("true")) &&
           r2_json_find(envelope[1], of_result, 3, result) &&
           unquote(result[0], &found->access_key_id) &&
           unquote(result[1], &found->secret_access_key) &&
           unquote(result[2], &found->session_token);
}

/* Gets the credential from a decoded body, which stays on the stack, and returns NULL, or what is
 * wrong with the answer. */
static const char *get_credential(lua_State *L, int envelope, brought *found) {
    if (envelope == 0) {
        return "answered without the JSON object that it promises";
    }
    if (!get_member(L, envelope, "success", LUA_TBOOLEAN) || !lua_toboolean(L, -1)) {
        return "reported a failure, and no credential";
    }
    if (!get_member(L, envelope, "result", LUA_TTABLE)) {
        return "reported success, but no result";
    }
    int result = lua_gettop(L);
    bool complete = get_text(L, result, "accessKeyId", &found->access_key_id) &&
                    get_text(L, result, "secretAccessKey", &found->secret_access_key) &&
                    get_text(L, result, "sessionToken", &found->session_token);
    return complete ? NULL : "reported success, but no complete credential";
}

/* Pushes the credential and returns NULL, or returns what is wrong with it. */
static const char *push_credential(lua_State *L, const brought *found, const r2_answer *answer,
                                   const r2_request *request, r2_buffer *work) {
    if (found->session_token.length > answer->max_token_bytes) {
        return "sent a session token that is longer than max_token_bytes";
    }
    r2_credentials made = {
        .bucket = request->bucket_index,
        .endpoint = answer->endpoint,
        .secret_access_key = found->secret_access_key,
        .session_token = found->session_token,
        .expires_at = earlier_end(L, found->session_token, work, answer->expires_at),
    };
    lua_pushlstring(L, found->access_key_id.data, found->access_key_id.length);
    made.access_key_id = lua_gettop(L);
    r2_credentials_push(L, &made);
    return NULL;
}

int r2_api_push_answer(lua_State *L, const r2_answer *answer, const r2_request *request,
                       r2_buffer *work) {
    failure f = {0};
    luaL_checkstack(L, LUA_MINSTACK, "reading an answer");
    brought found;
    bool success = answer->status >= 200 && answer->status < 300;
    if (success && find_credential(answer->body, &found) &&
        push_credential(L, &found, answer, request, work) == NULL) {
        return 1;
    }
    bool decoded = answer->body.length > 0 && r2_json_decode(L, answer->body);
    int envelope = decoded && lua_type(L, -1) == LUA_TTABLE ? lua_gettop(L) : 0;
    if (success) {
        f.what = get_credential(L, envelope, &found);
        if (f.what == NULL) {
            f.what = push_credential(L, &found, answer, request, work);
        }
        if (f.what == NULL) {
            return 1;
        }
    }
    read_errors(L, envelope, work, answer->api_token, &f);
    if (answer->status == 429) {
        f.kind = R2_RATE_LIMITED;
        f.what = "limits the rate of requests";
    } else if (answer->status >= 400) {
        f.kind = R2_API;
        f.what = f.errors != 0 ? "refused the request" : "failed without a readable reason";
        f.hint_write_only =
            r2_is_write_only(request->permission) && may_be_about_permission(answer->status, &f);
    } else {
        f.kind = R2_BAD_RESPONSE;
        f.what = f.what != NULL ? f.what : "answered with neither a credential nor an error";
    }
    return push_failure(L, answer, &f);
}
