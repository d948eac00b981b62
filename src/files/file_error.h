/* What the system refuses, as an error that is data. */
#ifndef R2_FILE_ERROR_H
#define R2_FILE_ERROR_H

#include <lua.h>

#pragma GCC visibility push(hidden)

/* Pushes nil, message, err with err.kind "file" and, where `number` is a usual one of errno's,
 * err.code, its name; returns 3. The message is `what` and the system's words; it names no path:
 * the caller knows what to call the file, and how to show that. */
int r2_file_error(lua_State *L, const char *what, int number);

/* The same in words that say more than the system's; 0 for no code. */
int r2_file_refuse(lua_State *L, const char *what, const char *why, int number);

#pragma GCC visibility pop
#endif
