/* The class of open files. */
#ifndef R2_FILE_H
#define R2_FILE_H

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

#define R2_FILE_CLASS "r2.files.file"

/* Bytes that are moved at a time. Lua's strings are no longer: longer ones are dear to LuaJIT. */
enum { R2_FILE_PIECE = 64 * 1024 };

extern const luaL_Reg r2_file_methods[];
int r2_file_collect(lua_State *L);
int r2_file_open(lua_State *L);

/* The descriptor of the open file at that index; raises when there is none, or a closed one. */
int r2_file_descriptor(lua_State *L, int index);

/* A number of bytes, which every Lua can count. The one at that index, or `otherwise` where there
 * is nothing; raises when it is something else. */
#define R2_FILE_SIZE_MAX ((INT64_C(1) << 53) - 1)
int64_t r2_file_size(lua_State *L, int index, int64_t otherwise);

/* The path at that index; NULL when the system could not be given it whole. */
const char *r2_file_path(lua_State *L, int index);

#pragma GCC visibility pop
#endif
