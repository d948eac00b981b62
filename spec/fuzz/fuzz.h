/* What the harnesses share. One is a file TARGET.c, which defines fuzz(): it cuts its input into
 * fields, calls the library, and says what must hold whatever the input is. */
#ifndef R2_FUZZ_H
#define R2_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/buffer.h"
#include "../../src/base/text.h"

/* Ends the run where a promise is broken; libFuzzer keeps the input. */
#define HOLDS(promise) ((promise) ? (void)0 : fuzz_broken(#promise, __FILE__, __LINE__))

static inline _Noreturn void fuzz_broken(const char *promise, const char *file, int line) {
    fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
    abort();
}

/* ---- memory that lives as long as a run ---- */

enum { FUZZ_BLOCKS_MAX = 65536 };

static struct {
    size_t count;
    void *list[FUZZ_BLOCKS_MAX];
} fuzz_blocks;

static inline void *fuzz_keep(void *block) {
    HOLDS(block != NULL && fuzz_blocks.count < FUZZ_BLOCKS_MAX);
    fuzz_blocks.list[fuzz_blocks.count++] = block;
    return block;
}

/* A block of just that size, so that AddressSanitizer sees what is read behind it. */
static inline void *fuzz_room(size_t size) {
    return fuzz_keep(malloc(size));
}

static inline r2_slice fuzz_slice(const r2_buffer *buffer) {
    return (r2_slice){buffer->data, buffer->length};
}

/* An empty text is a null pointer, as what is left out is. */
static inline r2_slice fuzz_copy(r2_slice text) {
    if (text.length == 0) {
        return (r2_slice){NULL, 0};
    }
    return (r2_slice){memcpy(fuzz_room(text.length), text.data, text.length), text.length};
}

/* The same with a NUL behind it. */
static inline char *fuzz_string(r2_slice text) {
    char *string = fuzz_room(text.length + 1);
    memcpy(string, text.length > 0 ? text.data : "", text.length);
    string[text.length] = '\0';
    return string;
}

/* ---- an input's fields ---- */

/* Cuts a field off the front of *rest: all before the first of that byte, or all. */
static inline r2_slice fuzz_cut(r2_slice *rest, char end) {
    const char *found = rest->length > 0 ? memchr(rest->data, end, rest->length) : NULL;
    size_t length = found != NULL ? (size_t)(found - rest->data) : rest->length;
    r2_slice field = {rest->data, length};
    size_t gone = found != NULL ? length + 1 : length;
    *rest =
        gone < rest->length ? (r2_slice){rest->data + gone, rest->length - gone} : (r2_slice){0};
    return field;
}

static inline r2_slice fuzz_line(r2_slice *rest) {
    return fuzz_copy(fuzz_cut(rest, '\n'));
}

/* ---- comparing ---- */

/* The piece must not be empty. */
static inline bool fuzz_holds_piece(r2_slice text, r2_slice piece) {
    for (size_t at = 0; at + piece.length <= text.length; at++) {
        if (text.data[at] == piece.data[0] &&
            memcmp(text.data + at, piece.data, piece.length) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- a run ---- */

static void fuzz(r2_slice input);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz((r2_slice){(const char *)data, size});
    while (fuzz_blocks.count > 0) {
        free(fuzz_blocks.list[--fuzz_blocks.count]);
    }
    return 0;
}

#endif
