/* The harness of the harnesses in Lua: TARGET.lua returns a function that takes an input and raises
 * where a promise is broken. One state serves all runs; what a run leaves is collected before the
 * next. The chunk gets a table of helpers, in C for their speed. */
#include <lauxlib.h>
#include <lualib.h>

#include "plain.h"

int luaopen_r2_sigv4(lua_State *L);
int luaopen_r2_temp_credentials(lua_State *L);

static r2_slice argument(lua_State *L, int index) {
    size_t length;
    const char *text = luaL_checklstring(L, index, &length);
    return (r2_slice){text, length};
}

static int push(lua_State *L, r2_slice text) {
    lua_pushlstring(L, text.length > 0 ? text.data : "", text.length);
    return 1;
}

static int is_utf8(lua_State *L) {
    lua_pushboolean(L, plain_is_utf8(argument(L, 1)));
    return 1;
}

static int is_one_line(lua_State *L) {
    lua_pushboolean(L, plain_is_one_line(argument(L, 1)));
    return 1;
}

static int sha256(lua_State *L) {
    unsigned char digest[32];
    r2_slice text = argument(L, 1);
    SHA256((const unsigned char *)text.data, text.length, digest);
    lua_pushstring(L, plain_hex(digest, sizeof digest));
    return 1;
}

static int hmac(lua_State *L) {
    unsigned char mac[32];
    plain_hmac(mac, argument(L, 1), argument(L, 2));
    return push(L, (r2_slice){(char *)mac, sizeof mac});
}

static int base64(lua_State *L) {
    return push(L, plain_base64(argument(L, 1), false));
}

static int base64url(lua_State *L) {
    return push(L, plain_base64(argument(L, 1), true));
}

static int base64_bytes(lua_State *L) {
    return push(L, plain_base64_bytes(argument(L, 1), false));
}

/* Returns a piece of the needle, so many bytes long, that the text holds; nil where it has none. */
static int piece(lua_State *L) {
    r2_slice text = argument(L, 1);
    r2_slice needle = argument(L, 2);
    size_t length = (size_t)luaL_checkinteger(L, 3);
    for (size_t at = 0; at + length <= needle.length; at++) {
        r2_slice part = {needle.data + at, length};
        if (fuzz_holds_piece(text, part)) {
            return push(L, part);
        }
    }
    lua_pushnil(L);
    return 1;
}

static const luaL_Reg helpers[] = {{"is_utf8", is_utf8},
                                   {"is_one_line", is_one_line},
                                   {"sha256", sha256},
                                   {"hmac", hmac},
                                   {"base64", base64},
                                   {"base64url", base64url},
                                   {"base64_bytes", base64_bytes},
                                   {"piece", piece},
                                   {NULL, NULL}};

/* ---- a run ---- */

static const char *target; /* as the program is called */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *slash = *argc > 0 ? strrchr((*argv)[0], '/') : NULL;
    target = slash != NULL ? slash + 1 : (*argv)[0];
    return 0;
}

static void check(lua_State *L, bool good) {
    if (!good) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
}

static int traceback(lua_State *L) {
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* Leaves the traceback and the function on the stack. */
static lua_State *open_state(void) {
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    luaL_requiref(L, "r2.sigv4", luaopen_r2_sigv4, 0);
    luaL_requiref(L, "r2.temp_credentials", luaopen_r2_temp_credentials, 0);
    check(L,
          luaL_dostring(L, "package.path = 'lua/?.lua;lua/?/init.lua;./?.lua;' .. package.path") ==
              LUA_OK);
    lua_settop(L, 0);
    lua_pushcfunction(L, traceback);
    check(L, luaL_loadfile(L, lua_pushfstring(L, "spec/fuzz/%s.lua", target)) == LUA_OK);
    lua_remove(L, 2);
    luaL_newlib(L, helpers);
    check(L, lua_pcall(L, 1, 1, 1) == LUA_OK);
    return L;
}

static void fuzz(r2_slice input) {
    static lua_State *L;
    L = L != NULL ? L : open_state();
    lua_pushvalue(L, 2);
    (void)push(L, input);
    check(L, lua_pcall(L, 1, 0, 1) == LUA_OK);
    lua_gc(L, LUA_GCCOLLECT, 0);
}
