/* libcurl, set up the one way this library wants it: TLS verified, no redirect followed, the path
 * sent as it is, no proxy but through CONNECT, answers bounded. */
#include "transfer.h"

#include <stdlib.h>
#include <string.h>

#include "libcurl.h"

/* ---- callbacks: they append to bounded buffers or ask a hook ---- */

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
    if (length > 0 && (line[0] == ' ' || line[0] == '\t')) {
        unfold(&t->answer_headers);
    }
    t->head_ended = length > 0 && (line[0] == '\r' || line[0] == '\n');
    r2_buffer_append(&t->answer_headers, line, length);
    return t->answer_headers.failed ? 0 : length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    r2_transfer *t = context;
    size_t length = size * count;
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

static size_t on_read(char *out, size_t size, size_t count, void *context) {
    r2_transfer *t = context;
    size_t length = 0;
    if (t->hooks->produce(t->owner, out, size * count, &length) != R2_GO_ON) {
        t->trouble = R2_STOPPED;
        return CURL_READFUNC_ABORT;
    }
    t->produced += (int64_t)length;
    bool known = t->ask.body_length >= 0;
    if (known &&
        (length == 0 ? t->produced < t->ask.body_length : t->produced > t->ask.body_length)) {
        t->trouble = R2_BODY_WRONG_LENGTH;
        return CURL_READFUNC_ABORT;
    }
    return length;
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

/* ---- setting up ---- */

static bool add_line(r2_transfer *t, r2_slice name, r2_slice separator, r2_slice value) {
    r2_buffer_add(&t->lines, name);
    r2_buffer_add(&t->lines, separator);
    r2_buffer_add(&t->lines, value);
    r2_buffer_append(&t->lines, "", 1);
    t->header_count++;
    return !t->lines.failed;
}

bool r2_transfer_add_header(r2_transfer *t, r2_slice name, r2_slice value) {
    while (value.length > 0 && (*value.data == ' ' || *value.data == '\t')) {
        value = (r2_slice){value.data + 1, value.length - 1};
    }
    /* libcurl's way of sending a header without a value is a semicolon. */
    return add_line(t, name, value.length > 0 ? R2_SLICE(": ") : R2_SLICE(";"), value);
}

bool r2_transfer_drop_header(r2_transfer *t, r2_slice name) {
    return add_line(t, name, R2_SLICE(":"), (r2_slice){0});
}

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

/* What differs between requests of one form. */
static bool set_request(r2_transfer *t) {
    CURL *c = t->easy;
    struct curl_slist *headers = t->header_count > 0 ? t->headers : NULL;
    bool good = curl_easy_setopt(c, CURLOPT_URL, t->ask.url) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, t->ask.timeout_ms) == CURLE_OK;
    if (t->hooks->produce == NULL && t->ask.has_body) {
        good = good &&
               curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->ask.body.length) ==
                   CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->ask.body.data) == CURLE_OK;
    }
    return good;
}

/* What libcurl reads from a socket at a time, and asks a body's function for. Whoever takes an answer
 * piece by piece expects it to be large; all others do not pay for that. Each piece that Lua sees is
 * still one of libcurl's, 16 KiB. To LuaJIT strings of 128 KiB and more are dear. */
enum { SMALL_BUFFER = 16 * 1024, LARGE_BUFFER = 256 * 1024, UPLOAD_BUFFER = 64 * 1024 };

static bool set_form(r2_transfer *t) {
    CURL *c = t->easy;
    /* Always said, because the reset of a handle can lack the memory to say it, tells nobody, and
     * leaves buffers of no size that are written to. */
    bool good =
        curl_easy_setopt(c, CURLOPT_BUFFERSIZE,
                         (long)(t->hooks->consume != NULL ? LARGE_BUFFER : SMALL_BUFFER)) ==
            CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, t->ask.connect_timeout_ms) == CURLE_OK;
    if (t->hooks->produce != NULL) {
        good = good && curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->ask.body_length) ==
                   CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_READDATA, t) == CURLE_OK;
    } else if (t->ask.has_body) {
        good = good && curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK;
    }
    if (t->ask.compressed) {
        good = good && curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK;
    }
    if (strcmp(t->ask.method, "HEAD") == 0) {
        return good && curl_easy_setopt(c, CURLOPT_NOBODY, 1L) == CURLE_OK;
    }
    return good && curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, t->ask.method) == CURLE_OK;
}

static bool set_callbacks(r2_transfer *t) {
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
    if (t->hooks->progress != NULL) {
        good = good && curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_XFERINFODATA, t) == CURLE_OK;
    }
    return good;
}

/* The form of the request that is asked for; false when it has none, and needs a handle that knows
 * nothing of requests before it. */
static bool get_form(const r2_transfer *t, r2_form *form) {
    size_t length = strlen(t->ask.method);
    *form = (r2_form){
        .has_body = t->ask.has_body,
        .consumes = t->hooks->consume != NULL,
        .loopback = t->ask.loopback,
        .compressed = t->ask.compressed,
    };
    if (t->hooks->produce != NULL || t->hooks->progress != NULL || length >= sizeof form->method) {
        return false;
    }
    memcpy(form->method, t->ask.method, length);
    return true;
}

static bool is_same_form(const r2_form *left, const r2_form *right) {
    return left->has_body == right->has_body && left->consumes == right->consumes &&
           left->loopback == right->loopback && left->compressed == right->compressed &&
           strcmp(left->method, right->method) == 0;
}

bool r2_transfer_prepare(r2_transfer *t) {
    r2_form form;
    bool has_form = get_form(t, &form);
    if (!link_headers(t)) {
        return false;
    }
    t->message[0] = '\0';
    if (has_form && t->is_formed && is_same_form(&form, &t->form)) {
        return set_request(t);
    }
    curl_easy_reset(t->easy);
    t->is_formed = false;
    if (!set_callbacks(t) || !set_safety(t) || !set_form(t) || !set_request(t)) {
        return false;
    }
    t->is_formed = has_form;
    t->form = form;
    return true;
}

bool r2_transfer_go_afresh(r2_transfer *t) {
    t->trouble = R2_NO_TROUBLE;
    t->message[0] = '\0';
    t->is_formed = false; /* the next request may use what is kept */
    return curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
}

/* ---- the end ---- */

/* RFC 9110, section 15. libcurl reads more than three digits, or less, behind what begins as "HTTP/2". */
static bool has_status(const r2_transfer *t) {
    return t->status >= 100 && t->status <= 999;
}

/* What libcurl itself takes of headers, in all: 300 KB, since 8.3 and in older ones that a
 * distribution has mended. The end of this bound has no code of its own at first. */
enum { LIBCURL_HEADERS_MAX = 256 * 1024 };

void r2_transfer_finish(r2_transfer *t, CURLcode code) {
    t->code = code;
    if (t->trouble == R2_NO_TROUBLE && !t->head_ended) {
        if (code == CURLE_RECV_ERROR && t->header_bytes > LIBCURL_HEADERS_MAX) {
            t->trouble = R2_HEADERS_TOO_LONG;
        } else if (code == CURLE_OK) {
            t->code = CURLE_GOT_NOTHING; /* closed inside the headers: libcurl lets it pass */
        }
    }
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
    (void)curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &t->http_version);
    if (t->code == CURLE_OK && t->trouble == R2_NO_TROUBLE && !has_status(t)) {
        t->code = CURLE_WEIRD_SERVER_REPLY;
    }
}

void r2_transfer_check_handle(r2_transfer *t) {
    if (t->easy != NULL && (t->code != CURLE_OK || t->trouble != R2_NO_TROUBLE || t->status == 0)) {
        curl_easy_cleanup(t->easy);
        t->easy = NULL;
    }
}

void r2_transfer_clear(r2_transfer *t) {
    r2_buffer_reset(&t->lines);
    r2_buffer_reset(&t->answer_headers);
    r2_buffer_reset(&t->answer_body);
    t->header_count = 0;
    t->ask = (r2_ask){0};
    t->produced = 0;
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
    r2_buffer_free(&t->lines);
    r2_buffer_free(&t->answer_headers);
    r2_buffer_free(&t->answer_body);
    free(t->headers);
}

/* A connection that is lost during the handshake has the code of a handshake that failed: only what
 * libcurl and its TLS library say tells them apart. */
static bool is_lost_in_handshake(const r2_transfer *t) {
    static const char *const lost[] = {"SSL_ERROR_SYSCALL", "Recv failure", "Send failure",
                                       "non-properly terminated"};
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        if (strstr(t->message, lost[i]) != NULL) {
            return t->code == CURLE_SSL_CONNECT_ERROR;
        }
    }
    return false;
}

static r2_kind kind_of(CURLcode code) {
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return R2_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return R2_TLS;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
    case CURLE_OUT_OF_MEMORY: /* what libcurl says too when a header line is longer than 100 KB */
#if CURL_AT_LEAST_VERSION(8, 6, 0)
    case CURLE_TOO_LARGE:
#endif
        return R2_BAD_RESPONSE;
    default:
        return R2_NETWORK;
    }
}

r2_kind r2_transfer_error(const r2_transfer *t, const char **text, bool *retryable) {
    *retryable = false;
    switch (t->trouble) {
    case R2_HEADERS_TOO_LONG:
        *text = "the answer's headers are too long";
        return R2_BAD_RESPONSE;
    case R2_HEADERS_TOO_MANY:
        *text = "the answer has too many headers";
        return R2_BAD_RESPONSE;
    case R2_BODY_TOO_LONG:
        *text = "the answer is longer than max_body_bytes";
        return R2_BAD_RESPONSE;
    case R2_STOPPED:
        *text = "the exchange was cancelled";
        return R2_CANCELLED;
    case R2_UNASKED: /* only when memory was out for a new connection */
        *text = "the kept connection was not fit to be used again";
        *retryable = true;
        return R2_NETWORK;
    case R2_FORKED:
        *text = "the exchange is that of the process that this one was forked from";
        *retryable = true;
        return R2_NETWORK;
    case R2_BODY_WRONG_LENGTH:
        *text = "the body that was produced is not as long as content_length says";
        return R2_INVALID_REQUEST;
    case R2_NO_TROUBLE:
        break;
    }
    if (t->code == CURLE_OK) {
        return R2_NO_ERROR;
    }
    r2_kind kind = is_lost_in_handshake(t) ? R2_NETWORK : kind_of(t->code);
    *text = t->message[0] != '\0' ? t->message : curl_easy_strerror(t->code);
    if (strstr(t->message, "proxy s") !=
        NULL) { /* scheme, syntax: with the URL, and a password in it */
        *text = "the proxy that the environment names is not one that libcurl takes";
        return R2_NETWORK; /* and will not be */
    }
    if (t->code == CURLE_OUT_OF_MEMORY) {
        *text = "a line of the answer's headers is too long, or memory is out";
    } else if (t->code == CURLE_WEIRD_SERVER_REPLY && !has_status(t)) {
        *text = "the answer's status has not three digits";
    } else if (t->code == CURLE_GOT_NOTHING && t->header_bytes > 0) {
        *text = "the connection was closed inside the answer's headers";
    }
    *retryable = kind == R2_NETWORK || kind == R2_TIMEOUT;
    return kind;
}
