/* The module r2.http: HTTP over libcurl for Lua, blocking or step by step. It knows nothing of R2.
 *
 * @module r2.http
 */
#define _POSIX_C_SOURCE 200809L /* nanosleep */

#include <errno.h>
#include <math.h>
#include <time.h>

#include "../base/class.h"
#include "../base/error.h"
#include "../base/lua_compat.h"
#include "../base/resident.h"
#include "../r2.h"
#include "drive.h"
#include "exchange.h"
#include "http_request.h"
#include "jobs.h"
#include "state.h"

enum { DEFAULT_MAX_BYTES = 1024 * 1024 };

static r2_http *check_http(lua_State *L) {
    r2_http *h = luaL_checkudata(L, 1, R2_HTTP_CLASS);
    if (h->closed) {
        luaL_error(L, "r2.http: this object is closed");
    }
    return h;
}

/*** Cancels what is under way and closes every connection. Other methods raise afterwards.
 * @function http:close
 */
static int http_close(lua_State *L) {
    r2_http *h = luaL_checkudata(L, 1, R2_HTTP_CLASS);
    r2_http_check_idle(L, h);
    r2_http_end(h);
    return 0;
}

/* The table of exchanges: weak values, and the CA file's path, a string, which stays. */
static void push_exchanges(lua_State *L) {
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
}

/*** Makes an object that sends HTTP requests over connections that it keeps. Opens nothing yet.
 *
 * @function new
 * @tparam[opt] table options
 *   `ca_file` path of a PEM file that is trusted in place of the system's;
 *   `timeout_seconds` for a whole exchange, above 0, at most 604800, default 30;
 *   `connect_timeout_seconds` likewise, default 10;
 *   `max_header_bytes`, `max_body_bytes` 1 to 2^40, default 1048576
 * @treturn http
 * @return nil, message, err with `err.kind` `invalid_config`
 * @raise when the options are no table
 */
static int http_new(lua_State *L) {
    r2_error error;
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_checkstack(L, LUA_MINSTACK + R2_HTTP_OPTIONS, "r2.http");
    r2_http *h = lua_newuserdata(L, sizeof *h);
    *h = (r2_http){.timeout = 30,
                   .connect_timeout = 10,
                   .max_header_bytes = DEFAULT_MAX_BYTES,
                   .max_body_bytes = DEFAULT_MAX_BYTES};
    luaL_getmetatable(L, R2_HTTP_CLASS);
    lua_setmetatable(L, 2);
    push_exchanges(L);
    if (!r2_http_read_options(L, 1, h, &error)) {
        return r2_error_push(L, &error);
    }
    lua_pushvalue(L, 4 + R2_OPTION_CA_FILE);
    h->ca_file = lua_tostring(L, -1);
    lua_setfield(L, 3, "ca_file");
    lua_pushvalue(L, 3);
    lua_setuservalue(L, 2);
    lua_settop(L, 2);
    return 1;
}

/*** Begins an exchange and returns at once.
 *
 * @function http:start
 * @tparam table request
 *   `method` such as GET; `url` https, or http to this machine; sent as it is, dots and all;
 *   `headers` a table of strings;
 *   `body` a string, or a function(room) that returns the next piece and nil at the end, or an open
 *   file (anything with a `read` method); `content_length` bytes of a produced body: without it
 *   the body goes out chunked, which S3 does not take;
 *   `output` a function(piece) or an open file (a `write` method) that takes the body of an answer
 *   of status 200 to 299; all other bodies are collected;
 *   `progress` a function(sent, to_send, received, to_receive), bytes, 0 = not known;
 *   `compressed` true asks for a compressed answer and undoes it;
 *   `once` true keeps libcurl from sending it again by itself, which it does when a connection that
 *   was kept ends without an answer, and the server may have taken the request by then;
 *   `http1` true asks for HTTP/1.1, and so for a connection of its own beside others;
 *   `timeout_seconds` for this exchange, as for `new`;
 *   `silence_seconds` likewise, rounded up to whole ones: fewer than 1,024 bytes in that time end
 *   it. A function stops the exchange by returning false, or nil and a text, or by raising.
 * @treturn exchange
 * @return nil, message, err with `err.kind` `invalid_request`
 * @raise when the request is no table, the object is closed, or libcurl is running
 */
static int http_start(lua_State *L) {
    (void)check_http(L);
    int results = r2_http_begin(L);
    return results != 0 ? results : 1;
}

/*** Sends a request and waits for the answer. When it goes out on a connection that was kept, and
 * that turns out to be closed by the server, libcurl sends it again, on a new one, unless `once` is
 * true, or a function has already made a part of its body.
 *
 * @function http:perform
 * @tparam table request as for `http:start`
 * @treturn table `status`, `headers` (lower-case names), `body` (none when an `output` took it),
 *   `http_version`
 * @return nil, message, err with `err.kind` `invalid_request`, `network`, `tls`, `timeout`,
 *   `bad_response` (not HTTP, or longer than its bounds), `cancelled`; `err.retryable`; `err.sent`
 *   is false where nothing of the request went out
 * @raise as `http:start`, and what a function of the request raised
 */
static int http_perform(lua_State *L) {
    (void)check_http(L);
    int results = r2_http_begin(L);
    if (results != 0) {
        return results;
    }
    r2_http *h = lua_touserdata(L, 1);
    r2_exchange *x = lua_touserdata(L, 3);
    r2_http_work(L, x, h, 1, HUGE_VAL);
    lua_getuservalue(L, 3);
    return r2_http_push_outcome(L, x, 3, lua_gettop(L));
}

/*** Lets all exchanges go on as far as they can without waiting.
 *
 * @function http:poll
 * @treturn number how many are under way
 * @raise when the object is closed, or libcurl is running
 */
static int http_poll(lua_State *L) {
    lua_pushinteger(L, r2_http_go_round(L, check_http(L), 0));
    return 1;
}

/*** Waits until one of the exchanges can go on, and lets all that can. It may come back earlier.
 *
 * @function http:wait
 * @tparam[opt] number seconds at most, 0 to 604800; never more than 1 in one call
 * @treturn number how many are under way
 * @raise as `http:poll`
 */
static int http_wait(lua_State *L) {
    double seconds = luaL_optnumber(L, 2, 1);
    luaL_argcheck(L, seconds >= 0 && seconds <= R2_HTTP_SECONDS_MAX, 2,
                  "seconds from 0 to 604800 expected");
    lua_settop(L, 1);
    lua_pushinteger(L, r2_http_go_round(L, check_http(L), seconds));
    return 1;
}

/*** Seconds on a clock that only goes forward, for deadlines.
 * @function now
 * @treturn number
 */
static int http_now(lua_State *L) {
    lua_pushnumber(L, r2_http_monotonic());
    return 1;
}

/*** Sleeps, and blocks the whole process while it does.
 * @function sleep
 * @tparam number seconds 0 to 604800
 */
static int http_sleep(lua_State *L) {
    double seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds <= R2_HTTP_SECONDS_MAX, 1,
                  "seconds from 0 to 604800 expected");
    struct timespec left = {.tv_sec = (time_t)seconds,
                            .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
    return 0;
}

R2_EXPORT int luaopen_r2_http(lua_State *L) {
    static const luaL_Reg of_http[] = {{"perform", http_perform}, {"start", http_start},
                                       {"poll", http_poll},       {"wait", http_wait},
                                       {"close", http_close},     {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"new", http_new}, {"now", http_now}, {"sleep", http_sleep}, {NULL, NULL}};
    r2_check_lua(L);
    r2_stay_resident();
    r2_make_class(L, R2_HTTP_CLASS, http_close, of_http);
    r2_make_class(L, R2_HTTP_EXCHANGE_CLASS, r2_http_exchange_gc, r2_http_exchange_methods);
    lua_newtable(L);
    r2_setfuncs(L, functions, 0);
    return 1;
}
