/* What a server says, made fit to be shown. */
#include "redact.h"

#include "../base/ascii.h"
#include "../base/utf8.h"

enum {
    SECRET_MIN = 33, /* ids, which are no secret, have 32 characters */
    ECHO_MIN = 12    /* as much of the API token tells too much of it */
};

/* Control characters of ASCII, and those of Latin-1 in UTF-8, which some terminals obey. */
static bool is_control(r2_slice text, size_t at) {
    unsigned char c = (unsigned char)text.data[at];
    unsigned char before = at > 0 ? (unsigned char)text.data[at - 1] : 0;
    return c < 0x20 || c == 0x7f || (before == 0xC2 && c <= 0x9F);
}

/* How many characters from `at` on may be a key or a token: hex, base64, base64url. */
static size_t secret_run(r2_slice text, size_t at) {
    size_t end = at;
    while (end < text.length && (r2_is_alphanumeric(text.data[end]) || text.data[end] == '-' ||
                                 text.data[end] == '_' || text.data[end] == '=')) {
        end++;
    }
    return end - at;
}

/* How many characters from `at` on are a piece of the API token, 0 when it is too short to tell. */
static size_t echoed_run(r2_slice text, size_t at, r2_slice api_token) {
    size_t least = api_token.length < ECHO_MIN ? api_token.length : ECHO_MIN;
    size_t longest = 0;
    for (size_t start = 0; least > 0 && start + least <= api_token.length; start++) {
        size_t run = 0;
        while (start + run < api_token.length && at + run < text.length &&
               text.data[at + run] == api_token.data[start + run]) {
            run++;
        }
        longest = run > longest ? run : longest;
    }
    return longest >= least ? longest : 0;
}

/* How many characters at `at` must not be shown: what a server echoes of the API token, and
 * whatever has the form of a secret, up to where such an echo begins. */
static size_t hidden_run(r2_slice text, size_t at, r2_slice api_token) {
    size_t echoed = echoed_run(text, at, api_token);
    size_t run = secret_run(text, at);
    if (echoed > 0 || run < SECRET_MIN) {
        return echoed;
    }
    size_t hidden = 1;
    while (hidden < run && echoed_run(text, at + hidden, api_token) == 0) {
        hidden++;
    }
    return hidden;
}

r2_slice r2_redact(r2_buffer *work, r2_slice text, r2_slice api_token) {
    size_t start = work->length;
    bool utf8 = r2_is_utf8(text);
    for (size_t i = 0; i < text.length && work->length - start < R2_SHOWN_TEXT_MAX; i++) {
        size_t hidden = hidden_run(text, i, api_token);
        if (hidden > 0) {
            r2_buffer_add(work, R2_SLICE("[redacted]"));
            i += hidden - 1;
        } else if (is_control(text, i)) {
            if ((unsigned char)text.data[i] >= 0x80 && work->length > start) {
                work->length--; /* its lead byte */
            }
            r2_buffer_add(work, R2_SLICE(" "));
        } else if (!utf8 && (unsigned char)text.data[i] >= 0x80) {
            r2_buffer_add(work, R2_SLICE("?"));
        } else {
            r2_buffer_append(work, text.data + i, 1);
        }
    }
    while (work->length > start && !r2_is_utf8(r2_buffer_since(work, start))) {
        work->length--; /* a character that the bound cut */
    }
    return r2_buffer_since(work, start);
}
