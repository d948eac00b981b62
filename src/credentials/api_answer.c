/* Answers of Cloudflare's API. One comes from outside: every part of it is tested for type and
 * length before it is used, and texts are cleaned before they are shown. */
#include "api_answer.h"

#include <string.h>

#include "../base/ascii.h"
#include "../base/error.h"
#include "../base/fields.h"
#include "../base/header.h"
#include "../base/http_date.h"
#include "../base/json_decode.h"
#include "../base/json_parts.h"
#include "../base/json_valid.h"
#include "../base/jwt.h"
#include "../base/lua_compat.h"
#include "api_match.h"
#include "credentials.h"
#include "payload.h"
#include "permissions.h"
#include "redact.h"

enum {
    SHOWN_ERRORS_MAX = 10,
    RAY_HEX = 16,
    RAY_MAX = 24,
    RETRY_AFTER_MAX = 86400, /* seconds; Cloudflare's limit lasts 300 */
    FIRST_STATUS = 100,      /* RFC 9110, section 15 */
    LAST_STATUS = 599
};

/* ---- headers ---- */

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

/* Retry-After (RFC 9110, 10.2.3) in seconds from when the answer was made, by its own clock where
 * it tells it; -1 when there is none. */
static int64_t retry_after(lua_State *L, const r2_answer *answer) {
    r2_slice text = header(L, answer->headers, R2_SLICE("retry-after"));
    int64_t seconds = r2_read_decimal(text, INT64_MAX);
    int64_t then = seconds < 0 ? r2_read_http_date(text, answer->started_at) : -1;
    if (then < 0) {
        return seconds;
    }
    int64_t made = r2_read_http_date(header(L, answer->headers, R2_SLICE("date")), then);
    seconds = then - (made < 0 ? answer->started_at : made);
    return seconds < 0 ? 0 : seconds;
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

/* ---- the body ---- */

/* The members that are looked for, as JSON; empty = not there. An error of Cloudflare's edge is no
 * envelope, but an object of its own (RFC 9457). */
typedef struct envelope {
    r2_slice success;
    r2_slice result;
    r2_slice errors;
    r2_slice error_code; /* of the edge, as all that follows */
    r2_slice title;
    r2_slice detail;
    r2_slice retry_after;
    r2_slice retryable;
} envelope;

/* False when the body is no JSON object. */
static bool read_envelope(r2_slice body, envelope *e) {
    static const r2_slice names[] = {R2_SLICE_OF("success"),     R2_SLICE_OF("result"),
                                     R2_SLICE_OF("errors"),      R2_SLICE_OF("error_code"),
                                     R2_SLICE_OF("title"),       R2_SLICE_OF("detail"),
                                     R2_SLICE_OF("retry_after"), R2_SLICE_OF("retryable")};
    r2_slice found[sizeof names / sizeof names[0]] = {{0}};
    bool object = r2_json_is_valid(body) && r2_json_begins(r2_json_trim(body), '{');
    if (object) {
        r2_json_find(r2_json_trim(body), names, sizeof names / sizeof names[0], found);
    }
    *e = (envelope){found[0], found[1], found[2], found[3], found[4], found[5], found[6], found[7]};
    return object;
}

/* Pushes the value of a JSON string, or an empty one. */
static r2_slice push_text(lua_State *L, r2_slice value) {
    r2_slice text;
    if (!r2_json_begins(value, '"') || !r2_json_decode(L, value)) {
        lua_pushliteral(L, "");
    }
    (void)r2_get_string(L, -1, &text);
    return text;
}

/* ---- no credential ---- */

/* What there is to say about an answer that brings none. */
typedef struct failure {
    r2_kind kind;
    const char *what;
    bool by_edge;
    bool retryable;
    int64_t retry_after; /* seconds; -1 = nothing is said of it */
    int64_t code;        /* of the first error; -1 = it has none */
    /* Of the first error, cleaned. A copy: the buffer it was cleaned in may move. */
    char text[R2_SHOWN_TEXT_MAX + 16];
    size_t text_length;
    int errors; /* stack index of the list of errors, or 0 */
    bool hint_write_only;
} failure;

static void set_string(lua_State *L, const char *key, r2_slice text) {
    lua_pushlstring(L, text.data, text.length);
    lua_setfield(L, -2, key);
}

/* Makes an error of a code and of the text on top of the stack, which it replaces with
 * { code, message }. */
static void make_error(lua_State *L, const r2_answer *answer, r2_buffer *work, r2_slice code,
                       bool first, failure *f) {
    enum { CODE_MAX = 1000000000 };
    r2_slice text;
    int64_t number = r2_json_whole(code, CODE_MAX);
    (void)r2_get_string(L, -1, &text);
    r2_slice shown = r2_redact(work, text, answer->api_token);
    lua_createtable(L, 0, 2);
    if (number >= 0) {
        r2_push_whole(L, number);
        lua_setfield(L, -2, "code");
    }
    set_string(L, "message", shown);
    if (first) {
        f->code = number;
        f->text_length = shown.length < sizeof f->text ? shown.length : sizeof f->text;
        memcpy(f->text, shown.data, f->text_length);
    }
    lua_replace(L, -2);
}

/* An entry of the envelope's `errors`: { code, message }, or a text alone. */
static void push_error(lua_State *L, const r2_answer *answer, r2_buffer *work, r2_slice entry,
                       bool first, failure *f) {
    static const r2_slice names[] = {R2_SLICE_OF("code"), R2_SLICE_OF("message")};
    r2_slice found[2];
    r2_json_find(entry, names, 2, found);
    push_text(L, r2_json_begins(entry, '"') ? entry : found[1]);
    make_error(L, answer, work, found[0], first, f);
}

/* Title and detail of an error of the edge, as one text. */
static void push_edge_error(lua_State *L, const r2_answer *answer, r2_buffer *work,
                            const envelope *e, failure *f) {
    size_t title = push_text(L, e->title).length;
    lua_pushstring(L, title > 0 && r2_json_begins(e->detail, '"') ? ": " : "");
    push_text(L, e->detail);
    lua_concat(L, 3);
    make_error(L, answer, work, e->error_code, true, f);
    f->by_edge = true;
}

/* Pushes the list of errors when there are any. */
static void push_errors(lua_State *L, const r2_answer *answer, r2_buffer *work, const envelope *e,
                        failure *f) {
    bool edge =
        !r2_json_begins(e->errors, '[') && (e->error_code.length > 0 || e->title.length > 0);
    r2_slice inside = r2_json_begins(e->errors, '[') ? r2_json_inside(e->errors) : (r2_slice){0};
    r2_slice entry;
    int count = 0;
    lua_createtable(L, 1, 0);
    if (edge) {
        push_edge_error(L, answer, work, e, f);
        lua_rawseti(L, -2, ++count);
    }
    while (count < SHOWN_ERRORS_MAX && r2_json_next_item(&inside, &entry)) {
        push_error(L, answer, work, entry, count == 0, f);
        lua_rawseti(L, -2, ++count);
    }
    f->errors = count > 0 ? lua_gettop(L) : 0;
}

bool r2_is_passing(int64_t status) {
    return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504) ||
           (status >= 520 && status <= 527) || status == 530;
}

/* Whether and when to ask again. The edge says so in its body too, where Retry-After may be 0. */
static void read_retry(lua_State *L, const r2_answer *answer, const envelope *e, failure *f) {
    int64_t in_header = retry_after(L, answer);
    int64_t in_body = r2_json_whole(e->retry_after, RETRY_AFTER_MAX);
    f->retry_after = in_body > in_header ? in_body : in_header;
    f->retry_after = f->retry_after > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : f->retry_after;
    f->retryable = r2_is_passing(answer->status);
    if (answer->status >= 400 && e->retryable.length > 0) {
        f->retryable = r2_slice_is(e->retryable, R2_SLICE("true"));
    }
}

/* object-write-only is not in Cloudflare's published list: a refusal that may be about it says so.
 * Not so where somebody has named another reason: the token, the parent key, a bucket. */
static bool may_be_about_permission(int64_t status, const failure *f) {
    bool other = status == 401 || status == 404 || status >= 500 || f->by_edge;
    bool named = f->code == 10000 || f->code == 9109 || f->code == 10005 || f->code == 10006;
    return !other && !named;
}

static void classify(const r2_answer *answer, const r2_request *request, failure *f) {
    if (answer->status < FIRST_STATUS || answer->status > LAST_STATUS) {
        f->kind = R2_BAD_RESPONSE;
        f->what = "answered with a status that HTTP does not have";
    } else if (answer->status == 429) {
        f->kind = R2_RATE_LIMITED;
        f->what = "limits the rate of requests";
    } else if (answer->status >= 400) {
        f->kind = R2_API;
        f->what = f->errors != 0 ? "refused the request" : "failed without a readable reason";
        f->hint_write_only =
            r2_is_write_only(request->permission) && may_be_about_permission(answer->status, f);
    } else {
        f->kind = R2_BAD_RESPONSE;
        f->what = f->what != NULL ? f->what : "answered with neither a credential nor an error";
    }
}

static void describe(r2_error *error, const r2_answer *answer, const failure *f, r2_slice ray) {
    (void)r2_refuse(error, f->kind, NULL, 0, "Cloudflare's API %s (HTTP %d)", f->what,
                    (int)answer->status);
    if (f->code >= 0) {
        r2_error_add(error, ": %d", (int)f->code);
    }
    if (f->text_length > 0) {
        r2_error_add(error, f->code >= 0 ? " %.*s" : ": %.*s", (int)f->text_length, f->text);
    }
    if (ray.length > 0) {
        r2_error_add(error, " (ray %.*s)", (int)ray.length, ray.data);
    }
    if (f->hint_write_only) {
        r2_error_add(error, "; object-write-only is not among the permissions that Cloudflare "
                            "publishes for its API: with the parent's secret it is signed "
                            "locally, as actions");
    }
}

/* Pushes nil, message, err. */
static int push_failure(lua_State *L, const r2_answer *answer, const failure *f) {
    r2_error error;
    char ray_id[RAY_MAX];
    r2_slice ray = header(L, answer->headers, R2_SLICE("cf-ray"));
    ray.length = is_ray(ray) ? ray.length : 0;
    memcpy(ray_id, ray.length > 0 ? ray.data : "", ray.length);
    ray.data = ray_id;
    describe(&error, answer, f, ray);
    int results = r2_error_push(L, &error);
    r2_push_whole(L, answer->status);
    lua_setfield(L, -2, "status");
    lua_pushboolean(L, f->retryable);
    lua_setfield(L, -2, "retryable");
    if (f->code >= 0) {
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
    if (f->retry_after >= 0) {
        r2_push_whole(L, f->retry_after);
        lua_setfield(L, -2, "retry_after");
    }
    return results;
}

/* ---- a credential ---- */

/* What an answer brings, not copied. */
typedef struct brought {
    r2_slice access_key_id;
    r2_slice secret_access_key;
    r2_slice session_token;
    int64_t expires_at;
} brought;

/* The bytes of a JSON string that may go into a header or a form later: visible ASCII. One with
 * escapes is pushed. */
static bool get_text(lua_State *L, r2_slice value, r2_slice *text) {
    if (!r2_json_begins(value, '"')) {
        return false;
    }
    *text = r2_json_inside(value);
    if (memchr(text->data, '\\', text->length) != NULL) {
        *text = push_text(L, value);
    }
    return text->length > 0 && r2_is_visible(*text);
}

/* NULL, or what is wrong with an answer that claims success. */
static const char *find_credential(lua_State *L, bool object, const envelope *e, brought *found) {
    static const r2_slice names[] = {R2_SLICE_OF("accessKeyId"), R2_SLICE_OF("secretAccessKey"),
                                     R2_SLICE_OF("sessionToken")};
    r2_slice result[3];
    if (!object) {
        return "answered without the JSON object that it promises";
    }
    if (!r2_slice_is(e->success, R2_SLICE("true"))) {
        return "reported a failure, and no credential";
    }
    if (!r2_json_begins(e->result, '{')) {
        return "reported success, but no result";
    }
    r2_json_find(e->result, names, 3, result);
    bool complete = get_text(L, result[0], &found->access_key_id) &&
                    get_text(L, result[1], &found->secret_access_key) &&
                    get_text(L, result[2], &found->session_token);
    return complete ? NULL : "reported success, but no complete credential";
}

/* Holds the session token against the request, as far as it can be read: its claims are R2's
 * affair, and it may be opaque one day. NULL, or what is wrong with it. */
static const char *check_token(const r2_answer *answer, const r2_request *request, r2_buffer *work,
                               brought *found) {
    r2_jwt jwt;
    r2_payload payload;
    found->expires_at = answer->started_at + request->ttl_seconds;
    if (found->session_token.length > answer->max_token_bytes) {
        return "sent a session token that is longer than max_token_bytes";
    }
    if (r2_token_open(work, found->session_token, &jwt) != NULL ||
        !r2_payload_read(jwt.payload, &payload)) {
        return NULL;
    }
    int64_t end = r2_jwt_time(payload.expires_at);
    found->expires_at = end >= 0 && end < found->expires_at ? end : found->expires_at;
    return r2_payload_check_grant(&payload) != NULL
               ? "sent a session token with other claims than R2's"
               : r2_api_difference(&payload, request, answer->account_id);
}

static void push_credential(lua_State *L, const brought *found, const r2_answer *answer,
                            const r2_request *request) {
    r2_credentials made = {
        .bucket = request->bucket_index,
        .endpoint = answer->endpoint,
        .secret_access_key = found->secret_access_key,
        .session_token = found->session_token,
        .expires_at = found->expires_at,
    };
    lua_pushlstring(L, found->access_key_id.data, found->access_key_id.length);
    made.access_key_id = lua_gettop(L);
    r2_credentials_push(L, &made);
}

int r2_api_push_answer(lua_State *L, const r2_answer *answer, const r2_request *request,
                       r2_buffer *work) {
    envelope e;
    failure f = {.code = -1};
    luaL_checkstack(L, LUA_MINSTACK, "reading an answer");
    bool object = read_envelope(answer->body, &e);
    if (answer->status >= 200 && answer->status < 300) {
        brought found;
        f.what = find_credential(L, object, &e, &found);
        f.what = f.what != NULL ? f.what : check_token(answer, request, work, &found);
        if (f.what == NULL) {
            push_credential(L, &found, answer, request);
            return 1;
        }
    }
    push_errors(L, answer, work, &e, &f);
    read_retry(L, answer, &e, &f);
    classify(answer, request, &f);
    return push_failure(L, answer, &f);
}
