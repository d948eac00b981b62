/* Whether a text from outside is JSON (RFC 8259), so that whoever reads it later need not look for
 * mistakes. Knows no Lua. */
#ifndef R2_JSON_VALID_H
#define R2_JSON_VALID_H

#include <stdbool.h>

#include "text.h"

#pragma GCC visibility push(hidden)

enum { R2_JSON_DEPTH = 32 }; /* levels; R2's claims have 3, Cloudflare's envelopes 5 */

/* Whether the text is one value, no deeper than R2_JSON_DEPTH, with nothing but blanks around it.
 * Strings may have any byte above ASCII: whether that is UTF-8 is asked where one is shown. */
bool r2_json_is_valid(r2_slice text);

#pragma GCC visibility pop
#endif
