/* JSON from outside, decoded by lua-cjson, or searched for a few members where it is plain. What this library writes it writes itself, straight into
 * its buffers (text.h): only strings that were checked, in an order that matters. */
#ifndef R2_JSON_H
#define R2_JSON_H

#include <lua.h>
#include <stdbool.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* Pushes the decoded value and returns true; pushes nothing and returns false when the text is not
 * JSON. Loads lua-cjson on first use; raises when it is not installed, or out of memory. */
bool r2_json_decode(lua_State *L, r2_slice text);

/* Finds members of the object that the text is, without making a Lua value of it all. values[i] is
 * the text of the member names[i], a string's with its quotes, or empty where there is none. False
 * when the text is no object, or not plain: with an escape, a fraction, or deep.
 * What it takes r2_json_decode takes too, to the same effect. */
bool r2_json_find(r2_slice text, const r2_slice *names, size_t count, r2_slice *values);

#pragma GCC visibility pop
#endif
