/* NFC: never of what is not UTF-8, always of ASCII; a slash, with which nothing composes, changes
 * nothing before a text or behind it, and what a text in NFC consists of is in NFC too. */
#include "../../src/base/nfc.h"

#include "plain.h"

static bool is_nfc(r2_slice text) {
    return r2_check_nfc(text) == NULL;
}

static r2_slice join(r2_slice left, r2_slice right) {
    char *out = fuzz_room(left.length + right.length);
    memcpy(out, left.length > 0 ? left.data : "", left.length);
    memcpy(out + left.length, right.length > 0 ? right.data : "", right.length);
    return (r2_slice){out, left.length + right.length};
}

static bool is_ascii(r2_slice text) {
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] > 0x7f) {
            return false;
        }
    }
    return true;
}

/* A substring of a normalized string is normalized (Unicode Standard Annex 15, section 9). */
static void check_pieces(r2_slice text) {
    size_t length;
    for (r2_slice rest = text; rest.length > 0;
         rest = (r2_slice){rest.data + length, rest.length - length}) {
        HOLDS(plain_character(rest, &length) >= 0);
        HOLDS(is_nfc((r2_slice){rest.data, length}));
        HOLDS(is_nfc((r2_slice){rest.data + length, rest.length - length}));
        HOLDS(is_nfc((r2_slice){text.data, (size_t)(rest.data - text.data)}));
    }
}

static void fuzz(r2_slice input) {
    r2_slice text = fuzz_copy(input);
    bool good = is_nfc(text);
    HOLDS(!good || plain_is_utf8(text));
    HOLDS(good || !is_ascii(text));
    HOLDS(is_nfc(join(R2_SLICE("/"), text)) == good);
    HOLDS(is_nfc(join(text, R2_SLICE("/"))) == good);
    HOLDS(is_nfc(join(text, join(R2_SLICE("/"), text))) == good);
    if (good && text.length <= 256) {
        check_pieces(text);
    }
}
