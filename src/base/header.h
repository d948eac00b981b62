/* HTTP headers: what a name and a value may be, and which header a name is (RFC 9110). Knows no
 * Lua. */
#ifndef R2_HEADER_H
#define R2_HEADER_H

#include <stdbool.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* A token (section 5.6.2): a header's name, or a method. */
bool r2_is_token(r2_slice text);

/* No control character but the tab (section 5.5). Bytes above ASCII mean nothing by themselves, and
 * are taken only where they may be `opaque`. */
bool r2_is_header_value(r2_slice value, bool opaque);

/* Whether the name, in any case, is `lower`. */
bool r2_header_is(r2_slice name, r2_slice lower);

/* The order of two names in lower case: below, at or above 0. */
int r2_compare_header_names(r2_slice left, r2_slice right);

#pragma GCC visibility pop
#endif
