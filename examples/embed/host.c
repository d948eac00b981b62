/* A program of your own with the library inside: no shared object, nothing to install beside it.
 *
 * The library's sources are compiled into the program, `require` of its modules is answered from
 * package.preload, and the script that is named on the command line is run. A game or a tool that
 * embeds Lua does the same in its own start-up code. One that only signs leaves r2.http out, with
 * its room in the Makefile, and needs no libcurl.
 *
 *     make -C examples/embed                       # or LUA=5.1, 5.2, 5.3, jit
 *     examples/embed/host examples/embed/credential.lua
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/r2.h"

static void preload(lua_State *L, const char *name, lua_CFunction open) {
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, open);
    lua_setfield(L, -2, name);
    lua_pop(L, 2);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s SCRIPT\n", argv[0]);
        return EXIT_FAILURE;
    }
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        (void)fprintf(stderr, "%s: not enough memory\n", argv[0]);
        return EXIT_FAILURE;
    }
    luaL_openlibs(L);
    preload(L, "r2.temp_credentials", luaopen_r2_temp_credentials);
    preload(L, "r2.sigv4", luaopen_r2_sigv4);
    preload(L, "r2.http", luaopen_r2_http);
    preload(L, "r2.files", luaopen_r2_files);

    int failed = luaL_loadfile(L, argv[1]) || lua_pcall(L, 0, 0, 0);
    if (failed) {
        const char *message = lua_tostring(L, -1);
        (void)fprintf(stderr, "%s: %s\n", argv[0],
                      message != NULL ? message : "error without text");
    }
    lua_close(L);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
