/* Jobs: transfers in libcurl's hands. */
#ifndef R2_HTTP_JOBS_H
#define R2_HTTP_JOBS_H

#include <lua.h>
#include <stdbool.h>

#include "state.h"

#pragma GCC visibility push(hidden)

/* A job for the exchange, in the http object's list; NULL: no memory. */
r2_job *r2_http_new_job(r2_http *h, r2_exchange *x);

/* Puts the job into the queue; false when there is no memory. */
bool r2_http_add_job(r2_http *h, r2_job *job);

/* Hands so many jobs of the queue to libcurl, at most. */
void r2_http_admit_jobs(r2_http *h, int most);

/* libcurl is done with the job. */
void r2_http_end_job(r2_job *job, CURLcode code);

/* libcurl itself is out of order: what it would not end is ended here, so that nobody waits. */
void r2_http_end_all(r2_http *h);

/* Drops what was cancelled or collected, maybe while libcurl ran; not while it runs. */
void r2_http_sweep(r2_http *h);

/* Takes the job out of libcurl's, its http object's and its exchange's hands. Never while libcurl
 * runs. */
void r2_http_take_job(r2_job *job);

/* Frees a job that was taken, or keeps it for the next exchange. */
void r2_http_drop_job(r2_job *job);

/* Both drop a job, now, or as soon as libcurl has returned: one that has not ended; one whose
 * exchange is collected. */
void r2_http_cancel_job(r2_job *job);
void r2_http_orphan_job(r2_job *job);

/* Forgets handles that another process made. */
void r2_http_forget_parent(r2_http *h);

/* For a callback of libcurl's in which Lua ran. In another process than libcurl was called in it
 * does not return. */
void r2_http_leave_after_fork(r2_http *h);

/* From inside a function that libcurl's callbacks called, libcurl must not be called again:
 * raises. */
void r2_http_check_idle(lua_State *L, const r2_http *h);

/* Frees all jobs and closes all connections; true for all zero too. */
void r2_http_end(r2_http *h);

#pragma GCC visibility pop
#endif
