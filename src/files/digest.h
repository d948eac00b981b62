/* The class of digests. */
#ifndef R2_DIGEST_H
#define R2_DIGEST_H

#include <lauxlib.h>
#include <lua.h>

#pragma GCC visibility push(hidden)

#define R2_DIGEST_CLASS "r2.files.digest"

extern const luaL_Reg r2_digest_methods[];
int r2_digest_new(lua_State *L);

#pragma GCC visibility pop
#endif
