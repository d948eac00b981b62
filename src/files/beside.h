/* Files that will take another's place. */
#ifndef R2_BESIDE_H
#define R2_BESIDE_H

#include <lua.h>

#pragma GCC visibility push(hidden)

int r2_file_create_beside(lua_State *L);

#pragma GCC visibility pop
#endif
