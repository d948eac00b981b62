/* The text is found valid first, so that nothing here can fail but for want of memory. */
#include "json_decode.h"

#include "json_parts.h"
#include "json_valid.h"
#include "lua_compat.h"

/* Up to here each whole number is a double of its own. */
static const double WHOLE_MAX = 9007199254740992;

static void push_string(lua_State *L, r2_slice value) {
    r2_slice inside = r2_json_inside(value);
    if (inside.length == 0 || memchr(inside.data, '\\', inside.length) == NULL) {
        lua_pushlstring(L, inside.length == 0 ? "" : inside.data, inside.length);
        return;
    }
    luaL_Buffer buffer;
    r2_json_string string = r2_json_string_of(value);
    luaL_buffinit(L, &buffer);
    for (int byte = r2_json_next_byte(&string); byte >= 0; byte = r2_json_next_byte(&string)) {
        luaL_addchar(&buffer, (char)byte);
    }
    luaL_pushresult(&buffer);
}

static void push_number(lua_State *L, r2_slice value) {
    double number = r2_json_number(value);
    bool small = number >= -WHOLE_MAX && number <= WHOLE_MAX;
    if (small && (double)(int64_t)number == number) {
        r2_push_whole(L, (int64_t)number);
    } else {
        lua_pushnumber(L, (lua_Number)number);
    }
}

static void push_next(lua_State *L, r2_slice *rest);

static void push_list(lua_State *L, r2_slice *rest) {
    lua_newtable(L);
    for (int i = 1; rest->length > 0 && !r2_json_take(rest, ']'); i++) {
        push_next(L, rest);
        lua_rawseti(L, -2, i);
    }
}

static void push_object(lua_State *L, r2_slice *rest) {
    lua_newtable(L);
    while (rest->length > 0 && !r2_json_take(rest, '}')) {
        push_next(L, rest);
        push_next(L, rest);
        lua_rawset(L, -3);
    }
}

static void push_scalar(lua_State *L, r2_slice value) {
    switch (value.length > 0 ? value.data[0] : 'n') {
    case '"':
        push_string(L, value);
        break;
    case 't':
    case 'f':
        lua_pushboolean(L, value.data[0] == 't');
        break;
    case 'n':
        lua_pushlightuserdata(L, NULL);
        break;
    default:
        push_number(L, value);
    }
}

/* Cuts the next value off and pushes it. */
static void push_next(lua_State *L, r2_slice *rest) {
    r2_slice value = {0};
    if (r2_json_take(rest, '{')) {
        push_object(L, rest);
    } else if (r2_json_take(rest, '[')) {
        push_list(L, rest);
    } else {
        (void)r2_json_next_item(rest, &value);
        push_scalar(L, value);
    }
}

void r2_json_push(lua_State *L, r2_slice text) {
    /* A level has a table and a name on the stack, a string with escapes some pieces. */
    luaL_checkstack(L, 2 * R2_JSON_DEPTH + LUA_MINSTACK, "decoding JSON");
    push_next(L, &text);
}

bool r2_json_decode(lua_State *L, r2_slice text) {
    if (!r2_json_is_valid(text)) {
        return false;
    }
    r2_json_push(L, text);
    return true;
}
