/* Three allocators that can refuse, and that look at what is given back to them: the one that Lua
 * is given, malloc as the library calls it (the linker's --wrap brings the calls here), and the one
 * that libcurl is given. */
#ifndef SPEC_HEAPS_H
#define SPEC_HEAPS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct heap {
    size_t blocks;
    size_t bytes;
    bool armed;
    size_t requests;  /* since it was armed */
    size_t refuse_at; /* 0 = never */
    bool from_then_on;
    bool has_refused;
} heap;

extern heap lua_heap;
extern heap library_heap;
extern heap curl_heap;

/* What leaked is not the next check's fault, too. */
void forget_leaks(void);

/* ---- Lua's ---- */

/* A userdata of the library's as a block of Lua's: how large it is, and where in it the userdata
 * itself lies. Lua 5.1 does not tell its allocator what a block is for; nothing else has this
 * size. */
typedef struct layout {
    size_t size;
    size_t offset;
} layout;

extern layout client_layout;
extern layout scratch_layout;
extern layout signer_layout;

/* A lua_Alloc, whose `user` is a heap. */
void *lua_allocate(void *user, void *block, size_t old, size_t size);

/* The newest block that it handed out. */
void *newest_lua_block(size_t *size);

/* ---- the library's ---- */

/* Fails unless the buffers that are alive have been wiped. */
void check_buffers(void);

/* ---- libcurl's ---- */

/* Gives libcurl its allocator; the library's own curl_global_init, later, changes nothing of it. */
void own_curl_memory(void);

/* What libcurl has, and the system has open for it. */
typedef struct holdings {
    size_t blocks;
    size_t descriptors;
} holdings;

holdings held_now(void);
void check_held(holdings before);

#endif
