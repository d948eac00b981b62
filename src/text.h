/* Bytes and text: a buffer that wipes what it leaves behind, base64, hex, JSON strings, UTF-8.
 * Knows no Lua, no clock and no files; every length travels with its pointer. */
#ifndef R2_TEXT_H
#define R2_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(hidden)

/* A growing run of bytes. All zero is the empty buffer. After an allocation has failed `failed` is
 * set, and every later append does nothing: callers check once, at the end. */
typedef struct r2_buffer {
    char *data;
    size_t length;
    size_t capacity;
    bool failed;
} r2_buffer;

/* A run of bytes that somebody else owns. */
typedef struct r2_slice {
    const char *data;
    size_t length;
} r2_slice;

/* A literal as a slice; the second form is for tables that are initialised statically. */
#define R2_SLICE(literal) ((r2_slice)R2_SLICE_OF(literal))
#define R2_SLICE_OF(literal)                                                                       \
    { (literal), sizeof(literal) - 1 }

/* Overwrites memory in a way that the compiler may not leave out. */
void r2_wipe(void *memory, size_t length);

/* Compares without telling by its time where the difference is. */
bool r2_equal_secret(const void *left, const void *right, size_t length);

static inline bool r2_slice_is(r2_slice slice, r2_slice other) {
    return slice.length == other.length &&
           (other.length == 0 || memcmp(slice.data, other.data, other.length) == 0);
}
bool r2_begins_with(r2_slice text, r2_slice start);

/* ASCII only, whatever the locale. */
static inline char r2_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Lower-case letters, digits, and hyphens that are neither first nor last: a DNS label, a bucket. */
bool r2_is_label(r2_slice text, size_t shortest, size_t longest);

/* Whether all are visible ASCII characters: no space, no control byte. */
bool r2_is_visible(r2_slice text);

/* How many bytes at the start are letters and digits of ASCII, counted in sixteens. */
size_t r2_alphanumeric_length(r2_slice text);

/* Makes room for `more` bytes behind the end; false, and `failed` set, when there is no memory. */
bool r2_buffer_reserve(r2_buffer *buffer, size_t more);
/* Here and not in text.c, so that the compiler knows the length of a literal: a few stores. */
static inline void r2_buffer_append(r2_buffer *buffer, const void *bytes, size_t length) {
    bool fits = !buffer->failed && length <= buffer->capacity - buffer->length;
    if (length > 0 && (fits || r2_buffer_reserve(buffer, length))) {
        memcpy(buffer->data + buffer->length, bytes, length);
        buffer->length += length;
    }
}
static inline void r2_buffer_add(r2_buffer *buffer, r2_slice slice) {
    r2_buffer_append(buffer, slice.data, slice.length);
}
void r2_buffer_add_decimal(r2_buffer *buffer, int64_t number);
/* A JSON string with its quotes, escaped as JSON.stringify does. The bytes must be valid UTF-8. */
void r2_buffer_add_json_string(r2_buffer *buffer, r2_slice text);
/* Wipes what was written and empties the buffer; gives back memory that only a giant needed. */
void r2_buffer_reset(r2_buffer *buffer);
/* Wipes and frees. */
void r2_buffer_free(r2_buffer *buffer);

/* RFC 4648. The encoders write to `out`, which has room for r2_base64_length(length) bytes, and
 * return how many they wrote. R2_BASE64_URL is the alphabet of section 5, without padding. */
typedef enum r2_base64_kind { R2_BASE64_STANDARD, R2_BASE64_URL } r2_base64_kind;
#define R2_BASE64_LENGTH(length) (((length) + 2) / 3 * 4)
size_t r2_base64_length(size_t length, r2_base64_kind kind);
size_t r2_base64_encode(char *out, const void *bytes, size_t length, r2_base64_kind kind);
/* Appends what the text encodes. Only the canonical form is taken: right padding (none for
 * R2_BASE64_URL), no foreign character, all trailing bits zero. A text that lies in `out`
 * itself needs room that was reserved before, so that nothing moves. */
bool r2_base64_decode(r2_buffer *out, r2_slice text, r2_base64_kind kind);

/* Writes 2 * length lower-case hex digits. */
void r2_hex_encode(char *out, const void *bytes, size_t length);
bool r2_is_lower_hex(r2_slice text, size_t length);

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool r2_is_utf8(r2_slice text);

#pragma GCC visibility pop
#endif
