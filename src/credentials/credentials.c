/* The table that users get. It is a plain table, so that any JSON library takes it; only what
 * `print` and a log line would show is ours. */
#include "credentials.h"

#include "../base/lua_compat.h"
#include "../base/utc.h"

static const char metatable_name[] = "r2.credentials";

/* "r2 credentials of key <id> until 2026-01-02T03:04:05Z"; fields may have been changed. */
static int credentials_tostring(lua_State *L) {
    char until[R2_UTC_SIZE] = "?";
    const char *id = "?";
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_getfield(L, 1, "access_key_id");
    lua_getfield(L, 1, "expires_at");
    if (lua_type(L, 2) == LUA_TSTRING && lua_rawlen(L, 2) <= 64) {
        id = lua_tostring(L, 2);
    }
    if (lua_type(L, 3) == LUA_TNUMBER) {
        double seconds = (double)lua_tonumber(L, 3);
        bool fits = seconds >= 0 && seconds < (double)R2_LAST_SECOND + 1;
        r2_format_utc(until, fits ? (int64_t)seconds : -1);
    }
    lua_pushfstring(L, "r2 credentials of key %s until %s", id, until);
    return 1;
}

void r2_credentials_open(lua_State *L) {
    (void)luaL_newmetatable(L, metatable_name);
    lua_pushcfunction(L, credentials_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0); /* out of a script's reach: all credentials have it */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void r2_credentials_push(lua_State *L, const r2_credentials *credentials) {
    luaL_checkstack(L, 4, "credentials");
    lua_createtable(L, 0, 6);
    lua_pushvalue(L, credentials->access_key_id);
    lua_setfield(L, -2, "access_key_id");
    lua_pushlstring(L, credentials->secret_access_key.data, credentials->secret_access_key.length);
    lua_setfield(L, -2, "secret_access_key");
    lua_pushlstring(L, credentials->session_token.data, credentials->session_token.length);
    lua_setfield(L, -2, "session_token");
    r2_push_whole(L, credentials->expires_at);
    lua_setfield(L, -2, "expires_at");
    lua_pushvalue(L, credentials->bucket);
    lua_setfield(L, -2, "bucket");
    lua_pushvalue(L, credentials->endpoint);
    lua_setfield(L, -2, "endpoint");
    luaL_getmetatable(L, metatable_name);
    lua_setmetatable(L, -2);
}
