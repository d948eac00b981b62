/* What the system tells of an open file. */
#ifndef R2_STATUS_H
#define R2_STATUS_H

#include <lua.h>

#pragma GCC visibility push(hidden)

int r2_file_status(lua_State *L);

#pragma GCC visibility pop
#endif
