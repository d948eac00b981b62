/* Which sockets to look at, and how. libcurl tells a connection's socket only when an exchange is
 * over, and its port alone when it is about to be used again. */
#include "sockets.h"

#include <stdlib.h>
#include <sys/socket.h>

static r2_socket *find(const r2_sockets *s, curl_socket_t socket) {
    for (size_t i = 0; i < s->count; i++) {
        if (s->list[i].socket == socket) {
            return &s->list[i];
        }
    }
    return NULL;
}

/* No realloc: what specs watch the library's memory with takes it for a copy that nobody wipes. */
static bool grow(r2_sockets *s) {
    size_t room = s->room == 0 ? 4 : s->room * 2;
    r2_socket *list = calloc(room, sizeof *list);
    if (list == NULL) {
        return false;
    }
    for (size_t i = 0; i < s->count; i++) {
        list[i] = s->list[i];
    }
    free(s->list);
    s->list = list;
    s->room = room;
    return true;
}

static r2_socket *add(r2_sockets *s) {
    return s->count < s->room || grow(s) ? &s->list[s->count++] : NULL;
}

void r2_sockets_note(r2_sockets *s, CURL *easy) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    long opened = 0;
    long port = 0;
    long version = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &opened);
    if (opened == 0) {
        return; /* whoever opened it has noted it */
    }
    (void)curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
    (void)curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &port);
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    if (socket == CURL_SOCKET_BAD) {
        return; /* it is closed */
    }
    bool plain = version == CURL_HTTP_VERSION_1_1 || version == CURL_HTTP_VERSION_1_0;
    r2_socket *known = find(s, socket);
    if (known == NULL && plain) {
        known = add(s);
    }
    if (known != NULL) {
        *known = (r2_socket){socket, plain ? port : 0};
    }
}

bool r2_sockets_has_unasked(const r2_sockets *s, long port) {
    char byte;
    for (size_t i = 0; i < s->count; i++) {
        if (s->list[i].port == port &&
            recv(s->list[i].socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
            return true;
        }
    }
    return false;
}

void r2_sockets_free(r2_sockets *s) {
    free(s->list);
    *s = (r2_sockets){0};
}
