/* The buffer. Any of its bytes may be a secret, so memory is wiped before it is given back and is
 * never handed to realloc, which may leave a copy. */
#include "buffer.h"

#include <stdlib.h>

#include "secret.h"

enum {
    FIRST_CAPACITY = 2048,    /* a usual credential: claims, token and session token together */
    KEPT_CAPACITY = 64 * 1024 /* what a buffer may keep between two uses */
};

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

void r2_buffer_cut(r2_buffer *buffer, size_t length) {
    if (buffer->length > length) {
        r2_wipe(buffer->data + length, buffer->length - length);
        buffer->length = length;
    }
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
