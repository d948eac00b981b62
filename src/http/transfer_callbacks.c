/* What libcurl calls while it works. Each callback appends to a bounded buffer, or asks a hook. */
#include "transfer_callbacks.h"

#include <string.h>

#include "../base/ascii.h"

static bool is_success(CURL *easy) {
    long status = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

static size_t stop(r2_transfer *t, r2_trouble trouble) {
    t->trouble = trouble;
    return 0;
}

/* A line that begins with a blank carries on the one before (RFC 9112, 5.2). */
static void unfold(r2_buffer *lines) {
    while (lines->length > 0 && strchr("\r\n", lines->data[lines->length - 1]) != NULL) {
        lines->length--;
    }
}

static size_t on_header(char *line, size_t size, size_t count, void *context) {
    r2_transfer *t = context;
    size_t length = size * count;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        r2_buffer_reset(&t->answer_headers); /* what came before was an interim answer */
        t->head_ended = false;
    }
    t->header_bytes += length; /* of interim answers too */
    t->header_lines++;
    if (t->header_bytes > t->ask.max_header_bytes) {
        return stop(t, R2_HEADERS_TOO_LONG);
    }
    if (t->header_lines > R2_HEADER_LINES_MAX) {
        return stop(t, R2_HEADERS_TOO_MANY);
    }
    if (t->head_ended) {
        return length; /* a trailer, which is no header (RFC 9110, 6.5.1) */
    }
    if (length > 0 && r2_is_blank(line[0])) {
        unfold(&t->answer_headers);
    }
    t->head_ended = length > 0 && (line[0] == '\r' || line[0] == '\n');
    r2_buffer_append(&t->answer_headers, line, length);
    return t->answer_headers.failed ? 0 : length;
}

/* Whether no more may be handed on until libcurl is called again: whoever called it is a loop that
 * has other things to do. */
static bool is_enough(r2_transfer *t, size_t length) {
    t->paused = t->flow->handed_on > 0 && t->flow->handed_on + length > R2_HANDED_ON_MAX;
    t->flow->held_back = t->flow->held_back || t->paused;
    return t->paused;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    r2_transfer *t = context;
    size_t length = size * count;
    if (is_enough(t, length)) {
        return CURL_WRITEFUNC_PAUSE;
    }
    t->flow->handed_on += length;
    if (t->hooks->consume != NULL && is_success(t->easy)) {
        r2_slice piece = {bytes, length};
        return t->hooks->consume(t->owner, piece) == R2_GO_ON ? length : stop(t, R2_STOPPED);
    }
    if (length > t->ask.max_body_bytes - t->answer_body.length) {
        return stop(t, R2_BODY_TOO_LONG);
    }
    r2_buffer_append(&t->answer_body, bytes, length);
    return t->answer_body.failed ? 0 : length;
}

static size_t read_string(r2_transfer *t, char *out, size_t room) {
    size_t left = t->ask.body.length - (size_t)t->produced;
    size_t length = left < room ? left : room;
    memcpy(out, t->ask.body.data + t->produced, length);
    t->produced += (int64_t)length;
    return length;
}

static size_t on_read(char *out, size_t size, size_t count, void *context) {
    r2_transfer *t = context;
    size_t length = 0;
    if (is_enough(t, size * count)) {
        return CURL_READFUNC_PAUSE;
    }
    if (t->hooks->produce == NULL) {
        length = read_string(t, out, size * count);
        t->flow->handed_on += length;
        return length;
    }
    if (t->hooks->produce(t->owner, out, size * count, &length) != R2_GO_ON) {
        t->trouble = R2_STOPPED;
        return CURL_READFUNC_ABORT;
    }
    t->produced += (int64_t)length;
    t->flow->handed_on += length;
    bool known = t->ask.body_length >= 0;
    if (known &&
        (length == 0 ? t->produced < t->ask.body_length : t->produced > t->ask.body_length)) {
        t->trouble = R2_BODY_WRONG_LENGTH;
        return CURL_READFUNC_ABORT;
    }
    return length;
}

/* When a kept connection ends without an answer, libcurl begins again, with the body from its
 * start: a server that has taken the request gets it twice. A function's bytes are gone by then. */
static int on_seek(void *context, curl_off_t offset, int origin) {
    r2_transfer *t = context;
    (void)offset;
    (void)origin;
    t->trouble = R2_NOT_TWICE;
    return CURL_SEEKFUNC_FAIL;
}

static int on_progress(void *context, curl_off_t to_receive, curl_off_t received,
                       curl_off_t to_send, curl_off_t sent) {
    r2_transfer *t = context;
    if (t->hooks->progress(t->owner, sent, to_send, received, to_receive) == R2_GO_ON) {
        return 0;
    }
    t->trouble = R2_STOPPED;
    return 1;
}

#if CURL_AT_LEAST_VERSION(7, 80, 0)
static int on_connected(void *context, char *address, char *local_address, int port,
                        int local_port) {
    r2_transfer *t = context;
    long opened = 0;
    (void)address;
    (void)local_address;
    (void)port;
    (void)curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &opened);
    if (opened > 0 || !r2_sockets_has_unasked(t->sockets, local_port)) {
        return CURL_PREREQFUNC_OK;
    }
    t->trouble = R2_UNASKED;
    return CURL_PREREQFUNC_ABORT;
}
#endif

bool r2_transfer_set_callbacks(r2_transfer *t) {
    CURL *c = t->easy;
    bool good = curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->message) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_PRIVATE, t) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_HEADERDATA, t) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK;
#if CURL_AT_LEAST_VERSION(7, 80, 0)
    /* An older libcurl at run time does not know that. */
    (void)curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_connected);
    (void)curl_easy_setopt(c, CURLOPT_PREREQDATA, t);
#endif
    if (r2_transfer_is_read(t)) {
        good = good && curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_READDATA, t) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_SEEKDATA, t) == CURLE_OK;
    }
    if (t->hooks->progress != NULL) {
        good = good && curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_XFERINFODATA, t) == CURLE_OK;
    }
    return good;
}
