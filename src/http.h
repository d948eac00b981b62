/* What the files of r2.http share: an http object, an exchange, and the job that libcurl knows of
 * it. They call downwards only: http (the module) -> exchange -> jobs -> hooks, exchange -> request
 * -> hooks, exchange -> result. Nothing of R2 is known here. */
#ifndef R2_HTTP_H
#define R2_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "lua_compat.h"
#include "text.h"
#include "transfer.h"

#pragma GCC visibility push(hidden)

/* An http object is a userdata around a multi handle. Its user value is a table whose values are
 * weak: number of an exchange -> the exchange. So an exchange that nobody holds can be collected,
 * even when its own functions refer to it.
 *
 * An exchange is a userdata that points to a job, which is what libcurl's callbacks get. The job
 * is no userdata because it must outlive it: an exchange may be collected while libcurl is in one
 * of its callbacks, and nothing may be taken from libcurl there. Such a job is marked as orphaned,
 * and swept when libcurl has returned. The exchange's user value is a table with what the job
 * needs of Lua: the http object, strings, functions. */

typedef struct r2_job {
    r2_transfer transfer; /* first: libcurl's pointer to it is one to the job */
    r2_hooks hooks;
    struct r2_http *http;
    struct r2_exchange *exchange; /* NULL when it was collected */
    struct r2_job *next;
    int number; /* in the http object's table; a spare job keeps it */
    bool added; /* to the multi handle */
    bool done;
    bool orphaned;
    bool cancelled;
    bool has_content_type;
} r2_job;

typedef struct r2_http {
    CURLM *multi;
    r2_job *jobs;
    r2_job *spare; /* one that has ended, for the next exchange: its handle is set up */
    pid_t pid;     /* whose the handles are: they do not survive a fork */
    int last_number;
    bool closed;
    bool broken;  /* libcurl cannot wait */
    bool unswept; /* a job was cancelled or collected */
    double timeout;
    double connect_timeout;
    const char *ca_file; /* lives in the user value; NULL: the system's */
    int64_t max_header_bytes;
    int64_t max_body_bytes;
    /* While libcurl runs: the Lua state that called it, and where on its stack things are. */
    lua_State *L;
    int self;
    int guard; /* the function that calls hooks */
    struct r2_hook_call *call;
} r2_http;

typedef struct r2_exchange {
    r2_job *job;     /* NULL when it was cancelled, and from the end on */
    r2_job *settles; /* while its result is made */
} r2_exchange;

/* Names of the two metatables. */
#define R2_HTTP_CLASS "r2.http"
#define R2_HTTP_EXCHANGE_CLASS "r2.http.exchange"

/* Slots of an exchange's table. */
enum {
    R2_OF_HTTP = 1,
    R2_OF_METHOD,
    R2_OF_URL,
    R2_OF_BODY,
    R2_OF_OUTPUT,
    R2_OF_PROGRESS,
    R2_OF_CHUNK,
    R2_OF_FAILURE,
    R2_OF_REASON, /* why a function wanted the end: a text; true when it raised what is in FAILURE */
    R2_OF_RESULT,
    R2_OF_COUNT = R2_OF_RESULT
};

/* ---- http_hooks.c ---- */

/* What libcurl's callbacks call; the owner is a job. */
r2_verdict r2_http_consume(void *owner, r2_slice piece);
r2_verdict r2_http_produce(void *owner, char *out, size_t room, size_t *length);
r2_verdict r2_http_progress(void *owner, int64_t sent, int64_t to_send, int64_t received,
                            int64_t to_receive);

/* To be on the stack at http->guard while libcurl runs. */
int r2_http_guard(lua_State *L);

/* ---- http_jobs.c ---- */

/* A job for the exchange, in the http object's list; NULL: no memory. */
r2_job *r2_http_new_job(r2_http *h, r2_exchange *x);

/* Hands the job to libcurl; false when there is no memory. */
bool r2_http_add_job(r2_http *h, r2_job *job);

/* Takes the job out of libcurl's, its http object's and its exchange's hands. Never while libcurl
 * runs. */
void r2_http_take_job(r2_job *job);

/* Frees a job that was taken, or keeps it for the next exchange. */
void r2_http_drop_job(r2_job *job);

/* Both drop a job, now, or as soon as libcurl has returned: one that has not ended; one whose exchange
 * is collected. */
void r2_http_cancel_job(r2_job *job);
void r2_http_orphan_job(r2_job *job);

/* Forgets handles that another process made. */
void r2_http_check_process(r2_http *h);

/* From inside a function that libcurl's callbacks called, libcurl must not be called again. */
bool r2_http_is_running(const r2_http *h);
void r2_http_check_idle(lua_State *L, const r2_http *h);

/* Lets libcurl work on, at least once, until the exchange is done or the time is over. The http
 * object is at stack index `index`. */
void r2_http_work(lua_State *L, const r2_exchange *x, r2_http *h, int index, double until);

/* Frees all jobs and closes all connections; true for all zero too. */
void r2_http_end(r2_http *h);

/* Seconds on a clock that only goes forward. */
double r2_http_monotonic(void);

/* ---- http_request.c ---- */

enum { R2_HTTP_SECONDS_MAX = 7 * 86400, R2_HTTP_OPTIONS = 5, R2_HTTP_FIELDS = 9 };

/* Both push the table's fields, in the order of these enums, and read them. Not all of an option is
 * in the http object, nor all of a field in the job: the rest is for the caller. */
enum { R2_OPTION_CA_FILE };
bool r2_http_read_options(lua_State *L, int table, r2_http *h, r2_error *error);
enum {
    R2_FIELD_METHOD,
    R2_FIELD_URL,
    R2_FIELD_HEADERS,
    R2_FIELD_BODY,
    R2_FIELD_OUTPUT,
    R2_FIELD_PROGRESS
};
bool r2_http_read_request(lua_State *L, int table, const r2_http *h, r2_job *job, r2_error *error);

/* Of a method or a header's name: RFC 9110, 5.6.2 */
bool r2_http_is_token_character(char c);

/* ---- http_result.c ---- */

/* Pushes the table of an answer, whose headers are put into lower case where they are. */
void r2_http_push_response(lua_State *L, r2_transfer *transfer, bool consumes);

/* Pushes the table of an error; the exchange's table is at `table`. */
void r2_http_push_failure(lua_State *L, int table, const char *kind, const char *text,
                          bool retryable);

/* ---- http_exchange.c ---- */

/* Begins the exchange that the table at index 2 asks for; the http object is at index 1. Leaves the
 * exchange at index 3 and returns 0, or pushes nil, message, err and returns 3. */
int r2_http_begin(lua_State *L);

/* Pushes what is known of the exchange at `index`, whose table is at `table`: false while it is
 * under way. Returns how many values. */
int r2_http_push_outcome(lua_State *L, r2_exchange *x, int index, int table);

extern const luaL_Reg r2_http_exchange_methods[];
int r2_http_exchange_gc(lua_State *L);

#pragma GCC visibility pop
#endif
