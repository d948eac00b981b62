/* libcurl, set up the one way this library wants it: TLS verified, no redirect followed, the path
 * sent as it is, no proxy but through CONNECT, answers bounded. */
#include "transfer_setup.h"

#include <stdlib.h>
#include <string.h>

#include "libcurl.h"
#include "transfer_callbacks.h"

/* Makes libcurl's list of the lines, which stay where they are from now on. */
static bool link_headers(r2_transfer *t) {
    if (t->header_room < t->header_count) {
        free(t->headers);
        t->header_room = 0;
        t->headers = calloc(t->header_count, sizeof *t->headers);
        if (t->headers == NULL) {
            return false;
        }
        t->header_room = t->header_count;
    }
    char *line = t->lines.data;
    for (size_t i = 0; i < t->header_count; i++) {
        struct curl_slist *next = i + 1 < t->header_count ? &t->headers[i + 1] : NULL;
        t->headers[i] = (struct curl_slist){line, next};
        line += strlen(line) + 1;
    }
    return true;
}

/* The options that keep a request where it belongs. */
static bool set_safety(r2_transfer *t) {
    CURL *c = t->easy;
    bool good =
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_HTTPPROXYTUNNEL, 1L) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) == CURLE_OK;
#if CURL_AT_LEAST_VERSION(7, 85, 0)
    good = good && curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    good = good && curl_easy_setopt(c, CURLOPT_PROTOCOLS,
                                    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
#if CURL_AT_LEAST_VERSION(7, 87, 0)
    /* Whoever stops a transfer, or its time does, does not wait for a name server: the thread that
     * asks it is left to itself. An older libcurl at run time does not know that, and waits. */
    (void)curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
#endif
    if (t->ask.loopback) {
        good = good && curl_easy_setopt(c, CURLOPT_NOPROXY, "*") == CURLE_OK;
    }
    if (t->ask.ca_file != NULL) {
        good = good && curl_easy_setopt(c, CURLOPT_CAINFO, t->ask.ca_file) == CURLE_OK;
        (void)curl_easy_setopt(c, CURLOPT_CAPATH, NULL); /* not every TLS library has one */
    }
    return good &&
           curl_easy_setopt(c, CURLOPT_NOSIGNAL, r2_libcurl_is_quiet() ? 1L : 0L) == CURLE_OK;
}

static void forget_parsed(r2_transfer *t) {
    (void)curl_easy_setopt(t->easy, CURLOPT_CURLU, NULL);
    curl_url_cleanup(t->parsed);
    t->parsed = NULL;
}

static bool set_parsed(r2_transfer *t) {
    t->parsed = curl_url();
    return t->parsed != NULL &&
           curl_url_set(t->parsed, CURLUPART_URL, t->ask.url,
                        CURLU_PATH_AS_IS | CURLU_DISALLOW_USER) == CURLUE_OK &&
           curl_easy_setopt(t->easy, CURLOPT_CURLU, t->parsed) == CURLE_OK;
}

/* libcurl takes a URL apart and puts it together again for each request, which is a tenth of what
 * one costs. So one that comes again is handed over in parts, and kept for a third time. */
static bool set_url(r2_transfer *t) {
    char *last = NULL;
    (void)curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &last);
    bool comes_again = t->is_set_up && last != NULL && strcmp(last, t->ask.url) == 0;
    if (comes_again && (t->parsed != NULL || set_parsed(t))) {
        return true;
    }
    forget_parsed(t);
    return curl_easy_setopt(t->easy, CURLOPT_URL, t->ask.url) == CURLE_OK;
}

/* What differs between requests of one shape. */
static bool set_request(r2_transfer *t) {
    CURL *c = t->easy;
    struct curl_slist *headers = t->header_count > 0 ? t->headers : NULL;
    bool good = set_url(t) && curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, t->ask.timeout_ms) == CURLE_OK;
    if (!r2_transfer_is_read(t) && t->ask.has_body) {
        good = good &&
               curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->ask.body.length) ==
                   CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->ask.body.data) == CURLE_OK;
    }
    return good;
}

/* What libcurl reads from a socket at a time, and asks a body's function for. Whoever takes an
 * answer piece by piece expects it to be large; all others do not pay for that. Each piece that Lua
 * sees is still one of libcurl's, 16 KiB. To LuaJIT strings of 128 KiB and more are dear. */
enum { SMALL_BUFFER = 16 * 1024, LARGE_BUFFER = 256 * 1024, UPLOAD_BUFFER = 64 * 1024 };

/* libcurl counts bytes a second, on average of the last five. */
static bool set_silence(r2_transfer *t) {
    long seconds = t->ask.silence;
    long least = seconds == 0 ? 0 : (R2_SILENCE + seconds - 1) / seconds;
    return curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, least) == CURLE_OK &&
           curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, seconds) == CURLE_OK;
}

/* How many bytes will be read, -1 = not known. */
static int64_t length_to_read(const r2_transfer *t) {
    return t->hooks->produce != NULL ? t->ask.body_length : (int64_t)t->ask.body.length;
}

/* Without a body there is no rewinding to see; over a new connection libcurl does not try again. */
static bool needs_fresh_connection(const r2_transfer *t) {
    return t->ask.once && (!r2_transfer_is_read(t) || length_to_read(t) == 0);
}

static bool set_body(r2_transfer *t) {
    CURL *c = t->easy;
    if (needs_fresh_connection(t) && curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L) != CURLE_OK) {
        return false;
    }
    if (!r2_transfer_is_read(t)) {
        return !t->ask.has_body || curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK;
    }
    return curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)length_to_read(t)) == CURLE_OK;
}

static bool set_shape(r2_transfer *t) {
    CURL *c = t->easy;
    /* Always said, because the reset of a handle can lack the memory to say it, tells nobody, and
     * leaves buffers of no size that are written to. */
    bool good =
        curl_easy_setopt(c, CURLOPT_BUFFERSIZE,
                         (long)(t->hooks->consume != NULL ? LARGE_BUFFER : SMALL_BUFFER)) ==
            CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, t->ask.connect_timeout_ms) == CURLE_OK &&
        set_silence(t) && set_body(t);
    if (t->ask.http1) {
        good = good &&
               curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
    }
    if (t->ask.compressed) {
        good = good && curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK;
    }
    if (strcmp(t->ask.method, "HEAD") == 0) {
        return good && curl_easy_setopt(c, CURLOPT_NOBODY, 1L) == CURLE_OK;
    }
    return good && curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, t->ask.method) == CURLE_OK;
}

/* The shape of the request that is asked for; false when it has none, and needs a handle that knows
 * nothing of requests before it. */
static bool get_shape(const r2_transfer *t, r2_shape *shape) {
    size_t length = strlen(t->ask.method);
    *shape = (r2_shape){
        .has_body = t->ask.has_body,
        .consumes = t->hooks->consume != NULL,
        .loopback = t->ask.loopback,
        .compressed = t->ask.compressed,
        .http1 = t->ask.http1,
        .silence = t->ask.silence,
    };
    bool plain = t->hooks->produce == NULL && t->hooks->progress == NULL && !t->ask.once;
    if (!plain || length >= sizeof shape->method) {
        return false;
    }
    memcpy(shape->method, t->ask.method, length);
    return true;
}

static bool is_same_shape(const r2_shape *left, const r2_shape *right) {
    return left->has_body == right->has_body && left->consumes == right->consumes &&
           left->loopback == right->loopback && left->compressed == right->compressed &&
           left->http1 == right->http1 && left->silence == right->silence &&
           strcmp(left->method, right->method) == 0;
}

bool r2_transfer_prepare(r2_transfer *t) {
    r2_shape shape;
    bool has_shape = get_shape(t, &shape);
    if (!link_headers(t)) {
        return false;
    }
    t->message[0] = '\0';
    if (has_shape && t->is_set_up && is_same_shape(&shape, &t->shape)) {
        return set_request(t);
    }
    curl_easy_reset(t->easy);
    t->is_set_up = false;
    if (!r2_transfer_set_callbacks(t) || !set_safety(t) || !set_shape(t) || !set_request(t)) {
        return false;
    }
    t->is_set_up = has_shape;
    t->shape = shape;
    return true;
}

bool r2_transfer_go_afresh(r2_transfer *t) {
    t->trouble = R2_NO_TROUBLE;
    t->message[0] = '\0';
    t->is_set_up = false; /* the next request may use what is kept */
    return curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
}
