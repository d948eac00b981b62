/* Runs of bytes that somebody else owns, and what they are made of. Knows no Lua; every length
 * travels with its pointer. */
#ifndef R2_TEXT_H
#define R2_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(hidden)

/* A run of bytes that somebody else owns. */
typedef struct r2_slice {
    const char *data;
    size_t length;
} r2_slice;

/* A literal as a slice; the second form is for tables that are initialised statically. */
#define R2_SLICE(literal) ((r2_slice)R2_SLICE_OF(literal))
#define R2_SLICE_OF(literal)                                                                       \
    { (literal), sizeof(literal) - 1 }

static inline bool r2_slice_is(r2_slice slice, r2_slice other) {
    return slice.length == other.length &&
           (other.length == 0 || memcmp(slice.data, other.data, other.length) == 0);
}
bool r2_begins_with(r2_slice text, r2_slice start);

/* Lower-case letters, digits, and hyphens that are neither first nor last: a DNS label, a
 * bucket. */
bool r2_is_label(r2_slice text, size_t shortest, size_t longest);

/* Whether all are visible ASCII characters: no space, no control byte. */
bool r2_is_visible(r2_slice text);

/* How many bytes at the start are ASCII, counted in eights. */
size_t r2_ascii_length(r2_slice text);

/* How many bytes at the start are letters and digits of ASCII, counted in sixteens. */
size_t r2_alphanumeric_length(r2_slice text);

/* How many bytes at the start are none of a quote, a backslash and a control character. */
size_t r2_unquoted_length(r2_slice text);

/* A number that is written with digits alone, from 0 to `largest`; -1 for anything else. */
int64_t r2_read_decimal(r2_slice text, int64_t largest);

/* Writes 2 * length lower-case hex digits. */
void r2_hex_encode(char *out, const void *bytes, size_t length);
bool r2_is_lower_hex(r2_slice text, size_t length);

#pragma GCC visibility pop
#endif
