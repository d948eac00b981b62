/* One HTTP exchange over libcurl: what is asked, and what came of it. Knows no Lua: what
 * produces a body or takes an answer is behind hooks, which must not unwind through libcurl. */
#ifndef R2_TRANSFER_H
#define R2_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../base/text.h"
#include "sockets.h"

#pragma GCC visibility push(hidden)

/* What a hook says: go on, or stop the exchange. */
typedef enum r2_verdict { R2_GO_ON, R2_STOP } r2_verdict;

typedef struct r2_hooks {
    /* Puts up to `room` bytes of the body into `out`; *length = 0 at its end. */
    r2_verdict (*produce)(void *owner, char *out, size_t room, size_t *length);
    /* Takes a piece of a successful answer's body. */
    r2_verdict (*consume)(void *owner, r2_slice piece);
    r2_verdict (*progress)(void *owner, int64_t sent, int64_t to_send, int64_t received,
                           int64_t to_receive);
} r2_hooks;

/* Strings live until the transfer ends. Empty or NULL = not used. */
typedef struct r2_ask {
    const char *method; /* ends with NUL, like the two below */
    const char *url;
    const char *ca_file;
    r2_slice body;
    bool has_body;
    int64_t body_length; /* of a produced body, -1 = not known */
    bool loopback;       /* never through a proxy */
    bool compressed;     /* ask for a compressed answer, and undo it */
    bool once;           /* never sent again by libcurl itself */
    bool http1;          /* a connection of its own, where others share one */
    long timeout_ms;
    long silence; /* seconds in which at least R2_SILENCE bytes come or go, 0 = not watched */
    long connect_timeout_ms;
    size_t max_header_bytes;
    size_t max_body_bytes;
} r2_ask;

enum { R2_HEADER_LINES_MAX = 1000, R2_SILENCE = 1024, R2_HANDED_ON_MAX = 1024 * 1024 };

typedef enum r2_trouble {
    R2_NO_TROUBLE,
    R2_HEADERS_TOO_LONG,
    R2_HEADERS_TOO_MANY,
    R2_BODY_TOO_LONG,
    R2_STOPPED,           /* by a hook */
    R2_UNASKED,           /* before it was sent: the connection is not fit to be used again */
    R2_FORKED,            /* under way in the process that this one was forked from */
    R2_BODY_WRONG_LENGTH, /* what was produced is not body_length bytes */
    R2_NOT_TWICE          /* libcurl wanted to send again what is sent once */
} r2_trouble;

/* Which options of an easy handle differ from one plain request to the next: all others are the
 * same for the whole life of the handle. */
typedef struct r2_shape {
    char method[16];
    bool has_body;
    bool consumes;
    bool loopback;
    bool compressed;
    bool http1;
    long silence;
} r2_shape;

/* Bytes of bodies, of all transfers, since libcurl was called: R2_HANDED_ON_MAX at most. */
typedef struct r2_flow {
    size_t handed_on;
    bool held_back; /* some transfers are paused */
} r2_flow;

/* A transfer may be used again, with its easy handle and its memory, when it was cleared. */
typedef struct r2_transfer {
    CURL *easy;
    bool is_set_up;             /* the handle is set up for … */
    r2_shape shape;             /* … this */
    CURLU *parsed;              /* its URL, when that came more than once */
    r2_buffer lines;            /* headers of the request, each with a NUL: secret */
    struct curl_slist *headers; /* points to them, one behind the other */
    size_t header_count;
    size_t header_room;
    r2_ask ask;
    const r2_hooks *hooks; /* each may be NULL */
    void *owner;
    const r2_sockets *sockets; /* what may be used again */
    r2_flow *flow;
    bool paused;              /* until libcurl is called again */
    int64_t produced;         /* bytes of the body that libcurl has read */
    bool sent;                /* something of the request */
    r2_buffer answer_headers; /* lines of the last answer */
    size_t header_bytes;      /* of all answers, interim ones too, and of trailers */
    size_t header_lines;      /* in them */
    bool head_ended;          /* with an empty line */
    r2_buffer answer_body;
    r2_trouble trouble;
    CURLcode code;
    long status;
    long http_version; /* CURL_HTTP_VERSION_… */
    char message[CURL_ERROR_SIZE];
} r2_transfer;

/* Adds "name: value" to the request. */
bool r2_transfer_add_header(r2_transfer *transfer, r2_slice name, r2_slice value);

/* Keeps libcurl from adding a header of its own. */
bool r2_transfer_drop_header(r2_transfer *transfer, r2_slice name);

/* Whether libcurl reads the body from a callback, for a function or because that is the only way to
 * see that it wants the body again. */
bool r2_transfer_is_read(const r2_transfer *transfer);

/* Notes how libcurl says that it ended. */
void r2_transfer_finish(r2_transfer *transfer, CURLcode code);

/* Wipes what was sent and received, so that the transfer can be used for another request: hooks,
 * owner and the easy handle stay. */
void r2_transfer_clear(r2_transfer *transfer);

/* Drops an easy handle whose transfer has failed or was cut off: it may be half set up. */
void r2_transfer_drop_bad_handle(r2_transfer *transfer);

/* Wipes and frees all, the easy handle too. */
void r2_transfer_free(r2_transfer *transfer);

/* Whether the answer's status has three digits (RFC 9110, 15). libcurl reads more or less of them
 * behind what begins as "HTTP/2". */
bool r2_transfer_has_status(const r2_transfer *transfer);

#pragma GCC visibility pop
#endif
