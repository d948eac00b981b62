/* Base64: bytes come back as they were, and a text is taken only when it is canonical. */
#include "../../src/base/base64.h"

#include "plain.h"

static void check_encoding(r2_slice bytes, r2_base64_kind kind) {
    size_t length = r2_base64_length(bytes.length, kind);
    char *text = fuzz_room(length);
    HOLDS(r2_base64_encode(text, bytes.data, bytes.length, kind) == length);
    HOLDS(r2_slice_is((r2_slice){text, length}, plain_base64(bytes, kind == R2_BASE64_URL)));
}

/* Behind what the buffer holds already. */
static void check_decoding(r2_slice text, r2_base64_kind kind) {
    r2_slice bytes;
    r2_buffer out = {0};
    r2_buffer_add(&out, R2_SLICE("before"));
    bool good = r2_base64_decode(&out, text, kind);
    HOLDS(good == plain_is_base64(text, kind == R2_BASE64_URL, &bytes));
    HOLDS(r2_begins_with(fuzz_slice(&out), R2_SLICE("before")));
    HOLDS(!good || r2_slice_is(r2_buffer_since(&out, 6), bytes));
    HOLDS(out.length - 6 <= R2_BASE64_DECODED_MAX(text.length));
    r2_buffer_free(&out);
}

static void fuzz(r2_slice input) {
    r2_slice all = fuzz_copy(input);
    for (r2_base64_kind kind = R2_BASE64_STANDARD; kind <= R2_BASE64_URL; kind++) {
        check_encoding(all, kind);
        check_decoding(all, kind);
        check_decoding(plain_base64(all, kind == R2_BASE64_URL), kind);
    }
}
