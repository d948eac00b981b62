/* Dates in headers (RFC 9110, section 5.6.7), whatever the locale and the time zone. Knows no
 * Lua. */
#ifndef R2_HTTP_DATE_H
#define R2_HTTP_DATE_H

#include <stdint.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* Unix seconds of a date in one of the three forms, from 1970 to 9999; -1 for anything else. A year
 * of two digits is the nearest to `now` that is not more than 50 years ahead. */
int64_t r2_read_http_date(r2_slice text, int64_t now);

#pragma GCC visibility pop
#endif
