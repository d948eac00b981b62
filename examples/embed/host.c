/* A program of your own with the library inside: no shared object, nothing to install beside it.
 *
 * The library's sources are compiled into the program, `require "r2.temp_credentials"` is answered
 * from package.preload, and the script that is named on the command line is run. A game or a tool
 * that embeds Lua does the same in its own start-up code.
 *
 *     make -C examples/embed                       # or LUA=5.1, 5.2, 5.3
 *     examples/embed/host examples/embed/credential.lua
 *
 * Only libcrypto is needed. A host that is built for several Luas takes the headers of the one that
 * it embeds; LuaJIT's do as well. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

int luaopen_r2_temp_credentials(lua_State *L);

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

    int failed = luaL_loadfile(L, argv[1]) || lua_pcall(L, 0, 0, 0);
    if (failed) {
        const char *message = lua_tostring(L, -1);
        (void)fprintf(stderr, "%s: %s\n", argv[0],
                      message != NULL ? message : "error without text");
    }
    lua_close(L);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
