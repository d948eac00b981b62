/* Bytes of an open file. */
#ifndef R2_PIECES_H
#define R2_PIECES_H

#include <lua.h>

#pragma GCC visibility push(hidden)

/* Bytes that are moved at a time. Lua's strings are no longer: longer ones are dear to LuaJIT. */
enum { R2_FILE_PIECE = 64 * 1024 };

int r2_file_read(lua_State *L);
int r2_file_read_at(lua_State *L);
int r2_file_write(lua_State *L);
int r2_file_write_at(lua_State *L);
int r2_file_seek(lua_State *L);

#pragma GCC visibility pop
#endif
