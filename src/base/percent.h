/* Percent-encoding as Signature V4 counts on it: every byte outside A-Z a-z 0-9 - . _ ~ becomes %XX
 * in upper case, once (RFC 3986, section 2.3). Knows no Lua. */
#ifndef R2_PERCENT_H
#define R2_PERCENT_H

#include "buffer.h"
#include "text.h"

#pragma GCC visibility push(hidden)

/* Where a text stands in a URL: in a path the slash stands for itself, in a query it does not. */
typedef enum r2_part { R2_IN_PATH, R2_IN_QUERY } r2_part;

/* Appends the text encoded. */
void r2_percent_encode(r2_buffer *out, r2_slice text, r2_part part);

/* Appends a text that is percent-encoded already, in whatever way, as r2_percent_encode would have
 * written it. Returns NULL, or what a URL must be that has no such part, worded to follow a field's
 * name: what two programs could read in two ways is refused. */
const char *r2_percent_normalize(r2_buffer *out, r2_slice text, r2_part part);

#pragma GCC visibility pop
#endif
