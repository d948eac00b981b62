/* JSON beside lua-cjson, which takes a little more and a little less: what both take is the same,
 * and what one refuses the other refuses too, but for that. */
#include "../../src/base/json_parts.h"

#include <lauxlib.h>
#include <lualib.h>

#include "../../src/base/json_decode.h"
#include "../../src/base/json_valid.h"
#include "plain.h"

enum { NAMES = 5 };

static const r2_slice names[NAMES] = {R2_SLICE_OF("a"), R2_SLICE_OF("exp"), R2_SLICE_OF("success"),
                                      R2_SLICE_OF("result"), R2_SLICE_OF("")};

/* Returns lua-cjson's decode, with our depth, and whether two values are the same. */
static const char helpers[] = "local cjson = require 'cjson'.new()\n"
                              "cjson.decode_max_depth(32)\n"
                              "cjson.decode_invalid_numbers(false)\n"
                              "local function same(one, other)\n"
                              "    if type(one) ~= 'table' or type(other) ~= 'table' then\n"
                              "        return one == other\n"
                              "    end\n"
                              "    for key, value in pairs(one) do\n"
                              "        if not same(value, other[key]) then return false end\n"
                              "    end\n"
                              "    for key in pairs(other) do\n"
                              "        if one[key] == nil then return false end\n"
                              "    end\n"
                              "    return true\n"
                              "end\n"
                              "return function(text) return pcall(cjson.decode, text) end, same\n";

enum { DECODE = 1, SAME };

/* One for all runs, with the helpers at the bottom of its stack. */
static lua_State *state(void) {
    static lua_State *L;
    if (L == NULL) {
        L = luaL_newstate();
        luaL_openlibs(L);
        HOLDS(luaL_dostring(L, helpers) == 0);
    }
    return L;
}

/* Pushes what lua-cjson makes of the text. */
static bool push_other(lua_State *L, r2_slice text) {
    lua_pushvalue(L, DECODE);
    lua_pushlstring(L, text.length > 0 ? text.data : "", text.length);
    lua_call(L, 1, 2);
    bool taken = lua_toboolean(L, -2);
    lua_remove(L, -2);
    return taken;
}

static bool is_digit_at(r2_slice text, size_t at) {
    return at < text.length && text.data[at] >= '0' && text.data[at] <= '9';
}

/* Whether there may be what lua-cjson takes beyond RFC 8259: control characters in a string, a
 * point without digits at both its sides; or what is behind a NUL. */
static bool may_be_lax(r2_slice text) {
    for (size_t i = 0; i < text.length; i++) {
        bool alone = text.data[i] == '.' && !(is_digit_at(text, i - 1) && is_digit_at(text, i + 1));
        if (alone || (unsigned char)text.data[i] < 0x20) {
            return true;
        }
    }
    return false;
}

/* Whether there may be half of a pair of UTF-16, which lua-cjson does not take. */
static bool may_have_half(r2_slice text) {
    return fuzz_holds_piece(text, R2_SLICE("\\ud")) || fuzz_holds_piece(text, R2_SLICE("\\uD"));
}

/* Whether the value on top of the stack is what was found, which is pushed and popped. */
static bool is_value(lua_State *L, r2_slice found) {
    if (found.length == 0) {
        return lua_isnil(L, -1);
    }
    if (lua_type(L, -1) == LUA_TSTRING) {
        size_t length;
        const char *string = lua_tolstring(L, -1, &length);
        HOLDS(r2_json_is_string(found, (r2_slice){string, length}));
        HOLDS(!r2_json_is_string(found, (r2_slice){string, length + 1}));
        HOLDS(r2_json_same_string(found, found));
    }
    lua_pushvalue(L, SAME);
    lua_pushvalue(L, -2);
    HOLDS(r2_json_decode(L, found));
    lua_call(L, 2, 1);
    bool same = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return same;
}

/* The members of the value on top of the stack are those that are found in its text. */
static void check_members(lua_State *L, r2_slice text) {
    r2_slice values[NAMES];
    r2_slice value = r2_json_trim(text);
    bool object = r2_json_begins(value, '{');
    r2_json_find(value, names, NAMES, values);
    for (size_t i = 0; i < NAMES; i++) {
        if (object) {
            lua_pushlstring(L, names[i].data, names[i].length);
            lua_gettable(L, -2);
        } else {
            lua_pushnil(L);
        }
        HOLDS(is_value(L, values[i]));
        lua_pop(L, 1);
    }
}

static void fuzz(r2_slice input) {
    r2_slice text = fuzz_copy(input);
    lua_State *L = state();
    bool valid = r2_json_is_valid(text);
    bool decoded = r2_json_decode(L, text);
    HOLDS(decoded == valid && lua_gettop(L) == SAME + (decoded ? 1 : 0));
    bool other = push_other(L, text);
    HOLDS(other || !valid || may_have_half(text));
    HOLDS(valid || !other || may_be_lax(text));
    if (valid && other) {
        lua_pushvalue(L, SAME);
        lua_insert(L, -3);
        lua_call(L, 2, 1);
        HOLDS(lua_toboolean(L, -1));
    }
    lua_settop(L, SAME);
    if (valid) {
        HOLDS(r2_json_decode(L, text));
        check_members(L, text);
    }
    lua_settop(L, SAME);
    lua_gc(L, LUA_GCCOLLECT, 0);
}
