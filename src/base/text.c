/* Runs of bytes. No function here knows what they mean. */
#include "text.h"

#include <stdint.h>

#include "ascii.h"

bool r2_begins_with(r2_slice text, r2_slice start) {
    return text.length >= start.length && r2_slice_is((r2_slice){text.data, start.length}, start);
}

bool r2_is_label(r2_slice text, size_t shortest, size_t longest) {
    if (text.length < shortest || text.length > longest) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool inner = i > 0 && i + 1 < text.length;
        if (!r2_is_lower(c) && !r2_is_digit(c) && !(c == '-' && inner)) {
            return false;
        }
    }
    return true;
}

static const uint64_t ones = UINT64_MAX / 255; /* 1 in each of eight bytes */

static uint64_t load_eight(const char *bytes) {
    uint64_t eight;
    memcpy(&eight, bytes, sizeof eight);
    return eight;
}

/* The top bit of a byte is set when one of the eight is not visible; which one is not told. A byte
 * below 0x21 borrows its top bit, 0x7f carries into it, and what is above has it already. */
static uint64_t invisible(uint64_t eight) {
    return (eight - ones * 0x21) | (eight + ones) | eight;
}

/* Eight bytes at a time, and four times eight: session tokens are long. */
bool r2_is_visible(r2_slice text) {
    uint64_t wrong = 0;
    const char *at = text.data;
    size_t left = text.length;
    for (; left >= 32; left -= 32, at += 32) {
        wrong |= invisible(load_eight(at)) | invisible(load_eight(at + 8)) |
                 invisible(load_eight(at + 16)) | invisible(load_eight(at + 24));
    }
    for (; left >= 8; left -= 8, at += 8) {
        wrong |= invisible(load_eight(at));
    }
    for (; left > 0; left--, at++) {
        wrong |= invisible(ones * (unsigned char)*at);
    }
    return (wrong & ones * 0x80) == 0;
}

size_t r2_ascii_length(r2_slice text) {
    size_t at = 0;
    while (text.length - at >= 8 && (load_eight(text.data + at) & ones * 0x80) == 0) {
        at += 8;
    }
    while (at < text.length && (unsigned char)text.data[at] < 0x80) {
        at++;
    }
    return at;
}

/* The top bit of each byte that lies in a range; all eight must be ASCII. */
static uint64_t in_range(uint64_t eight, unsigned char low, unsigned char high) {
    return (eight + ones * (0x80U - low)) & ~(eight + ones * (0x7fU - high));
}

/* The top bit of each byte that is a letter or a digit; wrong where a byte is not ASCII, and behind
 * it. */
static uint64_t alphanumeric(uint64_t eight) {
    return in_range(eight | ones * 0x20, 'a', 'z') | in_range(eight, '0', '9');
}

size_t r2_alphanumeric_length(r2_slice text) {
    size_t at = 0;
    for (; text.length - at >= 16; at += 16) {
        uint64_t first = load_eight(text.data + at);
        uint64_t second = load_eight(text.data + at + 8);
        uint64_t good = alphanumeric(first) & alphanumeric(second) & ~(first | second);
        if ((good & ones * 0x80) != ones * 0x80) {
            break;
        }
    }
    return at;
}

/* ---- numbers ---- */

/* The top bit of a byte that is zero, or, above one that is, of any. */
static uint64_t zero(uint64_t eight) {
    return (eight - ones) & ~eight & ones * 0x80;
}

static bool is_quoting(char c) {
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

size_t r2_unquoted_length(r2_slice text) {
    size_t at = 0;
    for (; text.length - at >= 8; at += 8) {
        uint64_t eight = load_eight(text.data + at);
        uint64_t control = (eight - ones * 0x20) & ~eight & ones * 0x80;
        if ((control | zero(eight ^ ones * '"') | zero(eight ^ ones * '\\')) != 0) {
            break;
        }
    }
    while (at < text.length && !is_quoting(text.data[at])) {
        at++;
    }
    return at;
}

int64_t r2_read_decimal(r2_slice text, int64_t largest) {
    int64_t number = text.length > 0 ? 0 : -1;
    for (size_t i = 0; i < text.length && number >= 0; i++) {
        char c = text.data[i];
        int64_t digit = c - '0';
        bool fits = r2_is_digit(c) && number <= (largest - digit) / 10;
        number = fits ? number * 10 + digit : -1;
    }
    return number;
}

void r2_hex_encode(char *out, const void *bytes, size_t length) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
}

bool r2_is_lower_hex(r2_slice text, size_t length) {
    if (text.length != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text.data[i];
        if (!r2_is_digit(c) && !(c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    return true;
}
