/* JSON from outside, searched for a few members where it is plain. Knows no Lua. */
#ifndef R2_JSON_FIND_H
#define R2_JSON_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* Finds members of the object that the text is, without making a Lua value of it all. values[i] is
 * the text of the member names[i], a string's with its quotes, or empty where there is none. False
 * when the text is no object, or not plain: with an escape, a fraction, or deep.
 * What it takes r2_json_decode takes too, to the same effect. */
bool r2_json_find(r2_slice text, const r2_slice *names, size_t count, r2_slice *values);

#pragma GCC visibility pop
#endif
