/* Another program in this one's place. */
#ifndef R2_EXEC_H
#define R2_EXEC_H

#include <lua.h>

#pragma GCC visibility push(hidden)

int r2_exec(lua_State *L);

#pragma GCC visibility pop
#endif
