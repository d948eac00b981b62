/* What a program hands in: the options of an http object, and requests. They are read raw, once,
 * and every part is checked before libcurl hears of it. */
#include "http_request.h"

#include <stdlib.h>
#include <string.h>

#include "../base/fields.h"
#include "../base/header.h"
#include "../base/lua_compat.h"
#include "../base/text.h"
#include "../base/url.h"
#include "hooks.h"
#include "seconds.h"
#include "transfer.h"

static const int64_t BYTES_MAX = (int64_t)1 << 40; /* what a bound may be at most */

enum option { CA_FILE = R2_OPTION_CA_FILE, TIMEOUT, CONNECT_TIMEOUT, MAX_HEADER, MAX_BODY };
static const r2_slice option_names[R2_HTTP_OPTIONS] = {
    [CA_FILE] = R2_SLICE_OF("ca_file"),
    [TIMEOUT] = R2_SLICE_OF("timeout_seconds"),
    [CONNECT_TIMEOUT] = R2_SLICE_OF("connect_timeout_seconds"),
    [MAX_HEADER] = R2_SLICE_OF("max_header_bytes"),
    [MAX_BODY] = R2_SLICE_OF("max_body_bytes"),
};
static const r2_names options_known = {"options", option_names, R2_HTTP_OPTIONS, R2_INVALID_CONFIG};

/* Reads a time in seconds, when there is one. */
static bool read_seconds(const r2_reader *r, int field, double *seconds) {
    int index = r->base + field;
    if (!r2_field_is_set(r, field)) {
        return true;
    }
    double given = lua_type(r->L, index) == LUA_TNUMBER ? (double)lua_tonumber(r->L, index) : -1;
    if (!(given > 0 && given <= R2_HTTP_SECONDS_MAX)) {
        return r2_field_refuse(r, field, "must be a number of seconds above 0, at most 604800");
    }
    *seconds = given;
    return true;
}

static bool read_bytes(const r2_reader *r, int field, int64_t *bytes) {
    return !r2_field_is_set(r, field) || r2_get_whole(r->L, r->base + field, 1, BYTES_MAX, bytes) ||
           r2_field_refuse(r, field, "must be a whole number of bytes from 1 to 2^40");
}

static bool read_path(const r2_reader *r, int field) {
    r2_slice path;
    bool good =
        !r2_field_is_set(r, field) || (r2_field_string(r, field, &path) && path.length > 0 &&
                                       memchr(path.data, '\0', path.length) == NULL);
    return good || r2_field_refuse(r, field, "must be the path of a file with certificates (PEM)");
}

bool r2_http_read_options(lua_State *L, int table, r2_http *h, r2_error *error) {
    r2_reader r = {L, lua_gettop(L) + 1, &options_known, error};
    return r2_spread(L, table, &options_known, NULL, error) && read_path(&r, CA_FILE) &&
           read_seconds(&r, TIMEOUT, &h->timeout) &&
           read_seconds(&r, CONNECT_TIMEOUT, &h->connect_timeout) &&
           read_bytes(&r, MAX_HEADER, &h->max_header_bytes) &&
           read_bytes(&r, MAX_BODY, &h->max_body_bytes);
}

enum field {
    METHOD = R2_FIELD_METHOD,
    URL = R2_FIELD_URL,
    HEADERS = R2_FIELD_HEADERS,
    BODY = R2_FIELD_BODY,
    OUTPUT = R2_FIELD_OUTPUT,
    PROGRESS = R2_FIELD_PROGRESS,
    CONTENT_LENGTH,
    COMPRESSED,
    ONCE,
    HTTP1,
    TIMEOUT_SECONDS,
    SILENCE_SECONDS
};
static const r2_slice field_names[R2_HTTP_FIELDS] = {
    [METHOD] = R2_SLICE_OF("method"),
    [URL] = R2_SLICE_OF("url"),
    [HEADERS] = R2_SLICE_OF("headers"),
    [BODY] = R2_SLICE_OF("body"),
    [CONTENT_LENGTH] = R2_SLICE_OF("content_length"),
    [OUTPUT] = R2_SLICE_OF("output"),
    [PROGRESS] = R2_SLICE_OF("progress"),
    [COMPRESSED] = R2_SLICE_OF("compressed"),
    [ONCE] = R2_SLICE_OF("once"),
    [HTTP1] = R2_SLICE_OF("http1"),
    [TIMEOUT_SECONDS] = R2_SLICE_OF("timeout_seconds"),
    [SILENCE_SECONDS] = R2_SLICE_OF("silence_seconds"),
};
static const r2_names request_known = {"request", field_names, R2_HTTP_FIELDS, R2_INVALID_REQUEST};

/* Headers that libcurl makes from the rest of the request, which a second one could contradict, and
 * those of one connection (RFC 9110, 7.6.1), which are libcurl's affair too. */
#define MADE_HERE(X)                                                                               \
    X("host")                                                                                      \
    X("content-length")                                                                            \
    X("transfer-encoding")                                                                         \
    X("expect")                                                                                    \
    X("connection")                                                                                \
    X("keep-alive")                                                                                \
    X("proxy-connection") X("proxy-authorization") X("te") X("trailer") X("upgrade")
#define AS_SLICE(name) R2_SLICE_OF(name),
#define AS_WORD(name) " " name

static bool is_made_here(r2_slice name) {
    static const r2_slice made[] = {MADE_HERE(AS_SLICE)};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        if (r2_header_is(name, made[i])) {
            return true;
        }
    }
    return false;
}

static bool read_header(const r2_reader *r, r2_job *j, r2_slice name, r2_slice value) {
    if (!r2_is_token(name) || is_made_here(name)) {
        return r2_field_refuse(r, HEADERS,
                               "must have names of RFC 9110's token characters, and none "
                               "of:" MADE_HERE(AS_WORD));
    }
    if (!r2_is_header_value(value, true)) {
        return r2_field_refuse(r, HEADERS,
                               "must have strings without CR, LF, NUL or other control characters");
    }
    j->has_content_type = j->has_content_type || r2_header_is(name, R2_SLICE("content-type"));
    if (!r2_transfer_add_header(&j->transfer, name, value)) {
        luaL_error(r->L, "not enough memory");
    }
    return true;
}

static bool read_headers(const r2_reader *r, r2_job *j) {
    lua_State *L = r->L;
    int table = r->base + HEADERS;
    if (!r2_field_is_set(r, HEADERS)) {
        return true;
    }
    if (!lua_istable(L, table)) {
        return r2_field_refuse(r, HEADERS, "must be a table of strings");
    }
    if (!r2_check_plain(L, table, R2_INVALID_REQUEST, "headers", r->error)) {
        return false;
    }
    lua_pushnil(L);
    while (lua_next(L, table)) {
        r2_slice name;
        r2_slice value;
        if (!r2_get_string(L, -2, &name) || !r2_get_string(L, -1, &value)) {
            return r2_field_refuse(r, HEADERS, "must be a table of strings");
        }
        if (!read_header(r, j, name, value)) {
            return false;
        }
        lua_pop(L, 1);
    }
    return true;
}

/* A body or an output: a function, or an object with a method like a Lua file's. */
static bool is_callee(const r2_reader *r, int field) {
    int index = r->base + field;
    return lua_isfunction(r->L, index) || lua_isuserdata(r->L, index) || lua_istable(r->L, index);
}

/* What usually has a body says that it has none: S3 wants a length (RFC 9110, 8.6). */
static bool usually_has_body(const char *method) {
    return strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0 ||
           strcmp(method, "PATCH") == 0;
}

static bool read_body(const r2_reader *r, r2_job *j) {
    r2_ask *ask = &j->transfer.ask;
    ask->body_length = -1;
    if (r2_field_is_set(r, CONTENT_LENGTH) &&
        !r2_get_whole(r->L, r->base + CONTENT_LENGTH, 0, INT64_MAX / 2048, &ask->body_length)) {
        return r2_field_refuse(r, CONTENT_LENGTH, "must be a whole number of bytes");
    }
    if (!r2_field_is_set(r, BODY)) {
        ask->has_body = usually_has_body(ask->method);
        ask->body = R2_SLICE("");
        return true;
    }
    if (strcmp(ask->method, "HEAD") == 0) {
        return r2_field_refuse(r, BODY, "must not be given with HEAD");
    }
    ask->has_body = true;
    if (r2_field_string(r, BODY, &ask->body)) {
        bool right = ask->body_length < 0 || (uint64_t)ask->body_length == ask->body.length;
        return right || r2_field_refuse(r, CONTENT_LENGTH, "must be the length of the body");
    }
    j->hooks.produce = r2_http_produce;
    return is_callee(r, BODY) ||
           r2_field_refuse(r, BODY, "must be a string, a function or an open file");
}

static bool read_hooks(const r2_reader *r, r2_job *j) {
    if (r2_field_is_set(r, OUTPUT)) {
        j->hooks.consume = r2_http_consume;
        if (!is_callee(r, OUTPUT)) {
            return r2_field_refuse(r, OUTPUT, "must be a function or an open file");
        }
    }
    if (r2_field_is_set(r, PROGRESS)) {
        j->hooks.progress = r2_http_progress;
        if (!lua_isfunction(r->L, r->base + PROGRESS)) {
            return r2_field_refuse(r, PROGRESS, "must be a function");
        }
    }
    return true;
}

static bool read_target(const r2_reader *r, r2_ask *ask) {
    r2_slice method;
    r2_slice url = {0};
    if (!r2_field_string(r, METHOD, &method) || !r2_is_token(method)) {
        return r2_field_require(r, METHOD, "must be a method, such as GET");
    }
    if (!r2_field_string(r, URL, &url)) {
        return r2_field_require(r, URL, "must be a string: an https:// URL");
    }
    const char *wrong = r2_url_check_target(url, &ask->loopback);
    ask->method = method.data;
    ask->url = url.data;
    return wrong == NULL || r2_field_refuse(r, URL, wrong);
}

static bool read_boolean(const r2_reader *r, int field, bool *given) {
    int index = r->base + field;
    if (r2_field_is_set(r, field) && !lua_isboolean(r->L, index)) {
        return r2_field_refuse(r, field, "must be true or false");
    }
    *given = lua_toboolean(r->L, index);
    return true;
}

static bool read_limits(const r2_reader *r, const r2_http *h, r2_ask *ask) {
    double timeout = h->timeout;
    double silence = 0;
    if (!read_seconds(r, TIMEOUT_SECONDS, &timeout) ||
        !read_seconds(r, SILENCE_SECONDS, &silence) ||
        !read_boolean(r, COMPRESSED, &ask->compressed) || !read_boolean(r, ONCE, &ask->once) ||
        !read_boolean(r, HTTP1, &ask->http1)) {
        return false;
    }
    ask->silence = silence > 0 ? r2_rounded_up(silence, 1) : 0;
    ask->timeout_ms = r2_rounded_up(timeout, 1000);
    ask->connect_timeout_ms = r2_rounded_up(h->connect_timeout, 1000);
    ask->max_header_bytes = (size_t)h->max_header_bytes;
    ask->max_body_bytes = (size_t)h->max_body_bytes;
    return true;
}

bool r2_http_read_request(lua_State *L, int table, const r2_http *h, r2_job *j, r2_error *error) {
    r2_reader r = {L, lua_gettop(L) + 1, &request_known, error};
    return r2_spread(L, table, &request_known, NULL, error) && read_target(&r, &j->transfer.ask) &&
           read_body(&r, j) && read_hooks(&r, j) && read_limits(&r, h, &j->transfer.ask) &&
           read_headers(&r, j);
}
