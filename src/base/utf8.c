/* UTF-8. */
#include "utf8.h"

/* How many bytes the character at `at` has, 0 when it is not one. The bounds of the second byte
 * are those of RFC 3629, section 4. */
static size_t character_size(const unsigned char *at, size_t left) {
    unsigned char lead = at[0];
    if (lead < 0x80) {
        return 1;
    }
    size_t size = lead >= 0xC2 && lead <= 0xDF   ? 2
                  : lead >= 0xE0 && lead <= 0xEF ? 3
                  : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                 : 0;
    if (size == 0 || size > left) {
        return 0;
    }
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < size; i++) {
        if (at[i] < 0x80 || at[i] > 0xBF) {
            return 0;
        }
    }
    return size;
}

bool r2_is_utf8(r2_slice text) {
    size_t at = 0;
    while (at < text.length) {
        size_t size = character_size((const unsigned char *)text.data + at, text.length - at);
        if (size == 0) {
            return false;
        }
        at += size;
    }
    return true;
}

size_t r2_utf8_character(r2_slice text, uint32_t *code) {
    const unsigned char *at = (const unsigned char *)text.data;
    size_t size = character_size(at, text.length);
    *code = size > 1 ? at[0] & (0xFFU >> (size + 1)) : at[0];
    for (size_t i = 1; i < size; i++) {
        *code = *code << 6 | (at[i] & 0x3FU);
    }
    return size;
}
