/* What libcurl's codes, and what stopped a transfer, mean to whoever asked. */
#include "transfer_error.h"

#include <string.h>

/* A connection that is lost during the handshake has the code of a handshake that failed: only what
 * libcurl and its TLS library say tells them apart. */
static bool is_lost_in_handshake(const r2_transfer *t) {
    static const char *const lost[] = {"SSL_ERROR_SYSCALL", "Recv failure", "Send failure",
                                       "non-properly terminated",
                                       /* said before the handshake, and kept as its reason */
                                       "getpeername() failed", "getsockname() failed"};
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

/* What stopped a transfer before libcurl had a code for it. */
static const struct {
    r2_kind kind;
    const char *text;
} troubles[] = {
    [R2_HEADERS_TOO_LONG] = {R2_BAD_RESPONSE, "the answer's headers are too long"},
    [R2_HEADERS_TOO_MANY] = {R2_BAD_RESPONSE, "the answer has too many headers"},
    [R2_BODY_TOO_LONG] = {R2_BAD_RESPONSE, "the answer is longer than max_body_bytes"},
    [R2_STOPPED] = {R2_CANCELLED, "the exchange was cancelled"},
    /* Only when memory was out for a new connection. */
    [R2_UNASKED] = {R2_NETWORK, "the kept connection was not fit to be used again"},
    [R2_FORKED] = {R2_NETWORK, "the exchange is that of the process that this one was forked from"},
    [R2_BODY_WRONG_LENGTH] = {R2_INVALID_REQUEST,
                              "the body that was produced is not as long as content_length says"},
    [R2_NOT_TWICE] = {R2_NETWORK, "the connection was lost before an answer came"},
};

/* What libcurl says is better put otherwise here and there. */
static const char *text_of(const r2_transfer *t) {
    if (t->code == CURLE_OUT_OF_MEMORY) {
        return "a line of the answer's headers is too long, or memory is out";
    }
    if (t->code == CURLE_WEIRD_SERVER_REPLY && !r2_transfer_has_status(t)) {
        return "the answer's status has not three digits";
    }
    if (t->code == CURLE_GOT_NOTHING && t->header_bytes > 0) {
        return "the connection was closed inside the answer's headers";
    }
    return t->message[0] != '\0' ? t->message : curl_easy_strerror(t->code);
}

/* libcurl tells of a proxy's scheme or syntax with its URL, and a password in it. */
static bool is_wrong_proxy(const r2_transfer *t) {
    return strstr(t->message, "proxy s") != NULL;
}

r2_kind r2_transfer_error(const r2_transfer *t, const char **text, bool *retryable) {
    r2_kind kind = R2_NO_ERROR;
    if (t->trouble != R2_NO_TROUBLE) {
        kind = troubles[t->trouble].kind;
        *text = troubles[t->trouble].text;
    } else if (t->code != CURLE_OK && is_wrong_proxy(t)) {
        *retryable = false;
        *text = "the proxy that the environment names is not one that libcurl takes";
        return R2_NETWORK;
    } else if (t->code != CURLE_OK) {
        kind = is_lost_in_handshake(t) ? R2_NETWORK : kind_of(t->code);
        *text = text_of(t);
    }
    *retryable = kind == R2_NETWORK || kind == R2_TIMEOUT;
    return kind;
}
