/* Files opened, each way with its own care. */
#ifndef R2_OPENING_H
#define R2_OPENING_H

#include <lua.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

int r2_file_open(lua_State *L);

/* The permissions at that index, "600" where there is nothing; raises when it is something else. */
mode_t r2_file_permissions(lua_State *L, int index);

#pragma GCC visibility pop
#endif
