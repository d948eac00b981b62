/* Jobs: transfers in libcurl's hands, from the handle they get to the sweep behind them. Knows of
 * Lua only which state may be called back. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "jobs.h"

#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

#include "../base/lua_compat.h"
#include "../base/text.h"
#include "drive.h"
#include "libcurl.h"
#include "transfer.h"
#include "transfer_setup.h"

r2_job *r2_http_new_job(r2_http *h, r2_exchange *x) {
    r2_job *j = h->spare;
    h->spare = NULL;
    if (j == NULL) {
        j = calloc(1, sizeof *j);
        h->last_number = h->last_number == INT32_MAX ? 1 : h->last_number + 1;
        if (j != NULL) {
            j->number = h->last_number;
        }
    }
    if (j != NULL) {
        /* Everything but its number and what its transfer keeps is as new. */
        *j = (r2_job){.transfer = j->transfer,
                      .http = h,
                      .exchange = x,
                      .next = h->jobs,
                      .number = j->number};
        j->transfer.hooks = &j->hooks;
        j->transfer.owner = j;
        j->transfer.sockets = &h->sockets;
        j->transfer.flow = &h->flow;
        h->jobs = j;
        x->job = j;
    }
    return j;
}

static void leave_queue(r2_job *j) {
    j->http->queued -= j->queued ? 1 : 0;
    j->queued = false;
}

/* Begins again over a new connection, where the kept one was not fit. */
static bool goes_afresh(r2_job *j) {
    CURLM *multi = j->http->multi;
    if (j->transfer.trouble != R2_UNASKED) {
        return false;
    }
    (void)curl_multi_remove_handle(multi, j->transfer.easy);
    j->added = r2_transfer_go_afresh(&j->transfer) &&
               curl_multi_add_handle(multi, j->transfer.easy) == CURLM_OK;
    j->transfer.trouble = j->added ? R2_NO_TROUBLE : R2_UNASKED;
    return j->added;
}

void r2_http_end_job(r2_job *j, CURLcode code) {
    r2_http *h = j->http;
    if (goes_afresh(j)) {
        return;
    }
    leave_queue(j);
    r2_transfer_finish(&j->transfer, code);
    r2_sockets_note(&h->sockets, j->transfer.easy);
    if (j->added) {
        /* libcurl tells the progress once more, of what it has not ended itself. */
        r2_trouble trouble = j->transfer.trouble;
        (void)curl_multi_remove_handle(h->multi, j->transfer.easy);
        j->transfer.trouble = trouble;
        j->added = false;
    }
    j->done = true;
}

void r2_http_take_job(r2_job *j) {
    r2_http *h = j->http;
    r2_job **link = &h->jobs;
    while (*link != j) {
        link = &(*link)->next;
    }
    *link = j->next;
    if (j->added) {
        (void)curl_multi_remove_handle(h->multi, j->transfer.easy);
        j->added = false;
    }
    leave_queue(j);
    if (j->exchange != NULL) {
        j->exchange->job = NULL;
    }
}

void r2_http_drop_job(r2_job *j) {
    r2_http *h = j->http;
    r2_transfer_drop_bad_handle(&j->transfer);
    if (h->closed || h->spare != NULL) {
        r2_transfer_free(&j->transfer);
        free(j);
    } else {
        r2_transfer_clear(&j->transfer);
        h->spare = j;
    }
}

static bool is_running(const r2_http *h) {
    return h->L != NULL;
}

static void forget_after_fork(r2_http *h) {
    /* The parent uses these sockets: to close them properly would end the parent's TLS sessions.
     * They are left as they are, once in each child. */
    h->multi = NULL;
    h->sockets.count = 0;
    h->ready.count = 0;
    h->queued = 0;
    if (h->spare != NULL) {
        h->spare->transfer.easy = NULL;
    }
    for (r2_job *j = h->jobs; j != NULL; j = j->next) {
        j->added = false;
        j->queued = false;
        if (!j->done) {
            j->done = true;
            j->transfer.trouble = R2_FORKED;
        }
        j->transfer.easy = NULL;
    }
}

void r2_http_forget_parent(r2_http *h) {
    if (h->multi != NULL && h->pid != getpid()) {
        forget_after_fork(h);
    }
}

void r2_http_sweep(r2_http *h) {
    if (!h->unswept || is_running(h)) {
        return;
    }
    h->unswept = false;
    for (r2_job *j = h->jobs, *next; j != NULL; j = next) {
        next = j->next;
        if (j->orphaned || (j->cancelled && !j->done)) {
            r2_http_take_job(j);
            r2_http_drop_job(j);
        }
    }
}

void r2_http_cancel_job(r2_job *j) {
    if (!j->done) {
        r2_http_forget_parent(j->http);
        j->cancelled = true;
        j->http->unswept = true;
        r2_http_sweep(j->http);
    }
}

void r2_http_orphan_job(r2_job *j) {
    j->exchange = NULL;
    j->orphaned = true;
    j->http->unswept = true;
    if (!is_running(j->http)) {
        r2_http_forget_parent(j->http);
        r2_http_sweep(j->http);
    }
}

static void close_multi(r2_http *h) {
    if (h->multi != NULL) {
        (void)curl_multi_cleanup(h->multi);
    }
    h->multi = NULL;
    r2_sockets_free(&h->sockets);
    r2_ready_free(&h->ready);
}

void r2_http_end_all(r2_http *h) {
    for (r2_job *j = h->jobs; j != NULL; j = j->next) {
        if (!j->done) {
            r2_http_end_job(j, CURLE_FAILED_INIT);
        }
    }
    /* Where libcurl 7.88 lacks memory for a connection's socket, it would divide by zero when that
     * is used again. */
    close_multi(h);
}

void r2_http_leave_after_fork(r2_http *h) {
    if (h->pid != getpid()) {
        longjmp(h->way_back, 1);
    }
}

/* Opens what is not yet open; false when there is no memory. */
static bool open_handles(r2_http *h, r2_transfer *t) {
    if (h->multi == NULL) {
        if (!r2_libcurl_open()) {
            return false;
        }
        h->multi = curl_multi_init();
        h->pid = getpid();
        if (h->multi != NULL && !r2_http_watch(h)) {
            (void)curl_multi_cleanup(h->multi);
            h->multi = NULL;
        }
    }
    if (t->easy == NULL) {
        t->easy = curl_easy_init();
        t->is_set_up = false;
    }
    return h->multi != NULL && t->easy != NULL;
}

bool r2_http_add_job(r2_http *h, r2_job *j) {
    r2_transfer *t = &j->transfer;
    bool typed = t->ask.has_body && !j->has_content_type;
    j->queued = open_handles(h, t) && r2_transfer_drop_header(t, R2_SLICE("Expect")) &&
                (!typed || r2_transfer_drop_header(t, R2_SLICE("Content-Type"))) &&
                r2_transfer_prepare(t);
    h->queued += j->queued ? 1 : 0;
    return j->queued;
}

/* The one that has waited longest; new ones are in front. */
static r2_job *next_in_queue(const r2_http *h) {
    r2_job *found = NULL;
    for (r2_job *j = h->jobs; j != NULL; j = j->next) {
        found = j->queued ? j : found;
    }
    return found;
}

void r2_http_admit_jobs(r2_http *h, int most) {
    for (; most > 0 && h->queued > 0; most--) {
        r2_job *j = next_in_queue(h);
        leave_queue(j);
        j->added = curl_multi_add_handle(h->multi, j->transfer.easy) == CURLM_OK;
        if (!j->added) {
            r2_http_end_job(j, CURLE_OUT_OF_MEMORY);
        }
    }
}

void r2_http_end(r2_http *h) {
    r2_http_forget_parent(h);
    h->closed = true; /* nothing is kept any more */
    for (r2_job *j = h->jobs, *next; j != NULL; j = next) {
        next = j->next;
        r2_http_take_job(j);
        r2_http_drop_job(j);
    }
    r2_job *spare = h->spare;
    h->spare = NULL;
    if (spare != NULL) {
        r2_http_drop_job(spare);
    }
    close_multi(h);
}

void r2_http_check_idle(lua_State *L, const r2_http *h) {
    if (is_running(h)) {
        luaL_error(L, "r2.http: not from inside a function of an exchange");
    }
}
