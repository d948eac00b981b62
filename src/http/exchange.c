/* The class of exchanges: begun, polled, waited for, cancelled, collected; their results made once
 * and kept. */
#include "exchange.h"

#include <math.h>
#include <stdlib.h>

#include "../base/error.h"
#include "../base/lua_compat.h"
#include "drive.h"
#include "http_request.h"
#include "http_result.h"
#include "jobs.h"
#include "transfer.h"
#include "transfer_error.h"

static void keep(lua_State *L, int table, int slot, int value) {
    lua_pushvalue(L, value);
    lua_rawseti(L, table, slot);
}

/* Pushes an exchange without a job, and its table. */
static r2_exchange *push_exchange(lua_State *L, int http_index) {
    r2_exchange *x = lua_newuserdata(L, sizeof *x);
    int index = lua_gettop(L);
    *x = (r2_exchange){0};
    luaL_getmetatable(L, R2_HTTP_EXCHANGE_CLASS);
    lua_setmetatable(L, index);
    lua_createtable(L, R2_OF_COUNT, 0);
    keep(L, index + 1, R2_OF_HTTP, http_index);
    lua_pushvalue(L, index + 1);
    lua_setuservalue(L, index);
    return x;
}

/* Hands the job to libcurl. The http object is at index 1, the exchange at `index`, its table
 * behind it, and then the request's fields. */
static void add_job(lua_State *L, r2_http *h, r2_job *j, int index) {
    int table = index + 1;
    int base = index + 2;
    keep(L, table, R2_OF_METHOD, base + R2_FIELD_METHOD);
    keep(L, table, R2_OF_URL, base + R2_FIELD_URL);
    keep(L, table, R2_OF_BODY, base + R2_FIELD_BODY);
    keep(L, table, R2_OF_OUTPUT, base + R2_FIELD_OUTPUT);
    keep(L, table, R2_OF_PROGRESS, base + R2_FIELD_PROGRESS);
    lua_getuservalue(L, 1);
    keep(L, lua_gettop(L), j->number, index);
    j->transfer.ask.ca_file = h->ca_file;
    if (!r2_http_add_job(h, j)) {
        luaL_error(L, "r2.http: libcurl cannot start a transfer (out of memory?)");
    }
}

int r2_http_begin(lua_State *L) {
    r2_error error;
    r2_http *h = lua_touserdata(L, 1);
    r2_http_check_idle(L, h);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    luaL_checkstack(L, 2 * LUA_MINSTACK + R2_HTTP_FIELDS, "r2.http");
    r2_exchange *x = push_exchange(L, 1);
    /* Nothing below runs a finalizer before the job is libcurl's; one that ran above may have
     * closed the http object. The exchange is then one that was cancelled. */
    if (h->closed) {
        lua_settop(L, 3);
        return 0;
    }
    r2_http_forget_parent(h); /* before there is a job of this process */
    r2_job *j = r2_http_new_job(h, x);
    if (j == NULL) {
        return luaL_error(L, "not enough memory");
    }
    if (!r2_http_read_request(L, 2, h, j, &error)) {
        r2_http_take_job(j);
        r2_http_drop_job(j);
        return r2_error_push(L, &error);
    }
    add_job(L, h, j, 3);
    lua_settop(L, 3);
    return 0;
}

/* ---- its end ---- */

/* Runs protected: (exchange). */
static int make_result(lua_State *L) {
    const char *text = "";
    bool retryable = false;
    r2_job *j = ((r2_exchange *)lua_touserdata(L, 1))->settles;
    lua_getuservalue(L, 1);
    r2_kind kind = r2_transfer_error(&j->transfer, &text, &retryable);
    if (kind == R2_NO_ERROR) {
        r2_http_push_response(L, &j->transfer, j->hooks.consume != NULL);
    } else {
        r2_http_push_failure(L, 2, kind, text, retryable);
        if (!j->transfer.sent) {
            lua_pushboolean(L, 0);
            lua_setfield(L, -2, "sent");
        }
    }
    lua_rawseti(L, 2, R2_OF_RESULT);
    /* No hook of it will be called: its number is free for another. */
    lua_rawgeti(L, 2, R2_OF_HTTP);
    lua_getuservalue(L, -1);
    lua_pushnil(L);
    lua_rawseti(L, -2, j->number);
    return 0;
}

/* Makes the result of a job that is done, keeps it in the exchange's table, and drops the job. The
 * exchange is at `index`. A finalizer may run while the result is made, and poll the same exchange
 * or close the http object: the job is nobody's but ours by then. */
static void settle(lua_State *L, r2_exchange *x, int index) {
    lua_pushcfunction(L, make_result); /* may run a finalizer that settles it */
    lua_pushvalue(L, index);
    if (x->job == NULL || x->settles != NULL) {
        lua_pop(L, 2);
        return;
    }
    r2_job *j = x->job;
    r2_http_take_job(j);
    x->settles = j;
    int status = lua_pcall(L, 1, 0, 0);
    x->settles = NULL;
    r2_http_drop_job(j);
    if (status != 0) {
        (void)lua_error(L);
    }
}

int r2_http_push_outcome(lua_State *L, r2_exchange *x, int index, int table) {
    if (x->job != NULL && x->job->done) {
        settle(L, x, index);
    }
    if (x->job != NULL || x->settles != NULL) {
        lua_pushboolean(L, 0);
        return 1;
    }
    lua_rawgeti(L, table, R2_OF_REASON);
    if (lua_isboolean(L, -1)) { /* a function of the exchange raised: so do we */
        lua_rawgeti(L, table, R2_OF_FAILURE);
        return lua_error(L);
    }
    lua_rawgeti(L, table, R2_OF_RESULT);
    if (lua_isnil(L, -1)) {
        r2_http_push_failure(L, table, R2_CANCELLED, "the exchange was cancelled", false);
        return 3;
    }
    lua_getfield(L, -1, "kind");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return 1;
    }
    int result = lua_gettop(L) - 1;
    lua_pushnil(L);
    lua_getfield(L, result, "message");
    lua_pushvalue(L, result);
    return 3;
}

/* Pushes the exchange's table and its http object; the exchange is argument 1. */
static r2_exchange *open_exchange(lua_State *L, r2_http **h) {
    r2_exchange *x = luaL_checkudata(L, 1, R2_HTTP_EXCHANGE_CLASS);
    lua_settop(L, 2);
    lua_getuservalue(L, 1);
    lua_rawgeti(L, 3, R2_OF_HTTP);
    *h = lua_touserdata(L, 4);
    return x;
}
enum { EXCHANGE_TABLE = 3, EXCHANGE_HTTP = 4 };

/*** Lets the exchange go on as far as it can without waiting, and all others of its http object
 * with it. All of them may be polled for each frame: they share one look at their sockets, each of
 * which is seen to once, and bodies of 1 MiB at most are handed on in one call.
 *
 * @function exchange:poll
 * @return false while it is under way; then, at this call and all later ones, what `http:perform`
 *   returns
 * @raise what a function of the exchange raised
 */
static int exchange_poll(lua_State *L) {
    r2_http *h;
    r2_exchange *x = open_exchange(L, &h);
    r2_http_work(L, x, h, EXCHANGE_HTTP, 0);
    return r2_http_push_outcome(L, x, 1, EXCHANGE_TABLE);
}

/*** Waits for the exchange's end.
 *
 * @function exchange:wait
 * @tparam[opt] number seconds at most; default until it ends
 * @return as `exchange:poll`
 */
static int exchange_wait(lua_State *L) {
    r2_http *h;
    double seconds = luaL_optnumber(L, 2, HUGE_VAL);
    r2_exchange *x = open_exchange(L, &h);
    r2_http_work(L, x, h, EXCHANGE_HTTP, r2_http_monotonic() + seconds);
    return r2_http_push_outcome(L, x, 1, EXCHANGE_TABLE);
}

/*** Ends the exchange; its result is nil, message, err with `err.kind` `cancelled`. One that has
 * ended stays as it is.
 * @function exchange:cancel
 */
static int exchange_cancel(lua_State *L) {
    r2_exchange *x = luaL_checkudata(L, 1, R2_HTTP_EXCHANGE_CLASS);
    if (x->job != NULL) {
        r2_http_cancel_job(x->job);
    }
    return 0;
}

/*** How long the exchange can go without being polled, as far as its timers are concerned; the
 * network may have something for it earlier.
 *
 * @function exchange:timeout
 * @treturn number seconds, 0 to 1; 0 when it has ended
 */
static int exchange_timeout(lua_State *L) {
    r2_http *h;
    long ms = 0;
    r2_exchange *x = open_exchange(L, &h);
    r2_http_check_idle(L, h);
    r2_http_forget_parent(h);
    if (x->job != NULL && !x->job->done && h->queued == 0) {
        (void)curl_multi_timeout(h->multi, &ms);
        ms = ms < 0 || ms > 1000 ? 1000 : ms;
    }
    lua_pushnumber(L, (lua_Number)ms / 1000);
    return 1;
}

/*** Whether the exchange has ended, and `poll` returns what it came to. Nothing is driven.
 *
 * @function exchange:done
 * @treturn boolean
 */
static int exchange_done(lua_State *L) {
    const r2_exchange *x = luaL_checkudata(L, 1, R2_HTTP_EXCHANGE_CLASS);
    lua_pushboolean(L, x->settles == NULL && (x->job == NULL || x->job->done));
    return 1;
}

int r2_http_exchange_gc(lua_State *L) {
    r2_exchange *x = luaL_checkudata(L, 1, R2_HTTP_EXCHANGE_CLASS);
    r2_job *j = x->job;
    x->job = NULL;
    if (j != NULL) {
        r2_http_orphan_job(j);
    }
    return 0;
}

const luaL_Reg r2_http_exchange_methods[] = {
    {"poll", exchange_poll},     {"wait", exchange_wait},       {"done", exchange_done},
    {"cancel", exchange_cancel}, {"timeout", exchange_timeout}, {NULL, NULL}};
