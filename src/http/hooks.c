/* Lua functions called from libcurl's callbacks: what makes a body, takes an answer, is told the
 * progress. Nothing that happens in them unwinds through libcurl: an error is kept for whoever
 * polls the exchange, and stops it. Only the child of one that forks never returns to libcurl. */
#include "hooks.h"

#include "../base/fields.h"
#include "../base/lua_compat.h"
#include "jobs.h"
#include "state.h"

typedef struct r2_hook_call {
    r2_job *job;
    int (*run)(lua_State *L, struct r2_hook_call *call); /* 1: go on, 0: stop; at 1 is the table */
    r2_slice piece;
    char *out;
    size_t room;
    size_t *length;
    int64_t counts[4];
    bool go_on;
} hook_call;

/* Pushes the function of the slot, or the method of the object there, and its first argument. */
static int push_callee(lua_State *L, int slot, const char *method) {
    lua_rawgeti(L, 1, slot);
    if (lua_isfunction(L, -1)) {
        return 0;
    }
    lua_getfield(L, -1, method);
    lua_insert(L, -2);
    return 1;
}

/* Takes an error from the stack and keeps it for whoever polls the exchange whose table is at
 * `table`. The table has room for it: nothing is allocated. */
static void keep_failure(lua_State *L, int table) {
    lua_rawseti(L, table, R2_OF_FAILURE);
    lua_pushboolean(L, 1);
    lua_rawseti(L, table, R2_OF_REASON);
}

/* Calls what push_callee and the caller pushed. Leaves two results. */
static bool call_hook(lua_State *L, int arguments) {
    if (lua_pcall(L, arguments, 2, 0) == 0) {
        return true;
    }
    keep_failure(L, 1);
    return false;
}

/* nil and a text, as io functions return them, or false: the function wants the exchange
 * stopped. */
static bool wants_stop(lua_State *L) {
    bool reason = lua_isnil(L, -2) && lua_type(L, -1) == LUA_TSTRING;
    if (reason) {
        lua_pushvalue(L, -1);
        lua_rawseti(L, 1, R2_OF_REASON);
    }
    return reason || (lua_isboolean(L, -2) && !lua_toboolean(L, -2));
}

static int run_consume(lua_State *L, hook_call *call) {
    int more = push_callee(L, R2_OF_OUTPUT, "write");
    lua_pushlstring(L, call->piece.data, call->piece.length);
    return call_hook(L, more + 1) && !wants_stop(L);
}

static int run_progress(lua_State *L, hook_call *call) {
    lua_rawgeti(L, 1, R2_OF_PROGRESS);
    for (int i = 0; i < 4; i++) {
        r2_push_whole(L, call->counts[i]);
    }
    return call_hook(L, 4) && !wants_stop(L);
}

/* Pushes the next piece of the body, a string that is not empty, or nil at its end; false: stop. */
static bool push_piece(lua_State *L, const hook_call *call) {
    r2_slice piece = {0};
    do {
        lua_settop(L, 1);
        int more = push_callee(L, R2_OF_BODY, "read");
        lua_pushinteger(L, (lua_Integer)call->room);
        if (!call_hook(L, more + 1) || wants_stop(L)) {
            return false;
        }
        lua_settop(L, 2);
    } while (r2_get_string(L, 2, &piece) && piece.length == 0);
    return true;
}

/* Fills the room with what is left of the last piece, or with the next one. Of a piece that is
 * longer only the place is noted: to push the rest as a string would copy it each time. */
static int run_produce(lua_State *L, hook_call *call) {
    r2_job *j = call->job;
    r2_slice piece = {0};
    lua_settop(L, 1);
    lua_rawgeti(L, 1, R2_OF_CHUNK);
    if (lua_isnil(L, 2) && !push_piece(L, call)) {
        return 0;
    }
    if (lua_isnil(L, 2)) {
        *call->length = 0;
        return 1;
    }
    if (!r2_get_string(L, 2, &piece)) {
        lua_pushliteral(L, "a body's function must return strings, and nil at the end");
        lua_rawseti(L, 1, R2_OF_REASON);
        return 0;
    }
    size_t left = piece.length - j->chunk_used;
    *call->length = left < call->room ? left : call->room;
    memcpy(call->out, piece.data + j->chunk_used, *call->length);
    bool ends = *call->length == left;
    j->chunk_used = ends ? 0 : j->chunk_used + *call->length;
    if (ends) {
        lua_pushnil(L);
        lua_replace(L, 2);
    }
    lua_rawseti(L, 1, R2_OF_CHUNK);
    return 1;
}

/* Runs protected: (http object). */
int r2_http_guard(lua_State *L) {
    hook_call *call = ((r2_http *)lua_touserdata(L, 1))->call;
    lua_getuservalue(L, 1);
    lua_rawgeti(L, -1, call->job->number);
    if (!lua_isuserdata(L, -1)) {
        return 0; /* the exchange was collected */
    }
    lua_getuservalue(L, -1);
    lua_replace(L, 1);
    luaL_checkstack(L, LUA_MINSTACK, "r2.http");
    call->go_on = call->run(L, call) != 0 && !call->job->cancelled && !call->job->orphaned;
    return 0;
}

static r2_verdict call_guarded(hook_call *call) {
    r2_http *h = call->job->http;
    lua_State *L = h->L;
    /* libcurl also tells the progress of a transfer that is taken from it: nobody listens then. */
    if (L == NULL || call->job->cancelled || call->job->orphaned) {
        return R2_STOP;
    }
    h->call = call;
    lua_pushvalue(L, h->guard);
    lua_pushvalue(L, h->self);
    if (lua_pcall(L, 1, 0, 0) != 0) {
        int top = lua_gettop(L);
        lua_getuservalue(L, h->self);
        lua_rawgeti(L, -1, call->job->number);
        if (lua_isuserdata(L, -1)) {
            lua_getuservalue(L, -1);
            lua_pushvalue(L, top);
            keep_failure(L, lua_gettop(L) - 1);
        }
        lua_settop(L, top - 1);
        call->go_on = false;
    }
    r2_http_leave_after_fork(h);
    return call->go_on ? R2_GO_ON : R2_STOP;
}

r2_verdict r2_http_consume(void *owner, r2_slice piece) {
    hook_call call = {.job = owner, .run = run_consume, .piece = piece};
    return call_guarded(&call);
}

r2_verdict r2_http_produce(void *owner, char *out, size_t room, size_t *length) {
    hook_call call = {.job = owner, .run = run_produce, .out = out, .room = room, .length = length};
    return call_guarded(&call);
}

r2_verdict r2_http_progress(void *owner, int64_t sent, int64_t to_send, int64_t received,
                            int64_t to_receive) {
    hook_call call = {
        .job = owner, .run = run_progress, .counts = {sent, to_send, received, to_receive}};
    return call_guarded(&call);
}
