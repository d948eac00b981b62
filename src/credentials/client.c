/* What a client is, and how a call borrows its buffers. */
#include "client.h"

#include <string.h>

#include "../base/lua_compat.h"
#include "../base/secret.h"

/* Slots of the user value. */
enum { SHARED_SCRATCH = 1, SHARED_KEY_ID, SHARED_ENDPOINT, SHARED_COUNT = 3 };

static void clear_scratch(void *thing) {
    r2_scratch *s = thing;
    r2_buffer_reset(&s->lists);
    r2_buffer_reset(&s->work);
}

static void free_scratch(void *thing) {
    r2_scratch *s = thing;
    r2_buffer_free(&s->lists);
    r2_buffer_free(&s->work);
    r2_wipe(s->api_token, sizeof s->api_token);
}

static int scratch_gc(lua_State *L);

static const r2_lender lender = {"r2.scratch", sizeof(r2_scratch), clear_scratch, free_scratch,
                                 scratch_gc};

static int scratch_gc(lua_State *L) {
    return r2_collect_loan(L, &lender);
}

void r2_client_open(lua_State *L) {
    r2_lender_open(L, &lender);
}

int r2_scratch_call(lua_State *L) {
    r2_scratch *s = r2_lend_new(L, &lender, false);
    return r2_call_with(L, s, &lender, lua_upvalueindex(R2_CLIENT_INNER));
}

r2_scratch *r2_scratch_get(lua_State *L) {
    return lua_touserdata(L, -1);
}

void r2_scratch_check(lua_State *L, const r2_scratch *s) {
    if (s->lists.failed || s->work.failed) {
        luaL_error(L, "not enough memory");
    }
}

r2_client *r2_client_check(lua_State *L) {
    r2_client *c = lua_touserdata(L, 1);
    bool good = c != NULL && lua_getmetatable(L, 1);
    if (good) {
        good = lua_rawequal(L, -1, lua_upvalueindex(R2_CLIENT_METATABLE));
        lua_pop(L, 1);
    }
    if (!good) {
        luaL_argerror(L, 1, "client expected: call it as client:method(...)");
    }
    return c;
}

static void check_open(lua_State *L, const r2_client *c) {
    if (!c->open) {
        luaL_error(L, "r2.temp_credentials: this client is closed");
    }
}

int r2_client_call(lua_State *L, r2_client *c, const r2_request_rules *rules) {
    luaL_checkstack(L, LUA_MINSTACK, "r2.temp_credentials");
    check_open(L, c);
    lua_getuservalue(L, 1);
    int shared = lua_gettop(L);
    lua_rawgeti(L, shared, SHARED_KEY_ID);
    lua_rawgeti(L, shared, SHARED_ENDPOINT);
    r2_scratch *s = r2_borrow(L, shared, SHARED_SCRATCH, &lender);
    s->operation = (r2_operation){c, s, *rules, shared + 1, shared + 2};
    return r2_call_with(L, s, &lender, lua_upvalueindex(R2_CLIENT_INNER));
}

r2_operation r2_client_operation(lua_State *L) {
    r2_operation op = r2_scratch_get(L)->operation;
    luaL_checkstack(L, 2 * LUA_MINSTACK, "r2.temp_credentials");
    check_open(L, op.client);
    return op;
}

static void set_shared(lua_State *L, int shared, int slot, const char *text, size_t length) {
    lua_pushlstring(L, text, length);
    lua_rawseti(L, shared, slot);
}

r2_client *r2_client_push(lua_State *L, int table, const r2_names *ignored, bool lasting,
                          r2_error *error) {
    luaL_checkstack(L, 2 * LUA_MINSTACK, "r2.temp_credentials");
    r2_client *c = lua_newuserdata(L, sizeof *c);
    int index = lua_gettop(L);
    memset(c, 0, sizeof *c);
    lua_pushvalue(L, lua_upvalueindex(R2_CLIENT_METATABLE));
    lua_setmetatable(L, index);
    lua_createtable(L, SHARED_COUNT, 0);
    (void)r2_lend_new(L, &lender, lasting);
    lua_rawseti(L, index + 1, SHARED_SCRATCH);
    if (!r2_config_read(L, table, ignored, &c->config, error)) {
        lua_settop(L, index - 1);
        return NULL;
    }
    set_shared(L, index + 1, SHARED_KEY_ID, c->config.parent_access_key_id, R2_ID_SIZE);
    set_shared(L, index + 1, SHARED_ENDPOINT, c->config.endpoint.text, c->config.endpoint.length);
    lua_settop(L, index + 1);
    lua_setuservalue(L, index);
    c->open = true;
    return c;
}

void r2_client_close(r2_client *c) {
    r2_wipe(c, sizeof *c);
}
