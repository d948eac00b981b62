/* The module r2.http: HTTP over libcurl for Lua, blocking or step by step. It knows nothing of R2.
 *
 * @module r2.http
 */
#define _POSIX_C_SOURCE 200809L /* nanosleep, clock_gettime, getpid */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "fields.h"
#include "lua_compat.h"
#include "text.h"
#include "transfer.h"
#include "url.h"

enum {
    DEFAULT_MAX_BYTES = 1024 * 1024,
    TIMEOUT_MAX = 7 * 86400, /* seconds */
    SHOWN_TEXT_MAX = 240
};
static const int64_t BYTES_MAX = (int64_t)1 << 40; /* what a bound may be at most */

/* ---- what an http object and an exchange are ----
 *
 * An http object is a userdata around a multi handle. Its user value is a table whose values are
 * weak: number of an exchange -> the exchange. So an exchange that nobody holds can be collected,
 * even when its own functions refer to it.
 *
 * An exchange is a userdata that points to a `job`, which is what libcurl's callbacks get. The job
 * is no userdata because it must outlive it: an exchange may be collected while libcurl is in one
 * of its callbacks, and nothing may be taken from libcurl there. Such a job is marked as orphaned,
 * and swept when libcurl has returned. The exchange's user value is a table with what the job
 * needs of Lua: the http object, strings, functions. */

typedef struct job {
    r2_transfer transfer;
    r2_hooks hooks;
    struct http *http;
    struct exchange *exchange; /* NULL when it was collected */
    struct job *next;
    int number; /* in the http object's table */
    bool added; /* to the multi handle */
    bool done;
    bool orphaned;
    bool cancelled;
    bool has_content_type;
} job;

typedef struct http {
    CURLM *multi;
    CURL *spare; /* an easy handle that the next exchange may use */
    job *jobs;
    pid_t pid; /* whose the handles are: they do not survive a fork */
    int last_number;
    bool closed;
    double timeout;
    double connect_timeout;
    int64_t max_header_bytes;
    int64_t max_body_bytes;
    /* While libcurl runs: the Lua state that called it, and where on its stack things are. */
    lua_State *L;
    int self;
    int guard; /* the function that calls hooks */
    struct hook_call *call;
} http;

typedef struct exchange {
    job *job;                   /* NULL when the http object was closed, and from the end on */
    struct settlement *settles; /* while its result is made */
} exchange;

static const char http_metatable[] = "r2.http";
static const char exchange_metatable[] = "r2.http.exchange";

/* Slots of an exchange's table. */
enum {
    OF_HTTP = 1,
    OF_METHOD,
    OF_URL,
    OF_BODY,
    OF_OUTPUT,
    OF_PROGRESS,
    OF_CHUNK,
    OF_FAILURE,
    OF_REASON,
    OF_RESULT,
    SLOT_COUNT
};

/* ---- hooks: Lua functions called from libcurl's callbacks, never unwinding through it ---- */

typedef struct hook_call {
    job *job;
    int (*run)(lua_State *L, struct hook_call *call); /* 1: go on, 0: stop; at 1 is the table */
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
    lua_rawseti(L, table, OF_FAILURE);
    lua_pushboolean(L, 1);
    lua_rawseti(L, table, OF_REASON);
}

/* Calls what push_callee and the caller pushed. Leaves two results. */
static bool call_hook(lua_State *L, int arguments) {
    if (lua_pcall(L, arguments, 2, 0) == 0) {
        return true;
    }
    keep_failure(L, 1);
    return false;
}

/* nil and a text, as io functions return them, or false: the function wants the exchange stopped. */
static bool wants_stop(lua_State *L) {
    bool reason = lua_isnil(L, -2) && lua_type(L, -1) == LUA_TSTRING;
    if (reason) {
        lua_pushvalue(L, -1);
        lua_rawseti(L, 1, OF_REASON);
    }
    return reason || (lua_isboolean(L, -2) && !lua_toboolean(L, -2));
}

static int run_consume(lua_State *L, hook_call *call) {
    int more = push_callee(L, OF_OUTPUT, "write");
    lua_pushlstring(L, call->piece.data, call->piece.length);
    return call_hook(L, more + 1) && !wants_stop(L);
}

static int run_progress(lua_State *L, hook_call *call) {
    lua_rawgeti(L, 1, OF_PROGRESS);
    for (int i = 0; i < 4; i++) {
        r2_push_whole(L, call->counts[i]);
    }
    return call_hook(L, 4) && !wants_stop(L);
}

/* Gets the next piece of the body, which may be longer than there is room for: the rest stays. */
static int run_produce(lua_State *L, hook_call *call) {
    r2_slice chunk = {0};
    lua_settop(L, 1);
    lua_rawgeti(L, 1, OF_CHUNK);
    while (!r2_get_string(L, -1, &chunk) || chunk.length == 0) {
        int more = push_callee(L, OF_BODY, "read");
        lua_pushinteger(L, (lua_Integer)call->room);
        if (!call_hook(L, more + 1) || wants_stop(L)) {
            return 0;
        }
        lua_pop(L, 1);
        lua_replace(L, 2);
        if (lua_isnil(L, -1)) {
            *call->length = 0;
            return 1;
        }
        if (lua_type(L, -1) != LUA_TSTRING) {
            lua_pushliteral(L, "a body's function must return strings, and nil at the end");
            lua_rawseti(L, 1, OF_REASON);
            return 0;
        }
    }
    *call->length = chunk.length < call->room ? chunk.length : call->room;
    memcpy(call->out, chunk.data, *call->length);
    lua_pushlstring(L, chunk.data + *call->length, chunk.length - *call->length);
    lua_rawseti(L, 1, OF_CHUNK);
    return 1;
}

/* Runs protected: (http object). */
static int guard(lua_State *L) {
    hook_call *call = ((http *)lua_touserdata(L, 1))->call;
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
    http *h = call->job->http;
    lua_State *L = h->L;
    if (call->job->cancelled || call->job->orphaned) {
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
    return call->go_on ? R2_GO_ON : R2_STOP;
}

static r2_verdict on_consume(void *owner, r2_slice piece) {
    hook_call call = {.job = owner, .run = run_consume, .piece = piece};
    return call_guarded(&call);
}

static r2_verdict on_produce(void *owner, char *out, size_t room, size_t *length) {
    hook_call call = {.job = owner, .run = run_produce, .out = out, .room = room, .length = length};
    return call_guarded(&call);
}

static r2_verdict on_progress(void *owner, int64_t sent, int64_t to_send, int64_t received,
                              int64_t to_receive) {
    hook_call call = {
        .job = owner, .run = run_progress, .counts = {sent, to_send, received, to_receive}};
    return call_guarded(&call);
}

/* ---- jobs ---- */

static void end_job(job *j, CURLcode code) {
    http *h = j->http;
    r2_transfer_finish(&j->transfer, code);
    if (j->added) {
        (void)curl_multi_remove_handle(h->multi, j->transfer.easy);
        j->added = false;
    }
    j->done = true;
}

/* Takes the job out of its http object and frees it. Never while libcurl runs. */
static void free_job(job *j) {
    http *h = j->http;
    job **link = &h->jobs;
    while (*link != j) {
        link = &(*link)->next;
    }
    *link = j->next;
    if (j->added) {
        (void)curl_multi_remove_handle(h->multi, j->transfer.easy);
    }
    if (j->exchange != NULL) {
        j->exchange->job = NULL;
    }
    r2_transfer_clear(&j->transfer);
    if (h->spare == NULL) {
        h->spare = j->transfer.easy;
    } else {
        curl_easy_cleanup(j->transfer.easy);
    }
    free(j);
}

static bool is_running(const http *h) {
    return h->L != NULL;
}

/* Ends what was cancelled, and frees what was collected, while libcurl ran. */
static void sweep(http *h) {
    for (job *j = h->jobs, *next; j != NULL; j = next) {
        next = j->next;
        if (j->orphaned) {
            free_job(j);
        } else if (j->cancelled && !j->done) {
            j->transfer.trouble = R2_STOPPED;
            end_job(j, CURLE_ABORTED_BY_CALLBACK);
        }
    }
}

/* Lets libcurl do what can be done without waiting. The http object is at stack index `index`. */
static void drive(lua_State *L, http *h, int index) {
    int left;
    int running;
    CURLMsg *message;
    luaL_checkstack(L, LUA_MINSTACK, "r2.http");
    lua_pushcfunction(L, guard);
    h->guard = lua_gettop(L);
    h->self = index;
    h->L = L;
    (void)curl_multi_perform(h->multi, &running);
    h->L = NULL;
    while ((message = curl_multi_info_read(h->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            char *owner = NULL;
            CURLcode code = message->data.result;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
            /* The transfer is the first member of its job. */
            end_job((job *)(void *)owner, code);
        }
    }
    sweep(h);
    lua_pop(L, 1);
}

/* ---- the http object ---- */

static void forget_after_fork(http *h) {
    /* The parent uses these sockets: to close them properly would end the parent's TLS sessions.
     * They are left as they are, once in each child. */
    h->multi = NULL;
    h->spare = NULL;
    for (job *j = h->jobs; j != NULL; j = j->next) {
        j->added = false;
        if (!j->done) {
            j->done = true;
            j->transfer.code = CURLE_SEND_ERROR;
        }
        j->transfer.easy = NULL;
    }
}

static void check_process(http *h) {
    if (h->multi != NULL && h->pid != getpid()) {
        forget_after_fork(h);
    }
}

/* Opens what is not yet open; false when there is no memory. */
static bool open_handles(http *h, CURL **easy) {
    if (h->multi == NULL) {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
            return false;
        }
        h->multi = curl_multi_init();
        h->pid = getpid();
    }
    *easy = h->spare != NULL ? h->spare : curl_easy_init();
    h->spare = NULL;
    return h->multi != NULL && *easy != NULL;
}

static void close_http(http *h) {
    check_process(h);
    while (h->jobs != NULL) {
        free_job(h->jobs);
    }
    if (h->spare != NULL) {
        curl_easy_cleanup(h->spare);
    }
    if (h->multi != NULL) {
        (void)curl_multi_cleanup(h->multi);
    }
    h->spare = NULL;
    h->multi = NULL;
    h->closed = true;
}

static http *check_http(lua_State *L) {
    http *h = luaL_checkudata(L, 1, http_metatable);
    if (h->closed) {
        luaL_error(L, "r2.http: this object is closed");
    }
    return h;
}

/* From inside a function that libcurl's callbacks called, libcurl must not be called again. */
static void check_idle(lua_State *L, const http *h) {
    if (is_running(h)) {
        luaL_error(L, "r2.http: not from inside a function of an exchange");
    }
}

static int http_gc(lua_State *L) {
    close_http(lua_touserdata(L, 1));
    return 0;
}

/*** Cancels what is under way and closes every connection. Other methods raise afterwards.
 * @function http:close
 */
static int http_close(lua_State *L) {
    http *h = luaL_checkudata(L, 1, http_metatable);
    check_idle(L, h);
    close_http(h);
    return 0;
}

enum option { CA_FILE, TIMEOUT, CONNECT_TIMEOUT, MAX_HEADER, MAX_BODY, OPTION_COUNT };
static const r2_slice option_names[OPTION_COUNT] = {
    [CA_FILE] = R2_SLICE_OF("ca_file"),
    [TIMEOUT] = R2_SLICE_OF("timeout_seconds"),
    [CONNECT_TIMEOUT] = R2_SLICE_OF("connect_timeout_seconds"),
    [MAX_HEADER] = R2_SLICE_OF("max_header_bytes"),
    [MAX_BODY] = R2_SLICE_OF("max_body_bytes"),
};
static const r2_names options_known = {"options", option_names, OPTION_COUNT};

/* Reads a time in seconds, when there is one. */
static bool read_seconds(lua_State *L, int index, const char *field, double *seconds,
                         r2_error *error) {
    if (lua_isnil(L, index)) {
        return true;
    }
    double given = lua_type(L, index) == LUA_TNUMBER ? (double)lua_tonumber(L, index) : -1;
    if (!(given > 0 && given <= TIMEOUT_MAX)) {
        return r2_refuse(error, field, 0, "must be a number of seconds above 0, at most %d",
                         TIMEOUT_MAX);
    }
    *seconds = given;
    return true;
}

static bool read_bytes(lua_State *L, int index, const char *field, int64_t *bytes,
                       r2_error *error) {
    return lua_isnil(L, index) || r2_get_whole(L, index, 1, BYTES_MAX, bytes) ||
           r2_refuse(error, field, 0, "must be a whole number of bytes from 1 to 2^40");
}

static bool read_path(lua_State *L, int index, const char *field, r2_error *error) {
    r2_slice path;
    bool good = lua_isnil(L, index) || (r2_get_string(L, index, &path) && path.length > 0 &&
                                        memchr(path.data, '\0', path.length) == NULL);
    return good || r2_refuse(error, field, 0, "must be the path of a file with certificates (PEM)");
}

static bool read_options(lua_State *L, int table, http *h, r2_error *error) {
    int base = lua_gettop(L) + 1;
    error->kind = "invalid_config";
    return r2_spread(L, table, &options_known, NULL, error) &&
           read_path(L, base + CA_FILE, "ca_file", error) &&
           read_seconds(L, base + TIMEOUT, "timeout_seconds", &h->timeout, error) &&
           read_seconds(L, base + CONNECT_TIMEOUT, "connect_timeout_seconds", &h->connect_timeout,
                        error) &&
           read_bytes(L, base + MAX_HEADER, "max_header_bytes", &h->max_header_bytes, error) &&
           read_bytes(L, base + MAX_BODY, "max_body_bytes", &h->max_body_bytes, error);
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
 *   `connect_timeout_seconds` default 10; `max_header_bytes`, `max_body_bytes` default 1048576
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
    luaL_checkstack(L, LUA_MINSTACK + OPTION_COUNT, "r2.http");
    http *h = lua_newuserdata(L, sizeof *h);
    *h = (http){.timeout = 30,
                .connect_timeout = 10,
                .max_header_bytes = DEFAULT_MAX_BYTES,
                .max_body_bytes = DEFAULT_MAX_BYTES};
    luaL_getmetatable(L, http_metatable);
    lua_setmetatable(L, 2);
    push_exchanges(L);
    if (!read_options(L, 1, h, &error)) {
        return r2_error_push(L, &error);
    }
    lua_pushvalue(L, 4 + CA_FILE);
    lua_setfield(L, 3, "ca_file");
    lua_pushvalue(L, 3);
    lua_setuservalue(L, 2);
    lua_settop(L, 2);
    return 1;
}

/* ---- an exchange begins ---- */

enum field {
    METHOD,
    URL,
    HEADERS,
    BODY,
    CONTENT_LENGTH,
    OUTPUT,
    PROGRESS,
    COMPRESSED,
    TIMEOUT_SECONDS,
    FIELD_COUNT
};
static const r2_slice field_names[FIELD_COUNT] = {
    [METHOD] = R2_SLICE_OF("method"),
    [URL] = R2_SLICE_OF("url"),
    [HEADERS] = R2_SLICE_OF("headers"),
    [BODY] = R2_SLICE_OF("body"),
    [CONTENT_LENGTH] = R2_SLICE_OF("content_length"),
    [OUTPUT] = R2_SLICE_OF("output"),
    [PROGRESS] = R2_SLICE_OF("progress"),
    [COMPRESSED] = R2_SLICE_OF("compressed"),
    [TIMEOUT_SECONDS] = R2_SLICE_OF("timeout_seconds"),
};
static const r2_names request_known = {"request", field_names, FIELD_COUNT};

static bool is_token(r2_slice text) { /* RFC 9110, 5.6.2 */
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return text.length > 0;
}

static bool is_header_value(r2_slice text) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Headers that libcurl makes from the rest of the request: a second one could contradict it. */
static bool is_made_here(r2_slice name) {
    static const char *const made[] = {"host", "content-length", "transfer-encoding", "expect",
                                       "connection"};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        if (strlen(made[i]) == name.length && curl_strnequal(name.data, made[i], name.length)) {
            return true;
        }
    }
    return false;
}

static bool read_headers(lua_State *L, int table, job *j, r2_error *error) {
    if (lua_isnil(L, table)) {
        return true;
    }
    if (!lua_istable(L, table) || !r2_check_plain(L, table, "headers", NULL, error)) {
        return lua_istable(L, table) ? false
                                     : r2_refuse(error, "headers", 0, "must be a table of strings");
    }
    lua_pushnil(L);
    while (lua_next(L, table)) {
        r2_slice name;
        r2_slice value;
        if (!r2_get_string(L, -2, &name) || !is_token(name) || is_made_here(name)) {
            return r2_refuse(error, "headers", 0,
                             "must have names of RFC 9110's token characters, and not host, "
                             "content-length, transfer-encoding, expect or connection");
        }
        if (!r2_get_string(L, -1, &value) || !is_header_value(value)) {
            return r2_refuse(error, "headers", 0,
                             "must have strings without CR, LF, NUL or other control characters");
        }
        j->has_content_type = j->has_content_type || curl_strequal(name.data, "content-type");
        if (!r2_transfer_add_header(&j->transfer, name, value)) {
            luaL_error(L, "not enough memory");
        }
        lua_pop(L, 1);
    }
    return true;
}

/* A body or an output: a function, or an object with a method like a Lua file's. */
static bool is_callee(lua_State *L, int index) {
    return lua_isfunction(L, index) || lua_isuserdata(L, index) || lua_istable(L, index);
}

static bool read_body(lua_State *L, int base, job *j, r2_error *error) {
    r2_ask *ask = &j->transfer.ask;
    ask->body_length = -1;
    if (!lua_isnil(L, base + CONTENT_LENGTH) &&
        !r2_get_whole(L, base + CONTENT_LENGTH, 0, INT64_MAX / 2048, &ask->body_length)) {
        return r2_refuse(error, "content_length", 0, "must be a whole number of bytes");
    }
    if (lua_isnil(L, base + BODY)) {
        return true;
    }
    ask->has_body = true;
    if (r2_get_string(L, base + BODY, &ask->body)) {
        bool right = ask->body_length < 0 || (uint64_t)ask->body_length == ask->body.length;
        return right || r2_refuse(error, "content_length", 0, "must be the length of the body");
    }
    j->hooks.produce = on_produce;
    return is_callee(L, base + BODY) ||
           r2_refuse(error, "body", 0, "must be a string, a function or an open file");
}

static bool read_hooks(lua_State *L, int base, job *j, r2_error *error) {
    if (!lua_isnil(L, base + OUTPUT)) {
        j->hooks.consume = on_consume;
        if (!is_callee(L, base + OUTPUT)) {
            return r2_refuse(error, "output", 0, "must be a function or an open file");
        }
    }
    if (!lua_isnil(L, base + PROGRESS)) {
        j->hooks.progress = on_progress;
        if (!lua_isfunction(L, base + PROGRESS)) {
            return r2_refuse(error, "progress", 0, "must be a function");
        }
    }
    return true;
}

static bool read_target(lua_State *L, int base, r2_ask *ask, r2_error *error) {
    r2_slice method;
    r2_slice url = {0};
    if (!r2_get_string(L, base + METHOD, &method) || !is_token(method)) {
        return r2_refuse(error, "method", 0, "is required and must be a method, such as GET");
    }
    bool string = r2_get_string(L, base + URL, &url);
    const char *wrong = string ? r2_url_check_target(url, &ask->loopback)
                               : "is required and must be a string: an https:// URL";
    if (wrong != NULL) {
        return r2_refuse(error, "url", 0, "%s", wrong);
    }
    ask->method = method.data;
    ask->url = url.data;
    return true;
}

static long milliseconds(double seconds) {
    double ms = ceil(seconds * 1000);
    return ms < 1 ? 1 : (long)ms; /* 0 would mean for ever */
}

static bool read_limits(lua_State *L, int base, const http *h, r2_ask *ask, r2_error *error) {
    double timeout = h->timeout;
    if (!read_seconds(L, base + TIMEOUT_SECONDS, "timeout_seconds", &timeout, error)) {
        return false;
    }
    if (!lua_isnil(L, base + COMPRESSED) && !lua_isboolean(L, base + COMPRESSED)) {
        return r2_refuse(error, "compressed", 0, "must be true or false");
    }
    ask->compressed = lua_toboolean(L, base + COMPRESSED);
    ask->timeout_ms = milliseconds(timeout);
    ask->connect_timeout_ms = milliseconds(h->connect_timeout);
    ask->max_header_bytes = (size_t)h->max_header_bytes;
    ask->max_body_bytes = (size_t)h->max_body_bytes;
    return true;
}

static bool read_request(lua_State *L, int table, const http *h, job *j, r2_error *error) {
    int base = lua_gettop(L) + 1;
    error->kind = "invalid_request";
    return r2_spread(L, table, &request_known, NULL, error) &&
           read_target(L, base, &j->transfer.ask, error) && read_body(L, base, j, error) &&
           read_hooks(L, base, j, error) && read_limits(L, base, h, &j->transfer.ask, error) &&
           read_headers(L, base + HEADERS, j, error);
}

static void keep(lua_State *L, int table, int slot, int value) {
    lua_pushvalue(L, value);
    lua_rawseti(L, table, slot);
}

/* Pushes an exchange with a job that libcurl does not know yet, and its table. NULL: no memory. */
static job *push_exchange(lua_State *L, http *h, int http_index) {
    exchange *x = lua_newuserdata(L, sizeof *x);
    int index = lua_gettop(L);
    *x = (exchange){0};
    luaL_getmetatable(L, exchange_metatable);
    lua_setmetatable(L, index);
    lua_createtable(L, SLOT_COUNT - 1, 0);
    keep(L, index + 1, OF_HTTP, http_index);
    lua_pushvalue(L, index + 1);
    lua_setuservalue(L, index);
    job *j = calloc(1, sizeof *j);
    if (j == NULL) {
        return NULL;
    }
    j->http = h;
    j->exchange = x;
    j->next = h->jobs;
    j->transfer.hooks = &j->hooks;
    j->transfer.owner = j;
    h->jobs = j;
    x->job = j;
    return j;
}

/* Hands the job to libcurl; the http object is at index 1, the exchange at `index`, its table behind
 * it, and then the request's fields. */
static void add_job(lua_State *L, http *h, job *j, int index) {
    int table = index + 1;
    int base = index + 2;
    r2_slice ca_file;
    keep(L, table, OF_METHOD, base + METHOD);
    keep(L, table, OF_URL, base + URL);
    keep(L, table, OF_BODY, base + BODY);
    keep(L, table, OF_OUTPUT, base + OUTPUT);
    keep(L, table, OF_PROGRESS, base + PROGRESS);
    lua_getuservalue(L, 1);
    h->last_number = h->last_number == INT32_MAX ? 1 : h->last_number + 1;
    j->number = h->last_number;
    keep(L, lua_gettop(L), j->number, index);
    lua_getfield(L, -1, "ca_file");
    j->transfer.ask.ca_file = r2_get_string(L, -1, &ca_file) ? ca_file.data : NULL;
    bool typed = j->transfer.ask.has_body && !j->has_content_type;
    bool good = open_handles(h, &j->transfer.easy) &&
                r2_transfer_drop_header(&j->transfer, R2_SLICE("Expect")) &&
                (!typed || r2_transfer_drop_header(&j->transfer, R2_SLICE("Content-Type"))) &&
                r2_transfer_prepare(&j->transfer) &&
                curl_multi_add_handle(h->multi, j->transfer.easy) == CURLM_OK;
    if (!good) {
        luaL_error(L, "r2.http: libcurl cannot start a transfer (out of memory?)");
    }
    j->added = true;
}

/* Leaves the exchange at index 3 and returns 0, or pushes an error and returns 3. */
static int start(lua_State *L) {
    r2_error error;
    http *h = check_http(L);
    check_idle(L, h);
    check_process(h); /* before there is a job of this process */
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    luaL_checkstack(L, 2 * LUA_MINSTACK + FIELD_COUNT, "r2.http");
    job *j = push_exchange(L, h, 1);
    if (j == NULL) {
        return luaL_error(L, "not enough memory");
    }
    if (!read_request(L, 2, h, j, &error)) {
        free_job(j);
        return r2_error_push(L, &error);
    }
    add_job(L, h, j, 3);
    lua_settop(L, 3);
    return 0;
}

/* ---- an exchange ends ---- */

static r2_slice trimmed(r2_slice text) {
    while (text.length > 0 && strchr(" \t\r\n", text.data[text.length - 1]) != NULL) {
        text.length--;
    }
    while (text.length > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text = (r2_slice){text.data + 1, text.length - 1};
    }
    return text;
}

/* Pushes the name in lower case. */
static void push_name(lua_State *L, r2_slice name) {
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        luaL_addchar(&buffer, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    }
    luaL_pushresult(&buffer);
}

/* Sets one header of the table on top; a second one of the same name is joined to the first. */
static void set_header(lua_State *L, r2_slice name, r2_slice value) {
    push_name(L, name);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, value.data, value.length);
    } else {
        lua_pushliteral(L, ", ");
        lua_pushlstring(L, value.data, value.length);
        lua_concat(L, 3);
    }
    lua_rawset(L, -3);
}

static void push_headers(lua_State *L, const r2_buffer *lines) {
    const char *at = lines->data;
    const char *end = lines->data + lines->length;
    lua_newtable(L);
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        const char *colon = memchr(at, ':', (size_t)(line_end - at));
        /* The status line, for one, may have a colon but is no header. */
        if (colon != NULL && is_token((r2_slice){at, (size_t)(colon - at)})) {
            set_header(L, (r2_slice){at, (size_t)(colon - at)},
                       trimmed((r2_slice){colon + 1, (size_t)(line_end - colon - 1)}));
        }
        at = line_end < end ? line_end + 1 : end;
    }
}

static void push_response(lua_State *L, const r2_transfer *t, bool consumes) {
    lua_createtable(L, 0, 4);
    r2_push_whole(L, t->status);
    lua_setfield(L, -2, "status");
    push_headers(L, &t->answer_headers);
    lua_setfield(L, -2, "headers");
    bool consumed = consumes && t->status >= 200 && t->status < 300;
    if (!consumed) {
        lua_pushlstring(L, t->answer_body.length > 0 ? t->answer_body.data : "",
                        t->answer_body.length);
        lua_setfield(L, -2, "body");
    }
    lua_pushstring(L, t->http_version == CURL_HTTP_VERSION_2_0   ? "2"
                      : t->http_version == CURL_HTTP_VERSION_1_0 ? "1.0"
                                                                 : "1.1");
    lua_setfield(L, -2, "http_version");
}

/* Pushes the table of an error; the exchange's table is at `table`. */
static void push_failure(lua_State *L, int table, const char *kind, const char *text,
                         bool retryable) {
    r2_error error = {.kind = kind};
    (void)r2_refuse(&error, NULL, 0, "HTTP: %.*s", SHOWN_TEXT_MAX, text);
    lua_rawgeti(L, table, OF_REASON);
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) <= SHOWN_TEXT_MAX) {
        r2_error_add(&error, " by its own function: %s", lua_tostring(L, -1));
    }
    for (char *c = error.message; *c != '\0'; c++) {
        *c = (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c;
    }
    (void)r2_error_push(L, &error);
    lua_pushboolean(L, retryable);
    lua_setfield(L, -2, "retryable");
}

/* What has ended, taken from its job: a finalizer may run while the result is made, and poll the
 * same exchange or close the http object. */
typedef struct settlement {
    r2_transfer transfer;
    bool consumes;
} settlement;

/* Runs protected: (exchange). */
static int make_result(lua_State *L) {
    const char *text = "";
    bool retryable = false;
    const settlement *s = ((exchange *)lua_touserdata(L, 1))->settles;
    lua_getuservalue(L, 1);
    const char *kind = r2_transfer_error(&s->transfer, &text, &retryable);
    if (kind == NULL) {
        push_response(L, &s->transfer, s->consumes);
    } else {
        push_failure(L, 2, kind, text, retryable);
    }
    lua_rawseti(L, 2, OF_RESULT);
    return 0;
}

/* Makes the result of a job that is done, keeps it in the exchange's table, and frees the job. The
 * exchange is at `index`. */
static void settle(lua_State *L, exchange *x, int index) {
    lua_pushcfunction(L, make_result); /* may run a finalizer that settles it */
    lua_pushvalue(L, index);
    if (x->job == NULL || x->settles != NULL) {
        lua_pop(L, 2);
        return;
    }
    settlement s = {x->job->transfer, x->job->hooks.consume != NULL};
    x->job->transfer.answer_headers = (r2_buffer){0};
    x->job->transfer.answer_body = (r2_buffer){0};
    free_job(x->job);
    x->settles = &s;
    int status = lua_pcall(L, 1, 0, 0);
    x->settles = NULL;
    r2_buffer_free(&s.transfer.answer_headers);
    r2_buffer_free(&s.transfer.answer_body);
    if (status != 0) {
        (void)lua_error(L);
    }
}

/* Pushes what is known of the exchange at `index`, whose table is at `table`; returns how many
 * values. */
static int push_outcome(lua_State *L, exchange *x, int index, int table) {
    if (x->job != NULL && x->job->done) {
        settle(L, x, index);
    }
    if (x->job != NULL || x->settles != NULL) {
        lua_pushboolean(L, 0);
        return 1;
    }
    lua_rawgeti(L, table, OF_REASON);
    if (lua_isboolean(L, -1)) { /* a function of the exchange raised: so do we */
        lua_rawgeti(L, table, OF_FAILURE);
        return lua_error(L);
    }
    lua_rawgeti(L, table, OF_RESULT);
    if (lua_isnil(L, -1)) {
        push_failure(L, table, "cancelled", "the exchange was cancelled", false);
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

static double monotonic(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Lets libcurl work on, at least once, until the exchange is done or the time is over. */
static void work(lua_State *L, exchange *x, http *h, int http_index, double until) {
    check_idle(L, h);
    check_process(h);
    while (x->job != NULL && !x->job->done) {
        drive(L, h, http_index);
        double left = until - monotonic();
        if (x->job == NULL || x->job->done || !(left > 0)) {
            break;
        }
        int ms = left < 1 ? (int)ceil(left * 1000) : 1000;
#if CURL_AT_LEAST_VERSION(7, 66, 0)
        (void)curl_multi_poll(h->multi, NULL, 0, ms, NULL);
#else
        (void)curl_multi_wait(h->multi, NULL, 0, ms, NULL);
#endif
    }
}

/* Pushes the exchange's table and its http object; the exchange is argument 1. */
static exchange *open_exchange(lua_State *L, http **h) {
    exchange *x = luaL_checkudata(L, 1, exchange_metatable);
    lua_settop(L, 2);
    lua_getuservalue(L, 1);
    lua_rawgeti(L, 3, OF_HTTP);
    *h = lua_touserdata(L, 4);
    return x;
}
enum { EXCHANGE_TABLE = 3, EXCHANGE_HTTP = 4 };

/*** Lets the exchange go on as far as it can without waiting.
 *
 * @function exchange:poll
 * @return false while it is under way; then, at this call and all later ones, what `http:perform`
 *   returns
 * @raise what a function of the exchange raised
 */
static int exchange_poll(lua_State *L) {
    http *h;
    exchange *x = open_exchange(L, &h);
    work(L, x, h, EXCHANGE_HTTP, 0);
    return push_outcome(L, x, 1, EXCHANGE_TABLE);
}

/*** Waits for the exchange's end.
 *
 * @function exchange:wait
 * @tparam[opt] number seconds at most; default until it ends
 * @return as `exchange:poll`
 */
static int exchange_wait(lua_State *L) {
    http *h;
    double seconds = luaL_optnumber(L, 2, HUGE_VAL);
    exchange *x = open_exchange(L, &h);
    work(L, x, h, EXCHANGE_HTTP, monotonic() + seconds);
    return push_outcome(L, x, 1, EXCHANGE_TABLE);
}

/*** Ends the exchange; its result is nil, message, err with `err.kind` `cancelled`. One that has
 * ended stays as it is.
 * @function exchange:cancel
 */
static int exchange_cancel(lua_State *L) {
    http *h;
    exchange *x = open_exchange(L, &h);
    if (x->job != NULL && !x->job->done) {
        check_process(h);
        x->job->cancelled = true;
        if (!is_running(h)) {
            sweep(h);
        }
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
    http *h;
    long ms = 0;
    exchange *x = open_exchange(L, &h);
    check_idle(L, h);
    check_process(h);
    if (x->job != NULL && !x->job->done) {
        (void)curl_multi_timeout(h->multi, &ms);
        ms = ms < 0 || ms > 1000 ? 1000 : ms;
    }
    lua_pushnumber(L, (lua_Number)ms / 1000);
    return 1;
}

static int exchange_gc(lua_State *L) {
    exchange *x = lua_touserdata(L, 1);
    job *j = x->job;
    x->job = NULL;
    if (j != NULL) {
        j->exchange = NULL;
        j->orphaned = true;
        if (!is_running(j->http)) {
            check_process(j->http);
            free_job(j);
        }
    }
    return 0;
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
 *   `timeout_seconds` for this exchange.
 *   A function stops the exchange by returning false, or nil and a text, or by raising.
 * @treturn exchange
 * @return nil, message, err with `err.kind` `invalid_request`
 * @raise when the request is no table, the object is closed, or libcurl is running
 */
static int http_start(lua_State *L) {
    int results = start(L);
    return results != 0 ? results : 1;
}

/*** Sends a request and waits for the answer.
 *
 * @function http:perform
 * @tparam table request as for `http:start`
 * @treturn table `status`, `headers` (lower-case names), `body` (none when an `output` took it),
 *   `http_version`
 * @return nil, message, err with `err.kind` `invalid_request`, `network`, `tls`, `timeout`,
 *   `bad_response` (not HTTP, or longer than its bounds), `cancelled`; `err.retryable`
 * @raise as `http:start`, and what a function of the request raised
 */
static int http_perform(lua_State *L) {
    int results = start(L);
    if (results != 0) {
        return results;
    }
    http *h = lua_touserdata(L, 1);
    exchange *x = lua_touserdata(L, 3);
    work(L, x, h, 1, HUGE_VAL);
    lua_getuservalue(L, 3);
    return push_outcome(L, x, 3, lua_gettop(L));
}

/*** Seconds on a clock that only goes forward, for deadlines.
 * @function now
 * @treturn number
 */
static int http_now(lua_State *L) {
    lua_pushnumber(L, monotonic());
    return 1;
}

/*** Sleeps, and blocks the whole process while it does.
 * @function sleep
 * @tparam number seconds 0 to 604800
 */
static int http_sleep(lua_State *L) {
    double seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds <= TIMEOUT_MAX, 1,
                  "seconds from 0 to 604800 expected");
    struct timespec left = {.tv_sec = (time_t)seconds,
                            .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
    return 0;
}

static void make_class(lua_State *L, const char *name, lua_CFunction gc, const luaL_Reg *methods) {
    (void)luaL_newmetatable(L, name);
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    lua_newtable(L);
    r2_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

R2_EXPORT int luaopen_r2_http(lua_State *L);
R2_EXPORT int luaopen_r2_http(lua_State *L) {
    static const luaL_Reg of_http[] = {
        {"perform", http_perform}, {"start", http_start}, {"close", http_close}, {NULL, NULL}};
    static const luaL_Reg of_exchange[] = {{"poll", exchange_poll},
                                           {"wait", exchange_wait},
                                           {"cancel", exchange_cancel},
                                           {"timeout", exchange_timeout},
                                           {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"new", http_new}, {"now", http_now}, {"sleep", http_sleep}, {NULL, NULL}};
    make_class(L, http_metatable, http_gc, of_http);
    make_class(L, exchange_metatable, exchange_gc, of_exchange);
    lua_newtable(L);
    r2_setfuncs(L, functions, 0);
    return 1;
}
