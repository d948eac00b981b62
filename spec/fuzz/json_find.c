/* The two readers of JSON: what the quick one takes lua-cjson takes too, to the same effect. */
#include "../../src/base/json_find.h"

#include <lauxlib.h>
#include <lualib.h>

#include "../../src/base/json_decode.h"
#include "plain.h"

enum { NAMES = 5 };

static const r2_slice names[NAMES] = {R2_SLICE_OF("a"), R2_SLICE_OF("exp"), R2_SLICE_OF("success"),
                                      R2_SLICE_OF("result"), R2_SLICE_OF("")};

/* One for all runs. */
static lua_State *state(void) {
    static lua_State *L;
    if (L == NULL) {
        L = luaL_newstate();
        luaL_openlibs(L);
    }
    return L;
}

static bool is_number(lua_State *L, r2_slice text) {
    char *end;
    const char *string = fuzz_string(text);
    long long number = strtoll(string, &end, 10);
    return *end == '\0' && lua_type(L, -1) == LUA_TNUMBER &&
           lua_tonumber(L, -1) == (lua_Number)number;
}

static bool is_string(lua_State *L, r2_slice text) {
    size_t length;
    return lua_type(L, -1) == LUA_TSTRING && text.data[text.length - 1] == '"' &&
           r2_slice_is((r2_slice){lua_tolstring(L, -1, &length), lua_rawlen(L, -1)},
                       (r2_slice){text.data + 1, text.length - 2}) &&
           length == text.length - 2;
}

/* Whether the value on top of the stack is what the text says; lua-cjson's null is a pointer. */
static bool is_value(lua_State *L, r2_slice text) {
    switch (text.length > 0 ? text.data[0] : '\0') {
    case '\0':
        return lua_isnil(L, -1);
    case '"':
        return is_string(L, text);
    case '{':
    case '[':
        return lua_istable(L, -1);
    case 't':
        return r2_slice_is(text, R2_SLICE("true")) && lua_isboolean(L, -1) && lua_toboolean(L, -1);
    case 'f':
        return r2_slice_is(text, R2_SLICE("false")) && lua_isboolean(L, -1) &&
               !lua_toboolean(L, -1);
    case 'n':
        return r2_slice_is(text, R2_SLICE("null")) && lua_islightuserdata(L, -1);
    default:
        return is_number(L, text);
    }
}

static void check_members(lua_State *L, const r2_slice *values) {
    HOLDS(lua_istable(L, -1));
    for (size_t i = 0; i < NAMES; i++) {
        lua_pushlstring(L, names[i].data, names[i].length);
        lua_gettable(L, -2);
        HOLDS(is_value(L, values[i]));
        lua_pop(L, 1);
    }
}

static void fuzz(r2_slice input) {
    r2_slice text = fuzz_copy(input);
    r2_slice values[NAMES];
    lua_State *L = state();
    bool found = r2_json_find(text, names, NAMES, values);
    bool decoded = r2_json_decode(L, text);
    HOLDS(lua_gettop(L) == (decoded ? 1 : 0));
    HOLDS(decoded || !found);
    if (found) {
        check_members(L, values);
    }
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
}
