/* The class of exchanges. */
#ifndef R2_HTTP_EXCHANGE_H
#define R2_HTTP_EXCHANGE_H

#include <lauxlib.h>

#include "state.h"

#pragma GCC visibility push(hidden)

/* Begins the exchange that the table at index 2 asks for; the http object is at index 1. Leaves the
 * exchange at index 3 and returns 0, or pushes nil, message, err and returns 3. */
int r2_http_begin(lua_State *L);

/* Pushes what is known of the exchange at `index`, whose table is at `table`: false while it is
 * under way. Returns how many values. */
int r2_http_push_outcome(lua_State *L, r2_exchange *x, int index, int table);

extern const luaL_Reg r2_http_exchange_methods[];
int r2_http_exchange_gc(lua_State *L);

#pragma GCC visibility pop
#endif
