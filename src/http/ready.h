/* The sockets that libcurl wants watched, and which of them are ready: looked at once a round, and
 * then each handed out once. */
#ifndef R2_HTTP_READY_H
#define R2_HTTP_READY_H

#include <curl/curl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef struct r2_ready {
    struct pollfd *list; /* of those that are not watched any more the descriptor is -1 */
    size_t count;
    size_t room;
    size_t next; /* to be handed out in this round */
} r2_ready;

/* What libcurl says of a socket, CURL_POLL_…; false when there is no memory. */
bool r2_ready_watch(r2_ready *ready, curl_socket_t socket, int what);

/* Whether this round has no more. */
bool r2_ready_is_over(r2_ready *ready);

/* Begins a round: waits until a socket is ready, so many milliseconds at most. false when the
 * sockets cannot be looked at. */
bool r2_ready_look(r2_ready *ready, int ms);

/* The next socket that is ready, and CURL_CSELECT_…; false: this round has no more. */
bool r2_ready_next(r2_ready *ready, curl_socket_t *socket, int *events);

void r2_ready_free(r2_ready *ready);

#pragma GCC visibility pop
#endif
