/* Classes of ASCII characters, whatever the locale. Knows no Lua. */
#ifndef R2_ASCII_H
#define R2_ASCII_H

#include <stdbool.h>
#include <string.h>

static inline bool r2_is_digit(char c) {
    return c >= '0' && c <= '9';
}

static inline bool r2_is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static inline bool r2_is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

static inline char r2_lower(char c) {
    return r2_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static inline bool r2_is_alphanumeric(char c) {
    return r2_is_digit(c) || r2_is_lower(r2_lower(c));
}

/* From ! to ~: no space, no control character. */
static inline bool r2_is_visible_character(char c) {
    return c > 0x20 && c < 0x7f;
}

static inline bool r2_is_printable(char c) {
    return c >= 0x20 && c < 0x7f;
}

static inline bool r2_is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* The value of a hex digit in either case; 16 for what is none. */
static inline unsigned int r2_hex_value(char c) {
    char lower = r2_lower(c);
    if (r2_is_digit(lower)) {
        return (unsigned int)(lower - '0');
    }
    return lower >= 'a' && lower <= 'f' ? (unsigned int)(lower - 'a') + 10 : 16;
}

/* RFC 9110, section 5.6.2: what a method or a header's name consists of. */
static inline bool r2_is_token_character(char c) {
    return r2_is_alphanumeric(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

#endif
