/* What a C program that carries the library calls: each module's opener, for package.preload or
 * luaL_requiref. examples/embed shows how; a program takes the rooms that it wants, and src/base.
 *
 *     r2.temp_credentials   src/credentials   needs libcrypto
 *     r2.sigv4              src/sigv4         needs libcrypto
 *     r2.http               src/http          needs libcurl
 *     r2.files              src/files         needs libcrypto; what the Lua layer lacks of files */
#ifndef R2_H
#define R2_H

#ifdef __cplusplus
extern "C" {
#endif

#include <lua.h>

int luaopen_r2_temp_credentials(lua_State *L);
int luaopen_r2_sigv4(lua_State *L);
int luaopen_r2_http(lua_State *L);
int luaopen_r2_files(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
