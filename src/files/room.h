/* How long a file may be, and whether the disk has it. */
#ifndef R2_ROOM_H
#define R2_ROOM_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Whether the process may write into the file at that offset, or where the file is (`offset`
 * negative); false, with errno EFBIG, at the limit of setrlimit: there the system would send
 * SIGXFSZ, of which a process that knows nothing of it dies. */
bool r2_file_may_have(int descriptor, int64_t offset);

int r2_file_truncate(lua_State *L);
int r2_file_reserve(lua_State *L);
int r2_file_sync(lua_State *L);

#pragma GCC visibility pop
#endif
