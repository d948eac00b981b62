/* JSON from outside, decoded by lua-cjson. */
#ifndef R2_JSON_DECODE_H
#define R2_JSON_DECODE_H

#include <lua.h>
#include <stdbool.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* Pushes the decoded value and returns true; pushes nothing and returns false when the text is not
 * JSON. Loads lua-cjson on first use; raises when it is not installed, or out of memory. */
bool r2_json_decode(lua_State *L, r2_slice text);

#pragma GCC visibility pop
#endif
