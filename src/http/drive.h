/* What makes libcurl go on: rounds, in each of which every socket that is ready is seen to once. */
#ifndef R2_HTTP_DRIVE_H
#define R2_HTTP_DRIVE_H

#include <lua.h>
#include <stdbool.h>

#include "state.h"

#pragma GCC visibility push(hidden)

/* Lets libcurl tell which sockets it wants watched; false when it cannot be told to. */
bool r2_http_watch(r2_http *h);

/* Lets libcurl go on, at least once, until the exchange is done or the time is over. The http
 * object is at stack index `index`. Where there is no time to wait, a new round is begun only by an
 * exchange that has had its turn in this one. */
void r2_http_work(lua_State *L, r2_exchange *x, r2_http *h, int index, double until);

/* A round for all exchanges, which waits until something happens, so many seconds at most. The http
 * object is at stack index 1. How many exchanges are under way then. */
int r2_http_go_round(lua_State *L, r2_http *h, double seconds);

/* Seconds on a clock that only goes forward. */
double r2_http_monotonic(void);

#pragma GCC visibility pop
#endif
