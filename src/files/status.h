/* What the system tells of a file. */
#ifndef R2_STATUS_H
#define R2_STATUS_H

#include <lua.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

/* "file", "folder", … */
const char *r2_status_kind(mode_t mode);

int r2_file_status(lua_State *L);
int r2_path_status(lua_State *L);

#pragma GCC visibility pop
#endif
