/* The few URLs that a configuration may hold, parsed strictly: https to a host, or http to this
 * machine. What is odd is refused, never repaired: two parsers that disagree about an odd URL are
 * how a token reaches somebody else's host. Knows no Lua. */
#ifndef R2_URL_H
#define R2_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

#pragma GCC visibility push(hidden)

enum { R2_URL_MAX = 511 };

/* Lower-case scheme and host, no default port, no final slash. Offsets count in `text`. */
typedef struct r2_url {
    char text[R2_URL_MAX + 1];
    size_t length;
    size_t host;     /* where the host begins … */
    size_t host_end; /* … and where host and port end: the path begins here */
    bool loopback;   /* the host is this machine */
} r2_url;

/* Returns NULL, or what a URL must be that this one is not, worded to follow the field's name. */
const char *r2_url_parse(r2_url *url, r2_slice text);

/* How long scheme, host and port of a URL are: what is before its path and its query. */
size_t r2_url_origin_length(r2_slice text);

/* Whether a request may go to this URL, as it is: the part before the path as above; behind it any
 * visible ASCII character but a backslash and a number sign. Returns NULL, or what the URL must be.
 * *loopback tells whether the host is this machine. */
const char *r2_url_check_target(r2_slice text, bool *loopback);

/* Host, and port where it is not the scheme's own, as in a Host header. */
r2_slice r2_url_host(const r2_url *url);
bool r2_url_has_path(const r2_url *url);

#pragma GCC visibility pop
#endif
