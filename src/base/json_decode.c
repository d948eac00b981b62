/* One lua-cjson instance of our own, so that nobody else's settings change what is accepted. */
#include "json_decode.h"

#include <string.h>

#include "lua_compat.h"

enum { MAX_DEPTH = 32 }; /* R2's claims have 3 levels, Cloudflare's envelopes 5 */

static const char registry_key[] = "r2.json.decode";

static void push_decode(lua_State *L) {
    lua_getfield(L, LUA_REGISTRYINDEX, registry_key);
    if (!lua_isnil(L, -1)) {
        return;
    }
    lua_pop(L, 1);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "new");
    lua_call(L, 0, 1);
    lua_getfield(L, -1, "decode_max_depth");
    lua_pushinteger(L, MAX_DEPTH);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode_invalid_numbers"); /* NaN, Infinity, hexadecimal */
    lua_pushboolean(L, 0);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, registry_key);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

bool r2_json_decode(lua_State *L, r2_slice text) {
    if (text.length > 0 && memchr(text.data, '\0', text.length) != NULL) {
        return false; /* lua-cjson would stop there and take what is before it */
    }
    luaL_checkstack(L, LUA_MINSTACK, "decoding JSON");
    push_decode(L);
    lua_pushlstring(L, text.data, text.length);
    int status = lua_pcall(L, 1, 1, 0);
    if (status != 0 && status != LUA_ERRRUN) { /* out of memory, say: not the text's fault */
        lua_error(L);
    }
    if (status != 0) {
        lua_pop(L, 1);
        return false;
    }
    return true;
}
