/* JSON from outside as Lua values. */
#ifndef R2_JSON_DECODE_H
#define R2_JSON_DECODE_H

#include <lua.h>
#include <stdbool.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* Pushes the value and returns true; pushes nothing and returns false when the text is not JSON.
 * r2_json_push is for a text that was found valid (json_valid.h).
 * Whole numbers are integers where Lua has them, null is a light userdata of NULL (cjson.null).
 * Raises when memory is out. */
bool r2_json_decode(lua_State *L, r2_slice text);
void r2_json_push(lua_State *L, r2_slice text);

#pragma GCC visibility pop
#endif
