/* UTF-8. */
#ifndef R2_UTF8_H
#define R2_UTF8_H

#include <stdbool.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool r2_is_utf8(r2_slice text);

#pragma GCC visibility pop
#endif
