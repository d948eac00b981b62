/* What a program hands in: the options of an http object, and requests. They are read raw, once, and
 * every part is checked before libcurl hears of it. */
#include "http_request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/fields.h"
#include "../base/lua_compat.h"
#include "../base/text.h"
#include "../base/url.h"
#include "hooks.h"
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
static const r2_names options_known = {"options", option_names, R2_HTTP_OPTIONS};

/* Reads a time in seconds, when there is one. */
static bool read_seconds(lua_State *L, int index, const char *field, double *seconds,
                         r2_error *error) {
    if (lua_isnil(L, index)) {
        return true;
    }
    double given = lua_type(L, index) == LUA_TNUMBER ? (double)lua_tonumber(L, index) : -1;
    if (!(given > 0 && given <= R2_HTTP_SECONDS_MAX)) {
        return r2_refuse(error, field, 0, "must be a number of seconds above 0, at most %d",
                         R2_HTTP_SECONDS_MAX);
    }
    *seconds = given;
    return true;
}

static bool read_bytes(lua_State *L, int index, const char *field, int64_t *bytes,
                       r2_error *error) {
    return lua_isnil(L, index) || r2_get_whole(L, index, 1, BYTES_MAX, bytes) ||
           r2_refuse(error, field, 0, "must be a whole number of bytes from 1 to 2^40");
}

static bool read_path(lua_State *L, int index, const char *field, r2_error *error) {
    r2_slice path;
    bool good = lua_isnil(L, index) || (r2_get_string(L, index, &path) && path.length > 0 &&
                                        memchr(path.data, '\0', path.length) == NULL);
    return good || r2_refuse(error, field, 0, "must be the path of a file with certificates (PEM)");
}

bool r2_http_read_options(lua_State *L, int table, r2_http *h, r2_error *error) {
    int base = lua_gettop(L) + 1;
    error->kind = "invalid_config";
    return r2_spread(L, table, &options_known, NULL, error) &&
           read_path(L, base + CA_FILE, "ca_file", error) &&
           read_seconds(L, base + TIMEOUT, "timeout_seconds", &h->timeout, error) &&
           read_seconds(L, base + CONNECT_TIMEOUT, "connect_timeout_seconds", &h->connect_timeout,
                        error) &&
           read_bytes(L, base + MAX_HEADER, "max_header_bytes", &h->max_header_bytes, error) &&
           read_bytes(L, base + MAX_BODY, "max_body_bytes", &h->max_body_bytes, error);
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
    TIMEOUT_SECONDS
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
    [TIMEOUT_SECONDS] = R2_SLICE_OF("timeout_seconds"),
};
static const r2_names request_known = {"request", field_names, R2_HTTP_FIELDS};

bool r2_http_is_token_character(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-') {
        return true;
    }
    return c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL;
}

static bool is_token(r2_slice text) {
    for (size_t i = 0; i < text.length; i++) {
        if (!r2_http_is_token_character(text.data[i])) {
            return false;
        }
    }
    return text.length > 0;
}

static bool is_header_value(r2_slice text) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Compares names of headers; `wanted` is in lower case. */
static bool is_named(r2_slice name, r2_slice wanted) {
    bool same = name.length == wanted.length;
    for (size_t i = 0; same && i < name.length; i++) {
        same = r2_lower(name.data[i]) == wanted.data[i];
    }
    return same;
}

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
        if (is_named(name, made[i])) {
            return true;
        }
    }
    return false;
}

static bool read_headers(lua_State *L, int table, r2_job *j, r2_error *error) {
    if (lua_isnil(L, table)) {
        return true;
    }
    if (!lua_istable(L, table) || !r2_check_plain(L, table, "headers", NULL, error)) {
        return lua_istable(L, table) ? false
                                     : r2_refuse(error, "headers", 0, "must be a table of strings");
    }
    lua_pushnil(L);
    while (lua_next(L, table)) {
        r2_slice name;
        r2_slice value;
        if (!r2_get_string(L, -2, &name) || !is_token(name) || is_made_here(name)) {
            return r2_refuse(
                error, "headers", 0,
                "must have names of RFC 9110's token characters, and none of:" MADE_HERE(AS_WORD));
        }
        if (!r2_get_string(L, -1, &value) || !is_header_value(value)) {
            return r2_refuse(error, "headers", 0,
                             "must have strings without CR, LF, NUL or other control characters");
        }
        j->has_content_type = j->has_content_type || is_named(name, R2_SLICE("content-type"));
        if (!r2_transfer_add_header(&j->transfer, name, value)) {
            luaL_error(L, "not enough memory");
        }
        lua_pop(L, 1);
    }
    return true;
}

/* A body or an output: a function, or an object with a method like a Lua file's. */
static bool is_callee(lua_State *L, int index) {
    return lua_isfunction(L, index) || lua_isuserdata(L, index) || lua_istable(L, index);
}

static bool read_body(lua_State *L, int base, r2_job *j, r2_error *error) {
    r2_ask *ask = &j->transfer.ask;
    ask->body_length = -1;
    if (!lua_isnil(L, base + CONTENT_LENGTH) &&
        !r2_get_whole(L, base + CONTENT_LENGTH, 0, INT64_MAX / 2048, &ask->body_length)) {
        return r2_refuse(error, "content_length", 0, "must be a whole number of bytes");
    }
    bool head = strcmp(ask->method, "HEAD") == 0;
    if (lua_isnil(L, base + BODY)) {
        /* What usually has a body says that it has none: S3 wants a length (RFC 9110, 8.6). */
        ask->has_body = strcmp(ask->method, "PUT") == 0 || strcmp(ask->method, "POST") == 0 ||
                        strcmp(ask->method, "PATCH") == 0;
        ask->body = R2_SLICE("");
        return true;
    }
    if (head) {
        return r2_refuse(error, "body", 0, "must not be given with HEAD");
    }
    ask->has_body = true;
    if (r2_get_string(L, base + BODY, &ask->body)) {
        bool right = ask->body_length < 0 || (uint64_t)ask->body_length == ask->body.length;
        return right || r2_refuse(error, "content_length", 0, "must be the length of the body");
    }
    j->hooks.produce = r2_http_produce;
    return is_callee(L, base + BODY) ||
           r2_refuse(error, "body", 0, "must be a string, a function or an open file");
}

static bool read_hooks(lua_State *L, int base, r2_job *j, r2_error *error) {
    if (!lua_isnil(L, base + OUTPUT)) {
        j->hooks.consume = r2_http_consume;
        if (!is_callee(L, base + OUTPUT)) {
            return r2_refuse(error, "output", 0, "must be a function or an open file");
        }
    }
    if (!lua_isnil(L, base + PROGRESS)) {
        j->hooks.progress = r2_http_progress;
        if (!lua_isfunction(L, base + PROGRESS)) {
            return r2_refuse(error, "progress", 0, "must be a function");
        }
    }
    return true;
}

static bool read_target(lua_State *L, int base, r2_ask *ask, r2_error *error) {
    r2_slice method;
    r2_slice url = {0};
    if (!r2_get_string(L, base + METHOD, &method) || !is_token(method)) {
        return r2_refuse(error, "method", 0, "is required and must be a method, such as GET");
    }
    bool string = r2_get_string(L, base + URL, &url);
    const char *wrong = string ? r2_url_check_target(url, &ask->loopback)
                               : "is required and must be a string: an https:// URL";
    if (wrong != NULL) {
        return r2_refuse(error, "url", 0, "%s", wrong);
    }
    ask->method = method.data;
    ask->url = url.data;
    return true;
}

static long milliseconds(double seconds) {
    double ms = ceil(seconds * 1000);
    return ms < 1 ? 1 : (long)ms; /* 0 would mean for ever */
}

static bool read_limits(lua_State *L, int base, const r2_http *h, r2_ask *ask, r2_error *error) {
    double timeout = h->timeout;
    if (!read_seconds(L, base + TIMEOUT_SECONDS, "timeout_seconds", &timeout, error)) {
        return false;
    }
    if (!lua_isnil(L, base + COMPRESSED) && !lua_isboolean(L, base + COMPRESSED)) {
        return r2_refuse(error, "compressed", 0, "must be true or false");
    }
    ask->compressed = lua_toboolean(L, base + COMPRESSED);
    ask->timeout_ms = milliseconds(timeout);
    ask->connect_timeout_ms = milliseconds(h->connect_timeout);
    ask->max_header_bytes = (size_t)h->max_header_bytes;
    ask->max_body_bytes = (size_t)h->max_body_bytes;
    return true;
}

bool r2_http_read_request(lua_State *L, int table, const r2_http *h, r2_job *j, r2_error *error) {
    int base = lua_gettop(L) + 1;
    error->kind = "invalid_request";
    return r2_spread(L, table, &request_known, NULL, error) &&
           read_target(L, base, &j->transfer.ask, error) && read_body(L, base, j, error) &&
           read_hooks(L, base, j, error) && read_limits(L, base, h, &j->transfer.ask, error) &&
           read_headers(L, base + HEADERS, j, error);
}
