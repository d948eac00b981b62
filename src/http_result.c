/* What comes of an exchange, as tables: an answer with its headers, or an error. The bytes come from
 * outside. */
#include <string.h>

#include "http.h"

enum { SHOWN_TEXT_MAX = 240 };

static r2_slice trimmed(r2_slice text) {
    while (text.length > 0 && strchr(" \t\r\n", text.data[text.length - 1]) != NULL) {
        text.length--;
    }
    while (text.length > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text = (r2_slice){text.data + 1, text.length - 1};
    }
    return text;
}

/* Pushes the name in lower case. */
static void push_name(lua_State *L, r2_slice name) {
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        luaL_addchar(&buffer, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    }
    luaL_pushresult(&buffer);
}

/* Sets one header of the table on top; a second one of the same name is joined to the first. */
static void set_header(lua_State *L, r2_slice name, r2_slice value) {
    push_name(L, name);
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

static void push_headers(lua_State *L, const r2_buffer *lines) {
    const char *at = lines->data;
    const char *end = lines->data + lines->length;
    lua_newtable(L);
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        const char *colon = memchr(at, ':', (size_t)(line_end - at));
        /* The status line, for one, may have a colon but is no header. */
        if (colon != NULL && r2_http_is_token((r2_slice){at, (size_t)(colon - at)})) {
            set_header(L, (r2_slice){at, (size_t)(colon - at)},
                       trimmed((r2_slice){colon + 1, (size_t)(line_end - colon - 1)}));
        }
        at = line_end < end ? line_end + 1 : end;
    }
}

void r2_http_push_response(lua_State *L, const r2_transfer *t, bool consumes) {
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
    lua_pushstring(L, t->http_version == CURL_HTTP_VERSION_2_0   ? "2"
                      : t->http_version == CURL_HTTP_VERSION_1_0 ? "1.0"
                                                                 : "1.1");
    lua_setfield(L, -2, "http_version");
}

void r2_http_push_failure(lua_State *L, int table, const char *kind, const char *text,
                          bool retryable) {
    r2_error error = {.kind = kind};
    (void)r2_refuse(&error, NULL, 0, "HTTP: %.*s", SHOWN_TEXT_MAX, text);
    lua_rawgeti(L, table, R2_OF_REASON);
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) <= SHOWN_TEXT_MAX) {
        r2_error_add(&error, " by its own function: %s", lua_tostring(L, -1));
    }
    for (char *c = error.message; *c != '\0'; c++) {
        *c = (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c;
    }
    (void)r2_error_push(L, &error);
    lua_pushboolean(L, retryable);
    lua_setfield(L, -2, "retryable");
}
