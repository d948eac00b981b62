/* The time: a `now` that a caller may give in place of the machine's clock, and a time as people
 * read it. */
#ifndef R2_CLOCK_H
#define R2_CLOCK_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#pragma GCC visibility push(hidden)

/* The last second of the year 9999, in Unix seconds: no time is later. */
#define R2_LAST_SECOND INT64_C(253402300799)

enum { R2_UTC_SIZE = sizeof "YYYY-MM-DDThh:mm:ssZ" };

/* The optional `now` at a stack index, floored; the machine's clock when there is none. */
bool r2_get_now(lua_State *L, int index, int64_t *now, r2_error *error);

/* ISO 8601, "2026-01-02T03:04:05Z"; "?" for a time before 1970 or after 9999. */
void r2_format_utc(char text[R2_UTC_SIZE], int64_t seconds);

#pragma GCC visibility pop
#endif
