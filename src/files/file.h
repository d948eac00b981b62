/* The class of open files. */
#ifndef R2_FILE_H
#define R2_FILE_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

#define R2_FILE_CLASS "r2.files.file"

extern const luaL_Reg r2_file_methods[];
int r2_file_collect(lua_State *L);

/* Pushes a file that is not open; opens it, false, with errno, when it is refused. It is closed in
 * programs that this one starts. */
typedef struct r2_file r2_file;
r2_file *r2_file_push(lua_State *L);
bool r2_file_open_at(r2_file *file, const char *path, int flags, mode_t permissions);

/* Closes it; false, with errno, when what was written is not. */
bool r2_file_end(r2_file *file);

/* The descriptor of the open file at that index; raises when there is none, or a closed one. */
int r2_file_descriptor(lua_State *L, int index);

/* ---- arguments ---- */

int r2_file_argument_error(lua_State *L, int index, const char *expected);

/* A number of bytes, which every Lua can count. The one at that index, or `otherwise` where there
 * is nothing; raises when it is something else. */
#define R2_FILE_SIZE_MAX ((INT64_C(1) << 53) - 1)
int64_t r2_file_size(lua_State *L, int index, int64_t otherwise);

/* The path at that index; NULL when the system could not be given it whole. */
const char *r2_file_path(lua_State *L, int index);

/* true, or the error in errno; returns how many values that are. */
int r2_file_push_done(lua_State *L, bool done, const char *what);

#pragma GCC visibility pop
#endif
