/* Lua 5.1, LuaJIT, 5.2, 5.3 and 5.4 behind one set of names. The object for 5.1 serves LuaJIT too,
 * and LuaJIT's own headers do as well: they have luaL_setfuncs, which 5.1's have not.
 * Everything is static: nothing of this leaves the file that includes it. */
#ifndef R2_LUA_COMPAT_H
#define R2_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>

#if LUA_VERSION_NUM < 501 || LUA_VERSION_NUM > 504
#error "Lua 5.1 to 5.4 (or LuaJIT 2.1) is needed"
#endif

/* Times are whole seconds: a float of 32 bits would round them to 128. */
_Static_assert(sizeof(lua_Number) >= 8, "a Lua whose numbers have 64 bits is needed");
#if LUA_VERSION_NUM >= 503
_Static_assert(sizeof(lua_Integer) >= 8, "a Lua whose integers have 64 bits is needed");
#endif

#if defined(__GNUC__)
#define R2_EXPORT __attribute__((visibility("default")))
#define R2_UNUSED __attribute__((unused))
#else
#define R2_EXPORT
#define R2_UNUSED
#endif

#if LUA_VERSION_NUM == 501
#define lua_rawlen lua_objlen
/* A userdata's environment is what later Luas call its user value; it is always a table here. */
#define lua_getuservalue lua_getfenv
#define lua_setuservalue lua_setfenv

R2_UNUSED static void r2_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues) {
    for (; functions->name != NULL; functions++) {
        for (int i = 0; i < upvalues; i++) {
            lua_pushvalue(L, -upvalues);
        }
        lua_pushcclosure(L, functions->func, upvalues);
        lua_setfield(L, -(upvalues + 2), functions->name);
    }
    lua_pop(L, upvalues);
}
#else
#define r2_setfuncs luaL_setfuncs
#endif

/* Refuses to be loaded by a Lua that is not the one of the headers: of another version, or with
 * other numbers. */
R2_UNUSED static void r2_check_lua(lua_State *L) {
#if LUA_VERSION_NUM >= 502
    luaL_checkversion(L);
#else
    (void)L;
#endif
}

/* A whole number, an integer where Lua has integers. lua_Integer has 32 bits in a 32-bit Lua 5.1
 * or 5.2, where a time after 2038 would not fit; a number holds it exactly. */
R2_UNUSED static void r2_push_whole(lua_State *L, int64_t whole) {
#if LUA_VERSION_NUM >= 503
    lua_pushinteger(L, (lua_Integer)whole);
#else
    lua_pushnumber(L, (lua_Number)whole);
#endif
}

#endif
