/* Connections that libcurl keeps. Over HTTP/1 a server has nothing to say between two exchanges:
 * what it says all the same would be taken for the answer to the next request, which libcurl does
 * not prevent before 8.0. So a connection is looked at before it is used again. Knows no Lua. */
#ifndef R2_SOCKETS_H
#define R2_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* A socket, and the port on this side, by which libcurl names it to whoever it asks. */
typedef struct r2_socket {
    curl_socket_t socket;
    long port;
} r2_socket;

/* Sockets that were HTTP/1's; some may be closed meanwhile. All zero = none. */
typedef struct r2_sockets {
    r2_socket *list;
    size_t count;
    size_t room;
} r2_sockets;

/* Notes what an exchange has gone over that has ended, unless memory is out. */
void r2_sockets_note(r2_sockets *sockets, CURL *easy);

/* Whether something has come over the connection that nobody asked for. A socket that was closed
 * meanwhile, and whose number and port have come to others, may make it say so: that costs a new
 * connection. */
bool r2_sockets_has_unasked(const r2_sockets *sockets, long port);

void r2_sockets_free(r2_sockets *sockets);

#pragma GCC visibility pop
#endif
