/* UTF-8. */
#ifndef R2_UTF8_H
#define R2_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool r2_is_utf8(r2_slice text);

/* How many bytes the first character of a text has, and its code point; 0 when it begins with none.
 * The text must not be empty. */
size_t r2_utf8_character(r2_slice text, uint32_t *code);

#pragma GCC visibility pop
#endif
