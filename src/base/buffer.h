/* A growing run of bytes that wipes what it leaves behind. Knows no Lua. */
#ifndef R2_BUFFER_H
#define R2_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* A growing run of bytes. All zero is the empty buffer. After an allocation has failed `failed` is
 * set, and every later append does nothing: callers check once, at the end. */
typedef struct r2_buffer {
    char *data;
    size_t length;
    size_t capacity;
    bool failed;
} r2_buffer;

/* Makes room for `more` bytes behind the end; false, and `failed` set, when there is no memory. */
bool r2_buffer_reserve(r2_buffer *buffer, size_t more);
/* Here and not in buffer.c, so that the compiler knows the length of a literal: a few stores. */
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
/* What was appended since the buffer was `start` bytes long; it moves when the buffer grows. */
static inline r2_slice r2_buffer_since(const r2_buffer *buffer, size_t start) {
    size_t length = buffer->length - start;
    return (r2_slice){length > 0 ? buffer->data + start : "", length};
}
void r2_buffer_add_decimal(r2_buffer *buffer, int64_t number);
/* Wipes what was appended since the buffer was `length` bytes long. */
void r2_buffer_cut(r2_buffer *buffer, size_t length);
/* Wipes what was written and empties the buffer; gives back memory that only a giant needed. */
void r2_buffer_reset(r2_buffer *buffer);
/* Wipes and frees. */
void r2_buffer_free(r2_buffer *buffer);

#pragma GCC visibility pop
#endif
