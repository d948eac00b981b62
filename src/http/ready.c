/* Which sockets are ready. By poll(2), which every system has: to look at n sockets costs as much
 * as the n exchanges that are polled for each look. */
#include "ready.h"

#include <errno.h>
#include <stdlib.h>

static struct pollfd *find(const r2_ready *r, curl_socket_t socket) {
    for (size_t i = 0; i < r->count; i++) {
        if (r->list[i].fd == socket) {
            return &r->list[i];
        }
    }
    return NULL;
}

/* No realloc: what specs watch the library's memory with takes it for a copy that nobody wipes. */
static bool grow(r2_ready *r) {
    size_t room = r->room == 0 ? 4 : r->room * 2;
    struct pollfd *list = calloc(room, sizeof *list);
    if (list == NULL) {
        return false;
    }
    for (size_t i = 0; i < r->count; i++) {
        list[i] = r->list[i];
    }
    free(r->list);
    r->list = list;
    r->room = room;
    return true;
}

static struct pollfd *add(r2_ready *r, curl_socket_t socket) {
    if (r->count == r->room && !grow(r)) {
        return NULL;
    }
    struct pollfd *added = &r->list[r->count++];
    *added = (struct pollfd){.fd = socket};
    return added;
}

bool r2_ready_watch(r2_ready *r, curl_socket_t socket, int what) {
    struct pollfd *known = find(r, socket);
    if (what == CURL_POLL_REMOVE) {
        if (known != NULL) {
            *known = (struct pollfd){.fd = -1}; /* the others stay where this round expects them */
        }
        return true;
    }
    if (known == NULL) {
        known = add(r, socket);
    }
    if (known == NULL) {
        return false;
    }
    known->events =
        (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    return true;
}

static void forget_removed(r2_ready *r) {
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->list[i].fd >= 0) {
            r->list[kept++] = r->list[i];
        }
    }
    r->count = kept;
}

bool r2_ready_look(r2_ready *r, int ms) {
    forget_removed(r);
    r->next = 0;
    int found = poll(r->list, (nfds_t)r->count, ms);
    if (found <= 0) {
        r->next = r->count;
    }
    return found >= 0 || errno == EINTR || errno == EAGAIN;
}

bool r2_ready_is_over(r2_ready *r) {
    while (r->next < r->count && (r->list[r->next].fd < 0 || r->list[r->next].revents == 0)) {
        r->next++;
    }
    return r->next == r->count;
}

bool r2_ready_next(r2_ready *r, curl_socket_t *socket, int *events) {
    if (r2_ready_is_over(r)) {
        return false;
    }
    const struct pollfd *each = &r->list[r->next++];
    *socket = each->fd;
    *events = (each->revents & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
              (each->revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
              (each->revents & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);
    return true;
}

void r2_ready_free(r2_ready *r) {
    free(r->list);
    *r = (r2_ready){0};
}
