/* Lua states for operations. One more state is kept: it compiles for all the others, and it has the
 * server. */
#include "states.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/credentials/client.h"
#include "../../src/sigv4/signature.h"
#include "heaps.h"
#include "report.h"
#include "secrets.h"

int luaopen_r2_files(lua_State *L);
int luaopen_r2_sigv4(lua_State *L);
int luaopen_r2_temp_credentials(lua_State *L);
int luaopen_r2_http(lua_State *L);

#if LUA_VERSION_NUM == 501
#define lua_rawlen lua_objlen
#define SEARCHERS "loaders"
#else
#define SEARCHERS "searchers"
#endif

static lua_State *kept;
static const char *server_url;
static const char *operations;

static int give_up(lua_State *L) {
    const char *message = lua_tostring(L, -1);
    (void)fprintf(stderr, "%s, %s, request %zu: outside of the operation: %s\n", found.operation,
                  found.mode, found.n, message != NULL ? message : "an error without text");
    exit(EXIT_FAILURE);
}

/* ---- Lua files, compiled ---- */

/* NULL where Lua finds no such file. The state that is kept keeps the text. */
static const char *compiled(const char *module, size_t *length) {
    lua_getglobal(kept, "compiled");
    lua_pushstring(kept, module);
    lua_call(kept, 1, 1);
    const char *text = lua_tolstring(kept, -1, length);
    lua_settop(kept, 0);
    return text;
}

/* A searcher in place of Lua's own. To read a file takes much memory, and that is Lua's own
 * affair. */
static int search(lua_State *L) {
    size_t length;
    const char *module = luaL_checkstring(L, 1);
    const char *text = compiled(module, &length);
    if (text == NULL) {
        return 0;
    }
    if (luaL_loadbuffer(L, text, length, module) != 0) {
        return lua_error(L);
    }
    return 1;
}

/* ---- states ---- */

static void preload(lua_State *L, const char *module, lua_CFunction open) {
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, open);
    lua_setfield(L, -2, module);
    lua_pop(L, 1);
}

lua_State *new_state(void) {
    lua_State *L = lua_newstate(lua_allocate, &lua_heap);
    if (L == NULL) {
        exit(EXIT_FAILURE);
    }
    (void)lua_atpanic(L, give_up);
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    preload(L, "r2.temp_credentials", luaopen_r2_temp_credentials);
    preload(L, "r2.http", luaopen_r2_http);
    preload(L, "r2.sigv4", luaopen_r2_sigv4);
    preload(L, "r2.files", luaopen_r2_files);
    lua_getfield(L, -1, SEARCHERS);
    lua_pushcfunction(L, search);
    lua_rawseti(L, -2, 2);
    lua_settop(L, 0);
    lua_getglobal(L, "require");
    lua_pushstring(L, operations);
    lua_call(L, 1, 1);
    lua_pushstring(L, server_url);
    lua_setfield(L, SPEC, "server_url");
    return L;
}

void use_operations(const char *module) {
    operations = module;
}

/* ---- the state that is kept ---- */

static void learn_secrets(lua_State *L) {
    lua_getfield(L, SPEC, "keys");
    lua_getfield(L, -1, "parent_secret_access_key");
    set_parent_secret(lua_tostring(L, -1), lua_rawlen(L, -1));
    set_signing_key(lua_tostring(L, -1), lua_rawlen(L, -1));
    lua_getfield(L, -2, "api_token");
    set_secret(API_TOKEN, lua_tostring(L, -1), lua_rawlen(L, -1));
    lua_pop(L, 3);
}

static layout layout_of(lua_State *L, size_t size) {
    size_t block_size;
    char *like_it = lua_newuserdata(L, size);
    char *block = newest_lua_block(&block_size);
    memset(like_it, 0, size);
    lua_pop(L, 1);
    return (layout){block_size, (size_t)(like_it - block)};
}

static void learn_layouts(lua_State *L) {
    client_layout = layout_of(L, sizeof(r2_client));
    scratch_layout = layout_of(L, sizeof(r2_scratch));
    /* As in sigv4.c: whether it is busy, and the signer. */
    signer_layout = layout_of(L, offsetof(
                                     struct {
                                         bool busy;
                                         r2_signer core;
                                     },
                                     core) +
                                     sizeof(r2_signer));
}

static void run(const char *text) {
    if (luaL_dostring(kept, text) != 0) {
        (void)give_up(kept);
    }
}

static void start_compiler(void) {
    run("local texts = {}\n"
        "function compiled(module)\n"
        "    if texts[module] == nil then\n"
        "        local loader = package." SEARCHERS "[2](module)\n"
        "        texts[module] = type(loader) == 'function' and string.dump(loader)\n"
        "    end\n"
        "    return texts[module] or nil\n"
        "end\n");
}

static void start_server(void) {
    run("server = require('spec.support.faulty').start()\n"
        "server_url = ('http://127.0.0.1:%d'):format(server.port)\n"
        "return server_url, require('spec.support.faults').result.secretAccessKey");
    server_url = lua_tostring(kept, 1);
    set_secret(ANSWERED_SECRET, lua_tostring(kept, 2), lua_rawlen(kept, 2));
    lua_settop(kept, 0);
}

/* lua-cjson's library, which operations look at answers with, stays in the process, so that what is
 * said about a leak of lua-cjson's names it. */
void begin(void) {
    found.operation = found.mode = "start";
    own_curl_memory();
    kept = luaL_newstate();
    if (kept == NULL) {
        exit(EXIT_FAILURE);
    }
    luaL_openlibs(kept);
    run("require 'cjson'");
    start_compiler();
    start_server();
    use_operations("spec.memory.operations");
    lua_State *L = new_state();
    learn_secrets(L);
    learn_layouts(L);
    lua_close(L);
}

void end(void) {
    run("server:stop()");
}
