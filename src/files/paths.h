/* What is done to a path. */
#ifndef R2_PATHS_H
#define R2_PATHS_H

#include <lua.h>

#pragma GCC visibility push(hidden)

int r2_path_rename(lua_State *L);
int r2_path_remove(lua_State *L);

#pragma GCC visibility pop
#endif
