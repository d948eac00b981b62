/* What comes of an exchange, as tables: an answer with its headers, or an error. The bytes come
 * from outside. */
#include "http_result.h"

#include <string.h>

#include "../base/ascii.h"
#include "../base/buffer.h"
#include "../base/lua_compat.h"
#include "../base/text.h"
#include "state.h"

enum { SHOWN_TEXT_MAX = 240 };

/* The value between a line's colon and its end. What could break a line elsewhere, CR and NUL,
 * becomes a space (RFC 9110, 5.5); blanks around the value are none of it. */
static r2_slice read_value(char *start, char *end) {
    for (char *c = start; c < end; c++) {
        *c = *c == '\r' || *c == '\0' ? ' ' : *c;
    }
    while (start < end && r2_is_blank(*start)) {
        start++;
    }
    while (start < end && r2_is_blank(end[-1])) {
        end--;
    }
    return (r2_slice){start, (size_t)(end - start)};
}

/* Adds one header to the table on top. The values of a name that comes again are a list for now:
 * to join them one by one would copy the first ones each time. */
static void add_header(lua_State *L, r2_slice name, r2_slice value, bool *has_lists) {
    int table = lua_gettop(L);
    lua_pushlstring(L, name.data, name.length);
    lua_pushvalue(L, -1);
    lua_rawget(L, table);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, value.data, value.length);
        lua_rawset(L, table);
        return;
    }
    if (!lua_istable(L, -1)) {
        *has_lists = true;
        lua_createtable(L, 2, 0);
        lua_insert(L, -2);
        lua_rawseti(L, -2, 1);
        lua_pushvalue(L, table + 1);
        lua_pushvalue(L, -2);
        lua_rawset(L, table);
    }
    lua_pushlstring(L, value.data, value.length);
    lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
    lua_settop(L, table);
}

/* Pushes the strings of a list, joined (RFC 9110, 5.3). */
static void push_joined(lua_State *L, int list) {
    luaL_Buffer joined;
    int count = (int)lua_rawlen(L, list);
    luaL_buffinit(L, &joined);
    for (int i = 1; i <= count; i++) {
        luaL_addlstring(&joined, ", ", i > 1 ? 2 : 0);
        lua_rawgeti(L, list, i);
        luaL_addvalue(&joined);
    }
    luaL_pushresult(&joined);
}

/* Makes the lists in the table on top strings. */
static void join_lists(lua_State *L) {
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (lua_istable(L, -1)) {
            lua_pushvalue(L, -2);
            push_joined(L, lua_gettop(L) - 1);
            lua_rawset(L, table); /* a name that is there: the traversal goes on */
        }
        lua_pop(L, 1);
    }
}

/* Puts the name at `at` into lower case where it stands. Returns its end, a colon; NULL when the
 * line is no header: the status line, for one, may have a colon too. */
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
    bool has_lists = false;
    lua_createtable(L, 0, 8);
    while (at < end) {
        char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        char *colon = read_name(at, line_end);
        if (colon != NULL) {
            r2_slice name = {at, (size_t)(colon - at)};
            add_header(L, name, read_value(colon + 1, line_end), &has_lists);
        }
        at = line_end < end ? line_end + 1 : end;
    }
    if (has_lists) {
        join_lists(L);
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
