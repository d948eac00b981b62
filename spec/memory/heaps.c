/* Three allocators that can refuse. */
#define _POSIX_C_SOURCE 200809L /* nanosleep */
#include "heaps.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report.h"
#include "secrets.h"

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
void *__real_malloc(size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

enum {
    UNWRITTEN = 0xA5, /* fresh memory: no zero that somebody could rely on */
    FREED = 0x5A
};

heap lua_heap;
heap library_heap;
heap curl_heap;

static bool refuses(heap *h) {
    if (!h->armed) {
        return false;
    }
    h->requests++;
    bool refused = h->requests == h->refuse_at ||
                   (h->from_then_on && h->refuse_at != 0 && h->requests > h->refuse_at);
    h->has_refused = h->has_refused || refused;
    found.refused += refused;
    return refused;
}

layout client_layout;
layout scratch_layout;
layout signer_layout;
static void *newest_block;
static size_t newest_size;

/* Strings are Lua's own affair, and the API token is in some of them. */
static void check_lua_block(const unsigned char *block, size_t size) {
    bool ours =
        size == client_layout.size || size == scratch_layout.size || size == signer_layout.size;
    for (size_t i = 0; i < SECRET_COUNT; i++) {
        bool state =
            i == INNER_STATE || i == OUTER_STATE || i == SIGNING_INNER || i == SIGNING_OUTER;
        if ((ours || state) && contains(block, size, &secrets[i])) {
            fail("Lua's memory was given back with %s in it", secrets[i].name);
        }
    }
    for (size_t i = client_layout.offset; size == client_layout.size && i < size; i++) {
        if (block[i] != 0) {
            fail("a client was not wiped before it was given back");
            break;
        }
    }
}

/* Moves every block that changes its size, so that nobody may hold on to the old one. Lua counts on
 * a block to shrink without fail. */
void *lua_allocate(void *user, void *block, size_t old, size_t size) {
    heap *h = user;
    unsigned char *fresh = NULL;
    old = block == NULL ? 0 : old; /* a type, from 5.2 on */
    if (size > 0) {
        if (size > old && refuses(h)) {
            return NULL;
        }
        fresh = __real_malloc(size);
        if (fresh == NULL) {
            abort();
        }
        memset(fresh, UNWRITTEN, size);
        if (block != NULL) {
            memcpy(fresh, block, old < size ? old : size);
        }
        newest_block = fresh;
        newest_size = size;
        h->blocks++;
        h->bytes += size;
    }
    if (block != NULL) {
        check_lua_block(block, old);
        memset(block, FREED, old);
        h->blocks--;
        h->bytes -= old;
        __real_free(block);
    }
    return fresh;
}

void *newest_lua_block(size_t *size) {
    *size = newest_size;
    return newest_block;
}

/* In front of each block of the library's and of libcurl's. */
typedef struct header {
    struct header *next;
    struct header *previous;
    size_t size;
    bool structure; /* has pointers and numbers, by which it is found until it goes */
    max_align_t block[];
} header;
static header *library_blocks;

static header *new_block(heap *h, size_t size) {
    if (refuses(h)) {
        return NULL;
    }
    header *block = __real_malloc(sizeof *block + size);
    if (block == NULL) {
        abort();
    }
    *block = (header){.size = size};
    memset(block->block, UNWRITTEN, size);
    h->blocks++;
    h->bytes += size;
    return block;
}

static void give_back(heap *h, header *block) {
    h->blocks--;
    h->bytes -= block->size;
    memset(block->block, FREED, block->size);
    __real_free(block);
}

static header *header_of(void *memory) {
    return (header *)((char *)memory - offsetof(header, block));
}

/* ---- the library's own ---- */

static void check_wiped(const header *h, const char *when) {
    const unsigned char *block = (const unsigned char *)h->block;
    size_t left = 0;
    for (size_t i = 0; i < h->size && !h->structure; i++) {
        left += block[i] != 0 && block[i] != UNWRITTEN;
    }
    if (left > 0) {
        fail("%zu bytes of a buffer were not wiped %s", left, when);
    }
    for (size_t i = 0; i < SECRET_COUNT && h->structure; i++) {
        if (contains(block, h->size, &secrets[i])) {
            fail("%s was in a structure %s", secrets[i].name, when);
        }
    }
}

void check_buffers(void) {
    for (const header *h = library_blocks; h != NULL; h = h->next) {
        check_wiped(h, "at the end of a call");
    }
}

void *__wrap_malloc(size_t size) {
    header *h = new_block(&library_heap, size);
    if (h == NULL) {
        return NULL;
    }
    h->next = library_blocks;
    if (h->next != NULL) {
        h->next->previous = h;
    }
    library_blocks = h;
    return h->block;
}

void __wrap_free(void *memory) {
    if (memory == NULL) {
        return;
    }
    header *h = header_of(memory);
    check_wiped(h, "before it was given back");
    *(h->previous != NULL ? &h->previous->next : &library_blocks) = h->next;
    if (h->next != NULL) {
        h->next->previous = h->previous;
    }
    give_back(&library_heap, h);
}

/* The library asks so for structures, and for buffers by malloc. */
void *__wrap_calloc(size_t count, size_t size) {
    void *memory = size != 0 && count > SIZE_MAX / size ? NULL : __wrap_malloc(count * size);
    if (memory == NULL) {
        return NULL;
    }
    header_of(memory)->structure = true;
    return memset(memory, 0, count * size);
}

void *__wrap_realloc(void *memory, size_t size) {
    (void)memory;
    (void)size;
    fail("the library called realloc, which may leave a copy of a secret behind");
    return NULL;
}

/* ---- libcurl's ----
 *
 * Where it has no memory for an address it asks its resolver, which is a thread. */

static pthread_mutex_t curl_lock = PTHREAD_MUTEX_INITIALIZER;

static void *curl_allocate(size_t size) {
    (void)pthread_mutex_lock(&curl_lock);
    header *h = new_block(&curl_heap, size);
    (void)pthread_mutex_unlock(&curl_lock);
    return h == NULL ? NULL : h->block;
}

/* libcurl wipes nothing, neither the request as it goes out nor the answer as it comes in: what is
 * in its blocks is not looked at. */
static void curl_release(void *memory) {
    if (memory != NULL) {
        (void)pthread_mutex_lock(&curl_lock);
        give_back(&curl_heap, header_of(memory));
        (void)pthread_mutex_unlock(&curl_lock);
    }
}

static void *curl_reallocate(void *memory, size_t size) {
    size_t old = memory == NULL ? 0 : header_of(memory)->size;
    void *fresh = curl_allocate(size);
    if (fresh != NULL && memory != NULL) {
        memcpy(fresh, memory, old < size ? old : size);
        curl_release(memory);
    }
    return fresh;
}

static char *curl_duplicate(const char *text) {
    size_t size = strlen(text) + 1;
    void *copy = curl_allocate(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

static void *curl_allocate_zeroed(size_t count, size_t size) {
    void *memory = size != 0 && count > SIZE_MAX / size ? NULL : curl_allocate(count * size);
    return memory == NULL ? NULL : memset(memory, 0, count * size);
}

void own_curl_memory(void) {
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_allocate, curl_release, curl_reallocate,
                             curl_duplicate, curl_allocate_zeroed) != CURLE_OK) {
        (void)fprintf(stderr, "libcurl does not start\n");
        exit(EXIT_FAILURE);
    }
}

holdings held_now(void) {
    enum { DESCRIPTORS_MAX = 128 };
    holdings held = {0};
    for (int i = 0; i < DESCRIPTORS_MAX; i++) {
        held.descriptors += fcntl(i, F_GETFD) != -1;
    }
    (void)pthread_mutex_lock(&curl_lock);
    held.blocks = curl_heap.blocks;
    (void)pthread_mutex_unlock(&curl_lock);
    return held;
}

/* A thread of the resolver may outlive what asked it, a little. */
void check_held(holdings before) {
    static const struct timespec pause = {.tv_nsec = 1000000};
    holdings held = held_now();
    for (int turns = 0; turns < 1000 && memcmp(&held, &before, sizeof held) != 0; turns++) {
        (void)nanosleep(&pause, NULL);
        held = held_now();
    }
    if (held.blocks != before.blocks) {
        fail("libcurl has %zu blocks, and had %zu", held.blocks, before.blocks);
    }
    if (held.descriptors != before.descriptors) {
        fail("%zu descriptors are open, and %zu were", held.descriptors, before.descriptors);
    }
}

/* ---- all of them ---- */

void forget_leaks(void) {
    lua_heap = (heap){0};
    library_heap = (heap){0};
    library_blocks = NULL;
}
