/* Second implementations, plain and slow, of what more than one harness compares with. They are
 * written from the standards, and use nothing of the library. */
#ifndef R2_FUZZ_PLAIN_H
#define R2_FUZZ_PLAIN_H

#include <openssl/sha.h>
#include <time.h>

#include "fuzz.h"

/* ---- base64: RFC 4648, sections 4 and 5 ---- */

static inline const char *plain_alphabet(bool url) {
    return url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
               : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

/* Bit by bit. In the alphabet of URLs there is no padding. */
static inline r2_slice plain_base64(r2_slice bytes, bool url) {
    size_t room = (bytes.length + 2) / 3 * 4;
    char *out = fuzz_room(room + 1);
    size_t length = 0;
    for (size_t bit = 0; bit < 8 * bytes.length; bit += 6) {
        unsigned int digit = 0;
        for (size_t i = bit; i < bit + 6; i++) {
            unsigned int byte = i / 8 < bytes.length ? (unsigned char)bytes.data[i / 8] : 0;
            digit = digit * 2 + (byte >> (7 - i % 8) & 1);
        }
        out[length++] = plain_alphabet(url)[digit];
    }
    while (!url && length % 4 != 0) {
        out[length++] = '=';
    }
    return (r2_slice){out, length};
}

/* What the digits at the start of a text say, whatever follows them and whatever bits are over. */
static inline r2_slice plain_base64_bytes(r2_slice text, bool url) {
    unsigned char *out = fuzz_room(text.length + 1);
    size_t length = 0;
    unsigned int bits = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char *digit = text.data[i] != '\0' ? strchr(plain_alphabet(url), text.data[i]) : NULL;
        if (digit == NULL) {
            break;
        }
        bits = (bits << 6 | (unsigned int)(digit - plain_alphabet(url))) & 0xffff;
        if (i % 4 != 0) {
            out[length++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
        }
    }
    return (r2_slice){(char *)out, length};
}

/* Whether the text is what its own bytes encode to: the definition of canonical. */
static inline bool plain_is_base64(r2_slice text, bool url, r2_slice *bytes) {
    *bytes = plain_base64_bytes(text, url);
    return r2_slice_is(plain_base64(*bytes, url), text);
}

/* ---- UTF-8: RFC 3629, section 3 ---- */

/* The character at the start, and how long it is; -1 where there is none. */
static inline long plain_character(r2_slice text, size_t *length) {
    static const long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = text.length > 0 ? (unsigned char)text.data[0] : 0xff;
    *length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (*length == 0 || *length > text.length) {
        return -1;
    }
    long character = *length == 1 ? lead : lead & (0x7f >> *length);
    for (size_t i = 1; i < *length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte >> 6 != 2) {
            return -1;
        }
        character = character * 64 + (byte & 63);
    }
    bool surrogate = character >= 0xd800 && character <= 0xdfff;
    return character < smallest[*length] || character > 0x10ffff || surrogate ? -1 : character;
}

static inline bool plain_is_utf8(r2_slice text) {
    size_t length;
    for (; text.length > 0; text = (r2_slice){text.data + length, text.length - length}) {
        if (plain_character(text, &length) < 0) {
            return false;
        }
    }
    return true;
}

/* Characters of one line, none of which a terminal obeys. */
static inline bool plain_is_one_line(r2_slice text) {
    size_t length;
    for (; text.length > 0; text = (r2_slice){text.data + length, text.length - length}) {
        long character = plain_character(text, &length);
        if (character < 0x20 || (character >= 0x7f && character <= 0x9f)) {
            return false;
        }
    }
    return true;
}

/* ---- HMAC: RFC 2104 ---- */

static inline void plain_hmac(unsigned char mac[32], r2_slice key, r2_slice text) {
    unsigned char block[64] = {0};
    unsigned char *inner = fuzz_room(64 + text.length);
    unsigned char outer[64 + 32];
    if (key.length > 64) {
        SHA256((const unsigned char *)key.data, key.length, block);
    } else {
        memcpy(block, key.length > 0 ? key.data : "", key.length);
    }
    for (size_t i = 0; i < 64; i++) {
        inner[i] = block[i] ^ 0x36;
        outer[i] = block[i] ^ 0x5c;
    }
    memcpy(inner + 64, text.length > 0 ? text.data : "", text.length);
    SHA256(inner, 64 + text.length, outer + 64);
    SHA256(outer, sizeof outer, mac);
}

static inline char *plain_hex(const unsigned char *bytes, size_t length) {
    char *hex = fuzz_room(2 * length + 1);
    hex[0] = '\0';
    for (size_t i = 0; i < length; i++) {
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    }
    return hex;
}

/* ---- the calendar ---- */

/* A time from 1970 on, counted off by 400 years and then month by month. */
static inline struct tm plain_calendar(int64_t seconds) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = seconds / 86400;
    int second = (int)(seconds % 86400);
    int year = 1970;
    int month = 0;
    for (; days >= 146097; days -= 146097) {
        year += 400;
    }
    for (;; year += month / 12, month %= 12) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        int length = lengths[month] + (month == 1 && leap ? 1 : 0);
        if (days < length) {
            break;
        }
        days -= length;
        month++;
    }
    return (struct tm){.tm_year = year,
                       .tm_mon = month + 1,
                       .tm_mday = (int)days + 1,
                       .tm_hour = second / 3600,
                       .tm_min = second / 60 % 60,
                       .tm_sec = second % 60};
}

#endif
