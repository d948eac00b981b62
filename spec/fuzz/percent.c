/* Percent-encoding, beside a second one written from RFC 3986, sections 2.1 and 2.3. */
#include "../../src/base/percent.h"

#include "plain.h"

static bool is_unreserved(char c) {
    return c != '\0' && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789-._~",
                               c) != NULL;
}

static r2_slice plain_encode(r2_slice text, r2_part part) {
    char *out = fuzz_room(3 * text.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (is_unreserved(c) || (c == '/' && part == R2_IN_PATH)) {
            out[length++] = c;
        } else {
            snprintf(out + length, 4, "%%%02X", (unsigned char)c);
            length += 3;
        }
    }
    return (r2_slice){out, length};
}

/* Decodes; false where two programs could differ, or where a byte has no place in a URL. */
static bool plain_decode(r2_slice text, r2_part part, r2_slice *decoded) {
    char *out = fuzz_room(text.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        char hex[3] = {0};
        if (byte <= ' ' || byte > '~' || strchr("\\#+", byte) != NULL) {
            return false;
        }
        if (byte == '%') {
            memcpy(hex, text.data + i + 1, text.length - i > 2 ? 2 : 0);
            if (strspn(hex, "0123456789abcdefABCDEF") != 2) {
                return false;
            }
            byte = (unsigned char)strtoul(hex, NULL, 16);
            if (byte == '\0' || (byte == '/' && part == R2_IN_PATH)) {
                return false;
            }
            i += 2;
        }
        out[length++] = (char)byte;
    }
    *decoded = (r2_slice){out, length};
    return true;
}

static void check_encode(r2_slice text, r2_part part) {
    r2_buffer out = {0};
    r2_buffer again = {0};
    r2_percent_encode(&out, text, part);
    HOLDS(r2_slice_is(fuzz_slice(&out), plain_encode(text, part)));
    if (text.length == 0 || memchr(text.data, '\0', text.length) == NULL) {
        HOLDS(r2_percent_normalize(&again, fuzz_slice(&out), part) == NULL);
        HOLDS(r2_slice_is(fuzz_slice(&again), fuzz_slice(&out)));
    }
    r2_buffer_free(&out);
    r2_buffer_free(&again);
}

static void check_normalize(r2_slice text, r2_part part) {
    r2_buffer out = {0};
    r2_slice decoded = {0};
    bool good = r2_percent_normalize(&out, text, part) == NULL;
    HOLDS(good == plain_decode(text, part, &decoded));
    HOLDS(!good || r2_slice_is(fuzz_slice(&out), plain_encode(decoded, part)));
    r2_buffer_free(&out);
}

static void fuzz(r2_slice input) {
    r2_slice text = fuzz_copy(input);
    for (r2_part part = R2_IN_PATH; part <= R2_IN_QUERY; part++) {
        check_encode(text, part);
        check_normalize(text, part);
    }
}
