/* What comes of an exchange, as tables: an answer with its headers, or an error. The bytes come from
 * outside. */
#include "http_result.h"

#include <string.h>

#include "../base/ascii.h"
#include "../base/buffer.h"
#include "../base/lua_compat.h"
#include "../base/text.h"
#include "state.h"

enum { SHOWN_TEXT_MAX = 240 };

static r2_slice trimmed(const char *start, const char *end) {
    while (start < end && (*start == ' ' || *start == '\t')) {
        start++;
    }
    while (start < end && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) {
        end--;
    }
    return (r2_slice){start, (size_t)(end - start)};
}

/* Sets one header of the table on top; a second one of the same name is joined to the first. */
static void set_header(lua_State *L, r2_slice name, r2_slice value) {
    lua_pushlstring(L, name.data, name.length);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, value.data, value.length);
    } else {
        lua_pushliteral(L, ", ");
        lua_pushlstring(L, value.data, value.length);
        lua_concat(L, 3);
    }
    lua_rawset(L, -3);
}

/* Puts the name at `at` into lower case where it stands. Returns its end, a colon; NULL when the line
 * is no header: the status line, for one, may have a colon too. */
static char *read_name(char *at, const char *line_end) {
    char *start = at;
    while (at < line_end && r2_is_token_character(*at)) {
        *at = r2_lower(*at);
        at++;
    }
    return at > start && at < line_end && *at == ':' ? at : NULL;
}

static void push_headers(lua_State *L, r2_buffer *lines) {
    char *at = lines->data;
    char *end = lines->data + lines->length;
    lua_createtable(L, 0, 8);
    while (at < end) {
        char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        const char *colon = read_name(at, line_end);
        if (colon != NULL) {
            set_header(L, (r2_slice){at, (size_t)(colon - at)}, trimmed(colon + 1, line_end));
        }
        at = line_end < end ? line_end + 1 : end;
    }
}

static const char *version_of(const r2_transfer *t) {
    enum { HTTP_3 = 30 }; /* CURL_HTTP_VERSION_3, of newer libcurls */
    switch (t->http_version) {
    case CURL_HTTP_VERSION_1_0:
        return "1.0";
    case CURL_HTTP_VERSION_2_0:
        return "2";
    case HTTP_3:
        return "3";
    default:
        return "1.1";
    }
}

void r2_http_push_response(lua_State *L, r2_transfer *t, bool consumes) {
    lua_createtable(L, 0, 4);
    r2_push_whole(L, t->status);
    lua_setfield(L, -2, "status");
    push_headers(L, &t->answer_headers);
    lua_setfield(L, -2, "headers");
    bool consumed = consumes && t->status >= 200 && t->status < 300;
    if (!consumed) {
        lua_pushlstring(L, t->answer_body.length > 0 ? t->answer_body.data : "",
                        t->answer_body.length);
        lua_setfield(L, -2, "body");
    }
    lua_pushstring(L, version_of(t));
    lua_setfield(L, -2, "http_version");
}

void r2_http_push_failure(lua_State *L, int table, r2_kind kind, const char *text, bool retryable) {
    r2_error error;
    (void)r2_refuse(&error, kind, NULL, 0, "HTTP: %.*s", SHOWN_TEXT_MAX, text);
    lua_rawgeti(L, table, R2_OF_REASON);
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) <= SHOWN_TEXT_MAX) {
        r2_error_add(&error, " by its own function: %s", lua_tostring(L, -1));
    }
    for (char *c = error.reason; *c != '\0'; c++) {
        *c = (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c;
    }
    (void)r2_error_push(L, &error);
    lua_pushboolean(L, retryable);
    lua_setfield(L, -2, "retryable");
}
