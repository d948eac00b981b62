/* Bytes and text. No function here knows what the bytes mean; any of them may be a secret, so
 * memory is wiped before it is given back and is never handed to realloc, which may leave a copy. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CAPACITY = 2048,    /* a usual credential: claims, token and session token together */
    KEPT_CAPACITY = 64 * 1024 /* what a buffer may keep between two uses */
};

void r2_wipe(void *memory, size_t length) {
    if (length == 0) {
        return;
    }
    memset(memory, 0, length);
#if defined(__GNUC__)
    __asm__ __volatile__("" : : "r"(memory) : "memory");
#else
    volatile unsigned char *byte = memory;
    while (length-- > 0) {
        *byte++ = 0;
    }
#endif
}

/* Keeps the compiler from finding out early what a comparison comes to. */
static uint64_t hidden(uint64_t value) {
#if defined(__GNUC__)
    __asm__ __volatile__("" : "+r"(value));
    return value;
#else
    volatile uint64_t copy = value;
    return copy;
#endif
}

bool r2_equal_secret(const void *left, const void *right, size_t length) {
    const unsigned char *a = left;
    const unsigned char *b = right;
    uint64_t difference = 0;
    size_t i = 0;
    for (; length - i >= sizeof difference; i += sizeof difference) {
        uint64_t eight_a;
        uint64_t eight_b;
        memcpy(&eight_a, a + i, sizeof eight_a);
        memcpy(&eight_b, b + i, sizeof eight_b);
        difference = hidden(difference | (eight_a ^ eight_b));
    }
    for (; i < length; i++) {
        difference = hidden(difference | (uint64_t)(a[i] ^ b[i]));
    }
    return difference == 0;
}

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
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && inner))) {
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

/* ---- buffer ---- */

bool r2_buffer_reserve(r2_buffer *buffer, size_t more) {
    if (buffer->failed) {
        return false;
    }
    if (more <= buffer->capacity - buffer->length) {
        return true;
    }
    size_t needed = buffer->length + more;
    size_t capacity = buffer->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buffer->capacity;
    while (needed >= more && capacity < needed && capacity <= SIZE_MAX / 2) {
        capacity *= 2;
    }
    char *data = needed < more || capacity < needed ? NULL : malloc(capacity);
    if (data == NULL) {
        buffer->failed = true;
        return false;
    }
    if (buffer->length > 0) {
        memcpy(data, buffer->data, buffer->length);
        r2_wipe(buffer->data, buffer->length);
    }
    free(buffer->data);
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void r2_buffer_add_decimal(r2_buffer *buffer, int64_t number) {
    char digits[20]; /* 19 digits and a sign */
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    r2_buffer_append(buffer, digits + at, sizeof digits - at);
}

void r2_buffer_reset(r2_buffer *buffer) {
    if (buffer->capacity > KEPT_CAPACITY) {
        r2_buffer_free(buffer);
        return;
    }
    r2_wipe(buffer->data, buffer->length);
    buffer->length = 0;
    buffer->failed = false;
}

void r2_buffer_free(r2_buffer *buffer) {
    r2_wipe(buffer->data, buffer->length);
    free(buffer->data);
    *buffer = (r2_buffer){0};
}

/* ---- JSON strings ---- */

/* What ECMA-262's QuoteJSONString puts behind the backslash; 0 = the byte stands for itself,
 * 'u' = \u00xx. */
static char json_escape(unsigned char byte) {
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\b':
        return 'b';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\f':
        return 'f';
    case '\r':
        return 'r';
    default:
        return byte < 0x20 ? 'u' : 0;
    }
}

void r2_buffer_add_json_string(r2_buffer *buffer, r2_slice text) {
    enum { LONGEST_ESCAPE = 6 };
    if (text.length > (SIZE_MAX - 2) / LONGEST_ESCAPE) {
        buffer->failed = true;
        return;
    }
    if (!r2_buffer_reserve(buffer, text.length * LONGEST_ESCAPE + 2)) {
        return;
    }
    char *out = buffer->data + buffer->length;
    *out++ = '"';
    for (size_t i = 0; i < text.length; i++) {
        char escape = json_escape((unsigned char)text.data[i]);
        if (escape == 0) {
            *out++ = text.data[i];
            continue;
        }
        *out++ = '\\';
        *out++ = escape;
        if (escape == 'u') {
            *out++ = '0';
            *out++ = '0';
            r2_hex_encode(out, text.data + i, 1);
            out += 2;
        }
    }
    *out++ = '"';
    buffer->length = (size_t)(out - buffer->data);
}

/* ---- base64 ---- */

static const char standard_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t r2_base64_length(size_t length, r2_base64_kind kind) {
    return kind == R2_BASE64_STANDARD ? R2_BASE64_LENGTH(length)
                                      : length / 3 * 4 + (length % 3 * 4 + 2) / 3;
}

size_t r2_base64_encode(char *out, const void *bytes, size_t length, r2_base64_kind kind) {
    const char *alphabet = kind == R2_BASE64_STANDARD ? standard_alphabet : url_alphabet;
    const unsigned char *in = bytes;
    char *start = out;
    for (; length >= 3; length -= 3, in += 3) {
        uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[bits >> 12 & 63];
        *out++ = alphabet[bits >> 6 & 63];
        *out++ = alphabet[bits & 63];
    }
    if (length > 0) {
        uint32_t bits = (uint32_t)in[0] << 16 | (length == 2 ? (uint32_t)in[1] << 8 : 0);
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[bits >> 12 & 63];
        if (length == 2) {
            *out++ = alphabet[bits >> 6 & 63];
        }
        if (kind == R2_BASE64_STANDARD) {
            *out++ = '=';
            if (length == 1) {
                *out++ = '=';
            }
        }
    }
    return (size_t)(out - start);
}

/* The values of characters as digits, and in which alphabet they are none: 64 in the standard one,
 * 128 in that of URLs. */
static const unsigned char digit_values[256] = {
    /* clang-format off */
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 190, 192, 126, 192, 191,
     52,  53,  54,  55,  56,  57,  58,  59,  60,  61, 192, 192, 192, 192, 192, 192,
    192,   0,   1,   2,   3,   4,   5,   6,   7,   8,   9,  10,  11,  12,  13,  14,
     15,  16,  17,  18,  19,  20,  21,  22,  23,  24,  25, 192, 192, 192, 192, 127,
    192,  26,  27,  28,  29,  30,  31,  32,  33,  34,  35,  36,  37,  38,  39,  40,
     41,  42,  43,  44,  45,  46,  47,  48,  49,  50,  51, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192, 192,
    /* clang-format on */
};

static uint32_t base64_digit(char character) {
    return digit_values[(unsigned char)character];
}

static uint32_t foreign_bit(r2_base64_kind kind) {
    return kind == R2_BASE64_STANDARD ? 64 : 128;
}

/* Decodes the two or three digits behind the last four: a byte and 4 bits, two bytes and 2 bits. */
static bool decode_rest(r2_buffer *out, const char *digits, size_t count, r2_base64_kind kind) {
    if (count == 0) {
        return true;
    }
    uint32_t first = base64_digit(digits[0]);
    uint32_t second = base64_digit(digits[1]);
    uint32_t third = count == 3 ? base64_digit(digits[2]) : 0;
    if (((first | second | third) & foreign_bit(kind)) != 0) {
        return false;
    }
    out->data[out->length++] = (char)(unsigned char)(first << 2 | (second & 63) >> 4);
    if (count == 2) {
        return (second & 15) == 0;
    }
    out->data[out->length++] = (char)(unsigned char)(second << 4 | (third & 63) >> 2);
    return (third & 3) == 0;
}

bool r2_base64_decode(r2_buffer *out, r2_slice text, r2_base64_kind kind) {
    size_t digits = text.length;
    if (kind == R2_BASE64_STANDARD) {
        if (digits % 4 != 0) {
            return false;
        }
        for (int padding = 0; padding < 2 && digits > 0 && text.data[digits - 1] == '=';
             padding++) {
            digits--;
        }
    }
    if (digits % 4 == 1 || !r2_buffer_reserve(out, digits / 4 * 3 + 3)) {
        return false;
    }
    size_t whole = digits - digits % 4;
    size_t at = 0;
    char *end = out->data + out->length;
    uint32_t foreign = foreign_bit(kind);
    for (; at < whole; at += 4) {
        uint32_t first = base64_digit(text.data[at]);
        uint32_t second = base64_digit(text.data[at + 1]);
        uint32_t third = base64_digit(text.data[at + 2]);
        uint32_t fourth = base64_digit(text.data[at + 3]);
        if (((first | second | third | fourth) & foreign) != 0) {
            break;
        }
        *end++ = (char)(unsigned char)(first << 2 | (second & 63) >> 4);
        *end++ = (char)(unsigned char)(second << 4 | (third & 63) >> 2);
        *end++ = (char)(unsigned char)(third << 6 | (fourth & 63));
    }
    out->length = (size_t)(end - out->data); /* what is wrong is wiped with the buffer too */
    return at == whole && decode_rest(out, text.data + whole, digits - whole, kind);
}

/* ---- hex and UTF-8 ---- */

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
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}

/* How many bytes the character at `at` has, 0 when it is not one. The bounds of the second byte
 * are those of RFC 3629, section 4. */
static size_t utf8_character(const unsigned char *at, size_t left) {
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
        size_t size = utf8_character((const unsigned char *)text.data + at, text.length - at);
        if (size == 0) {
            return false;
        }
        at += size;
    }
    return true;
}
