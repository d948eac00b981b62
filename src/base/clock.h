/* The time that a caller may give in place of the machine's clock. */
#ifndef R2_CLOCK_H
#define R2_CLOCK_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#pragma GCC visibility push(hidden)

/* The optional `now` at a stack index, floored; the machine's clock when there is none. */
bool r2_get_now(lua_State *L, int index, int64_t *now, r2_error *error);

#pragma GCC visibility pop
#endif
