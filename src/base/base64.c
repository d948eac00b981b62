/* Base64. What is wrong is told as soon as it is met, and wiped with the buffer it was decoded
 * into. */
#include "base64.h"

#include <stdint.h>

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
    if (digits % 4 == 1 || !r2_buffer_reserve(out, R2_BASE64_DECODED_MAX(digits))) {
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
    return at == whole &&
           (whole == digits || decode_rest(out, text.data + whole, digits - whole, kind));
}
