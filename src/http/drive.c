/* What makes libcurl go on. One look at all sockets begins a round; each that is ready is seen to
 * once in it, and exchanges that are polled one after the other share the round. So a program that
 * polls n of them for each frame it draws looks once, and touches each socket once, not n times. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, getpid */
#include "drive.h"

#include <setjmp.h>
#include <time.h>
#include <unistd.h>

#include "../base/lua_compat.h"
#include "hooks.h"
#include "jobs.h"
#include "ready.h"
#include "seconds.h"

enum {
    STARTS_MAX = 4, /* in one round: each opens a connection, 0.5 ms and more */
    LONGEST_WAIT_MS = 1000
};

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *unused) {
    r2_http *h = context;
    (void)easy;
    (void)unused;
    if (!r2_ready_watch(&h->ready, socket, what)) {
        h->broken = true;
    }
    return 0;
}

bool r2_http_watch(r2_http *h) {
    return curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
           curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h) == CURLM_OK;
}

static bool has_enough(const r2_http *h) {
    return h->flow.handed_on >= R2_HANDED_ON_MAX;
}

/* What had to pause goes first; libcurl has kept the bytes. */
static void resume_jobs(r2_http *h) {
    if (!h->flow.held_back) {
        return;
    }
    h->flow.held_back = false;
    for (r2_job *j = h->jobs; j != NULL; j = j->next) {
        bool waits = j->transfer.paused && j->added;
        if (waits && has_enough(h)) {
            h->flow.held_back = true;
        } else if (waits) {
            j->transfer.paused = false;
            (void)curl_easy_pause(j->transfer.easy, CURLPAUSE_CONT);
        }
    }
}

/* Sees to timers that are over, once, and to sockets, until enough has been handed on. */
static CURLMcode see_to(r2_http *h) {
    int running;
    int events;
    long ms = -1;
    curl_socket_t socket;
    resume_jobs(h);
    CURLMcode code = curl_multi_timeout(h->multi, &ms);
    if (code == CURLM_OK && ms == 0) {
        code = curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    while (code == CURLM_OK && !has_enough(h) && r2_ready_next(&h->ready, &socket, &events)) {
        code = curl_multi_socket_action(h->multi, socket, events, &running);
    }
    return code;
}

/* Lets libcurl do what can be done without waiting. A function of an exchange may fork: its child
 * must not go back into libcurl, which would read, write and close the parent's connections. It
 * comes straight back here; what of libcurl it leaves behind, it never uses again. */
static CURLMcode perform(r2_http *h) {
    if (setjmp(h->way_back) != 0) {
        r2_http_forget_parent(h);
        return CURLM_OK;
    }
    return see_to(h);
}

static void end_what_is_done(r2_http *h) {
    int left;
    CURLMsg *message;
    while (h->multi != NULL && (message = curl_multi_info_read(h->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            char *owner = NULL;
            CURLcode result = message->data.result;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
            r2_http_end_job((r2_job *)(void *)owner, result);
        }
    }
}

/* Goes on with the round. */
static void go_on(lua_State *L, r2_http *h) {
    h->flow.handed_on = 0;
    h->L = L;
    CURLMcode code = perform(h);
    h->L = NULL;
    end_what_is_done(h);
    if (code != CURLM_OK || h->broken) {
        r2_http_end_all(h);
        h->broken = false;
    }
    r2_http_sweep(h);
}

/* Milliseconds until libcurl has something to do by itself, at most so many seconds. */
static int time_to_wait(const r2_http *h, double seconds) {
    long ms = -1;
    if (!(seconds > 0) || h->queued > 0 || h->flow.held_back) {
        return 0;
    }
    long most = seconds < 1 ? r2_rounded_up(seconds, 1000) : LONGEST_WAIT_MS;
    (void)curl_multi_timeout(h->multi, &ms);
    return (int)(ms < 0 || ms > most ? most : ms);
}

/* What was left of the last round, because enough had been handed on, comes first. */
static void begin_round(r2_http *h, double seconds) {
    h->round++;
    r2_http_admit_jobs(h, STARTS_MAX);
    if (r2_ready_is_over(&h->ready) && !r2_ready_look(&h->ready, time_to_wait(h, seconds))) {
        h->broken = true;
    }
}

/* Pushes what calls functions of Lua's, so that nothing has to be allocated while libcurl runs. */
static void prepare(lua_State *L, r2_http *h, int index) {
    r2_http_check_idle(L, h);
    luaL_checkstack(L, LUA_MINSTACK, "r2.http");
    lua_pushcfunction(L, r2_http_guard); /* may run a finalizer that closes it */
    h->guard = lua_gettop(L);
    h->self = index;
    r2_http_forget_parent(h);
}

static bool is_under_way(const r2_exchange *x) {
    return x->job != NULL && !x->job->done;
}

void r2_http_work(lua_State *L, r2_exchange *x, r2_http *h, int index, double until) {
    prepare(L, h, index);
    double left = is_under_way(x) ? until - r2_http_monotonic() : 0;
    while (is_under_way(x)) {
        if (left > 0 || x->round == h->round || h->round == 0) {
            begin_round(h, left);
        }
        x->round = h->round;
        go_on(L, h);
        left = until - r2_http_monotonic();
        if (!(left > 0)) {
            break;
        }
    }
    lua_pop(L, 1);
}

int r2_http_go_round(lua_State *L, r2_http *h, double seconds) {
    int under_way = 0;
    prepare(L, h, 1);
    if (h->multi != NULL) {
        begin_round(h, seconds);
        go_on(L, h);
    }
    lua_pop(L, 1);
    for (const r2_job *j = h->jobs; j != NULL; j = j->next) {
        under_way += j->done || j->cancelled || j->orphaned ? 0 : 1;
    }
    return under_way;
}

double r2_http_monotonic(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
