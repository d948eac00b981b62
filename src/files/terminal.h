/* The terminal, for whoever draws on it. */
#ifndef R2_TERMINAL_H
#define R2_TERMINAL_H

#include <lua.h>

#pragma GCC visibility push(hidden)

int r2_terminal_width(lua_State *L);

#pragma GCC visibility pop
#endif
