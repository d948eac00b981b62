/* A metatable that no script sees. */
#include "class.h"

#include "lua_compat.h"

void r2_make_class(lua_State *L, const char *name, lua_CFunction collect, const luaL_Reg *methods) {
    (void)luaL_newmetatable(L, name);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    if (collect != NULL) {
        lua_pushcfunction(L, collect);
        lua_setfield(L, -2, "__gc");
    }
    lua_newtable(L);
    r2_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
