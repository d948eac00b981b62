/* Classes of userdata. */
#ifndef R2_CLASS_H
#define R2_CLASS_H

#include <lauxlib.h>
#include <lua.h>

#pragma GCC visibility push(hidden)

/* Makes the class of that name, of which luaL_checkudata knows its objects. Its metatable is out of
 * a script's reach: a finalizer that is taken away, or called by hand on what is in use, would be a
 * use of freed memory. `collect` accepts an object that is all zero, and one it has seen before;
 * NULL where there is nothing to give back. */
void r2_make_class(lua_State *L, const char *name, lua_CFunction collect, const luaL_Reg *methods);

#pragma GCC visibility pop
#endif
