/* What a transfer keeps: the headers that go out, what has come in, how it ended. Any of its bytes
 * may be a secret. */
#include "transfer.h"

#include <stdlib.h>

#include "../base/ascii.h"

static bool add_line(r2_transfer *t, r2_slice name, r2_slice separator, r2_slice value) {
    r2_buffer_add(&t->lines, name);
    r2_buffer_add(&t->lines, separator);
    r2_buffer_add(&t->lines, value);
    r2_buffer_append(&t->lines, "", 1);
    t->header_count++;
    return !t->lines.failed;
}

bool r2_transfer_add_header(r2_transfer *t, r2_slice name, r2_slice value) {
    while (value.length > 0 && r2_is_blank(*value.data)) {
        value = (r2_slice){value.data + 1, value.length - 1};
    }
    /* libcurl's way of sending a header without a value is a semicolon. */
    return add_line(t, name, value.length > 0 ? R2_SLICE(": ") : R2_SLICE(";"), value);
}

bool r2_transfer_drop_header(r2_transfer *t, r2_slice name) {
    return add_line(t, name, R2_SLICE(":"), (r2_slice){0});
}

bool r2_transfer_is_read(const r2_transfer *t) {
    return t->hooks->produce != NULL || (t->ask.once && t->ask.body.length > 0);
}

bool r2_transfer_has_status(const r2_transfer *t) {
    return t->status >= 100 && t->status <= 999;
}

/* What libcurl itself takes of headers, in all: 300 KB, since 8.3 and in older ones that a
 * distribution has mended. The end of this bound has no code of its own at first. */
enum { LIBCURL_HEADERS_MAX = 256 * 1024 };

void r2_transfer_finish(r2_transfer *t, CURLcode code) {
    long request_size = 0;
    t->code = code;
    (void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request_size);
    t->sent = request_size > 0;
    if (t->trouble == R2_NO_TROUBLE && !t->head_ended) {
        if (code == CURLE_RECV_ERROR && t->header_bytes > LIBCURL_HEADERS_MAX) {
            t->trouble = R2_HEADERS_TOO_LONG;
        } else if (code == CURLE_OK) {
            t->code = CURLE_GOT_NOTHING; /* closed inside the headers: libcurl lets it pass */
        }
    }
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
    (void)curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &t->http_version);
    if (t->code == CURLE_OK && t->trouble == R2_NO_TROUBLE && !r2_transfer_has_status(t)) {
        t->code = CURLE_WEIRD_SERVER_REPLY;
    }
}

void r2_transfer_drop_bad_handle(r2_transfer *t) {
    if (t->easy != NULL && (t->code != CURLE_OK || t->trouble != R2_NO_TROUBLE || t->status == 0)) {
        curl_easy_cleanup(t->easy);
        t->easy = NULL;
    }
    if (t->easy == NULL) {
        curl_url_cleanup(t->parsed);
        t->parsed = NULL;
    }
}

void r2_transfer_clear(r2_transfer *t) {
    r2_buffer_reset(&t->lines);
    r2_buffer_reset(&t->answer_headers);
    r2_buffer_reset(&t->answer_body);
    t->header_count = 0;
    t->ask = (r2_ask){0};
    t->produced = 0;
    t->paused = false;
    t->sent = false;
    t->header_bytes = 0;
    t->header_lines = 0;
    t->head_ended = false;
    t->trouble = R2_NO_TROUBLE;
    t->code = CURLE_OK;
    t->status = 0;
    t->message[0] = '\0';
}

void r2_transfer_free(r2_transfer *t) {
    if (t->easy != NULL) {
        curl_easy_cleanup(t->easy);
    }
    curl_url_cleanup(t->parsed);
    r2_buffer_free(&t->lines);
    r2_buffer_free(&t->answer_headers);
    r2_buffer_free(&t->answer_body);
    free(t->headers);
}
