/* Times as people read them. Knows no Lua. */
#ifndef R2_UTC_H
#define R2_UTC_H

#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The last second of the year 9999, in Unix seconds: no time is later. */
#define R2_LAST_SECOND INT64_C(253402300799)
#define R2_LAST_SECOND_TEXT "253402300799"

enum { R2_UTC_SIZE = sizeof "YYYY-MM-DDThh:mm:ssZ" };

/* ISO 8601, "2026-01-02T03:04:05Z"; "?" for a time before 1970 or after 9999. */
void r2_format_utc(char text[R2_UTC_SIZE], int64_t seconds);

/* Whether time_t holds it: where that has 32 bits, no date can be made of a time after 2038. */
bool r2_fits_time(int64_t seconds);

#pragma GCC visibility pop
#endif
