/* What the files of this room share: an http object, an exchange, and the job that libcurl knows of
 * it. Data alone: no function is declared here. Nothing of R2 is known in this room. */
#ifndef R2_HTTP_STATE_H
#define R2_HTTP_STATE_H

#include <lua.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ready.h"
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
    int number;  /* in the http object's table; a spare job keeps it */
    bool queued; /* to be added */
    bool added;  /* to the multi handle */
    bool done;
    bool orphaned;
    bool cancelled;
    bool has_content_type;
    size_t chunk_used; /* bytes of the piece in R2_OF_CHUNK that went out already */
} r2_job;

typedef struct r2_http {
    CURLM *multi;
    r2_job *jobs;
    r2_job *spare; /* one that has ended, for the next exchange: its handle is set up */
    r2_sockets sockets;
    r2_ready ready;
    r2_flow flow;
    unsigned round; /* of looking at the sockets, from 1 */
    int queued;     /* jobs that libcurl does not have yet */
    pid_t pid;      /* whose the handles are: they do not survive a fork */
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
    jmp_buf way_back; /* for a child, when a hook forks */
} r2_http;

typedef struct r2_exchange {
    r2_job *job;     /* NULL when it was cancelled, and from the end on */
    r2_job *settles; /* while its result is made */
    unsigned round;  /* in which it was polled last */
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
    R2_OF_CHUNK, /* a piece of the body that was longer than the room for it */
    R2_OF_FAILURE,
    R2_OF_REASON, /* why a function wanted the end: a text; true when it raised FAILURE */
    R2_OF_RESULT,
    R2_OF_COUNT = R2_OF_RESULT
};

#pragma GCC visibility pop
#endif
