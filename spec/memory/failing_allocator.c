/* Every public function while memory runs out: failing_allocator OPERATIONS.lua
 *
 * The library is linked in between three allocators that can refuse: the one that Lua is given,
 * malloc as the library calls it (the linker's --wrap brings the calls here), and the one that
 * libcurl is given. Each operation runs with the n-th request refused, for every n until it needs no
 * more, in a Lua state of its own. Every time it must either raise "not enough memory" or do what it
 * always does; an exchange may also end by an error that is data. It must work when it is called
 * again; nothing may be left when the state is closed, no descriptor either; and what the library
 * gives back must have been wiped, on the heap, in Lua's userdata and on the stack.
 * What exchanges talk to is spec/support/fault_server.lua, a process that has all the memory it
 * wants.
 * The last line is "N passed, N failed". */
#define _POSIX_C_SOURCE 200809L /* pthread_attr_setstack, nanosleep */

#include <curl/curl.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../src/base/sha256.h"
#include "../../src/credentials/client.h"
#include "../../src/sigv4/signature.h"

int luaopen_r2_sigv4(lua_State *L);
int luaopen_r2_temp_credentials(lua_State *L);
int luaopen_r2_http(lua_State *L);

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
void *__real_malloc(size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

#if LUA_VERSION_NUM == 501
#define lua_rawlen lua_objlen
#endif

enum {
    UNWRITTEN = 0xA5, /* fresh memory: no zero that somebody could rely on */
    FREED = 0x5A
};

/* ---- what is checked ---- */

static struct {
    const char *operation;
    const char *mode;
    size_t n;
    bool failed;
    size_t checks_passed;
    size_t checks_failed;
    size_t refused;
} report;

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
static void
fail(const char *format, ...) {
    if (!report.failed) {
        va_list arguments;
        va_start(arguments, format);
        printf("failed: %s, %s, request %zu: ", report.operation, report.mode, report.n);
        (void)vprintf(format, arguments);
        printf("\n");
        va_end(arguments);
    }
    report.failed = true;
}

/* ---- secrets ---- */

typedef struct secret {
    const char *name;
    size_t length;
    unsigned char bytes[64];
} secret;

enum {
    PARENT_SECRET,
    INNER_PAD,
    OUTER_PAD,
    INNER_STATE,
    OUTER_STATE,
    API_TOKEN,
    ANSWERED_SECRET,
    SIGNING_INNER,
    SIGNING_OUTER,
    SECRET_COUNT
};
static secret secrets[SECRET_COUNT] = {
    {.name = "the parent secret"},
    {.name = "the HMAC key's inner block"},
    {.name = "the HMAC key's outer block"},
    {.name = "the HMAC key's inner state"},
    {.name = "the HMAC key's outer state"},
    {.name = "the API token"},
    {.name = "the secret that was answered"},
    {.name = "the signing key's inner state"},
    {.name = "the signing key's outer state"},
};

static void set_secret(int which, const void *bytes, size_t length) {
    secret *s = &secrets[which];
    s->length = length < sizeof s->bytes ? length : sizeof s->bytes;
    memcpy(s->bytes, bytes, s->length);
}

/* What a parent secret becomes inside the library (RFC 2104), besides itself. */
static void set_parent_secret(const char *text, size_t length) {
    unsigned char block[64] = {0};
    r2_hmac_key key;
    set_secret(PARENT_SECRET, text, length);
    memcpy(block, text, length < sizeof block ? length : sizeof block);
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] ^= 0x36;
    }
    set_secret(INNER_PAD, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] ^= 0x36 ^ 0x5c;
    }
    set_secret(OUTER_PAD, block, sizeof block);
    r2_hmac_prepare(&key, text, length);
    set_secret(INNER_STATE, key.inner.h, sizeof key.inner.h);
    set_secret(OUTER_STATE, key.outer.h, sizeof key.outer.h);
}

/* What it becomes for the requests that the operations sign. */
static void set_signing_key(const char *text, size_t length) {
    r2_signing_keys keys = {0};
    r2_key_source source = {{text, length}, R2_SLICE("20231114"), R2_SLICE("auto"), R2_SLICE("s3")};
    const r2_hmac_key *key = r2_signing_key_of(&keys, &source);
    set_secret(SIGNING_INNER, key->inner.h, sizeof key->inner.h);
    set_secret(SIGNING_OUTER, key->outer.h, sizeof key->outer.h);
}

static bool contains(const unsigned char *memory, size_t size, const secret *s) {
    const unsigned char *end = memory + size;
    while (s->length > 0 && (size_t)(end - memory) >= s->length) {
        const unsigned char *found =
            memchr(memory, s->bytes[0], (size_t)(end - memory) - s->length + 1);
        if (found == NULL) {
            return false;
        }
        if (memcmp(found, s->bytes, s->length) == 0) {
            return true;
        }
        memory = found + 1;
    }
    return false;
}

/* ---- the three heaps ---- */

typedef struct heap {
    size_t blocks;
    size_t bytes;
    bool armed;
    size_t requests;  /* since it was armed */
    size_t refuse_at; /* 0 = never */
    bool from_then_on;
    bool has_refused;
} heap;

static heap lua_heap;
static heap library_heap;
static heap curl_heap;

static bool refuses(heap *h) {
    if (!h->armed) {
        return false;
    }
    h->requests++;
    bool refused = h->requests == h->refuse_at ||
                   (h->from_then_on && h->refuse_at != 0 && h->requests > h->refuse_at);
    h->has_refused = h->has_refused || refused;
    report.refused += refused;
    return refused;
}

/* A userdata of the library's as a block of Lua's: how large it is, and where in it the userdata
 * itself lies. Lua 5.1 does not tell its allocator what a block is for; nothing else has this size. */
typedef struct layout {
    size_t size;
    size_t offset;
} layout;
static layout client_layout;
static layout scratch_layout;
static layout signer_layout;
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
static void *lua_allocate(void *user, void *block, size_t old, size_t size) {
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

static void check_buffers(void) {
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

/* libcurl wipes nothing, neither the request as it goes out nor the answer as it comes in: what is in
 * its blocks is not looked at. */
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

/* The library's own curl_global_init, later, changes nothing of it. */
static void own_curl_memory(void) {
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_allocate, curl_release, curl_reallocate,
                             curl_duplicate, curl_allocate_zeroed) != CURLE_OK) {
        (void)fprintf(stderr, "libcurl does not start\n");
        exit(EXIT_FAILURE);
    }
}

/* What libcurl has, and the system has open for it. */
typedef struct holdings {
    size_t blocks;
    size_t descriptors;
} holdings;

static holdings held_now(void) {
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
static void check_held(holdings before) {
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

/* ---- the stack ----
 *
 * Everything runs in a thread whose stack is this array, so that the part that calls have left
 * behind can be looked at. NEAR is what the function that looks, and what it calls, needs itself. */

enum { STACK_SIZE = 1024 * 1024, SEEN_STACK = 64 * 1024, NEAR = 256 };
static _Alignas(4096) unsigned char stack[STACK_SIZE];

static unsigned char *dead_stack(void) {
    volatile unsigned char here = 0;
    return stack + ((uintptr_t)&here - (uintptr_t)stack) - NEAR - SEEN_STACK;
}

static void clear_stack(void) {
    memset(dead_stack(), 0, SEEN_STACK);
}

static void check_stack(void) {
    const unsigned char *dead = dead_stack();
    for (size_t i = 0; i < SECRET_COUNT; i++) {
        if (contains(dead, SEEN_STACK, &secrets[i])) {
            fail("%s was left on the stack", secrets[i].name);
        }
    }
}

/* ---- Lua states ---- */

/* Slots of the stack: where an attempt keeps its things. */
enum { SPEC = 1, OPERATION, FIRST_ARGUMENT };

static struct {
    const char *path;
    char text[256 * 1024]; /* the specification compiled */
    size_t length;
    lua_State *state;
    const char *server_url;
} script;

static int keep_compiled(lua_State *L, const void *bytes, size_t length, void *user) {
    (void)L;
    (void)user;
    if (length > sizeof script.text - script.length) {
        return 1;
    }
    memcpy(script.text + script.length, bytes, length);
    script.length += length;
    return 0;
}

static int give_up(lua_State *L) {
    const char *message = lua_tostring(L, -1);
    (void)fprintf(stderr, "%s, %s, request %zu: outside of the operation: %s\n", report.operation,
                  report.mode, report.n, message != NULL ? message : "an error without text");
    exit(EXIT_FAILURE);
}

static lua_State *new_state(void) {
    lua_State *L = lua_newstate(lua_allocate, &lua_heap);
    if (L == NULL) {
        exit(EXIT_FAILURE);
    }
    (void)lua_atpanic(L, give_up);
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, luaopen_r2_temp_credentials);
    lua_setfield(L, -2, "r2.temp_credentials");
    lua_pushcfunction(L, luaopen_r2_http);
    lua_setfield(L, -2, "r2.http");
    lua_pushcfunction(L, luaopen_r2_sigv4);
    lua_setfield(L, -2, "r2.sigv4");
    lua_settop(L, 0);
    if (luaL_loadbuffer(L, script.text, script.length, script.path) != 0) {
        lua_error(L);
    }
    lua_call(L, 0, 1);
    lua_pushstring(L, script.server_url);
    lua_setfield(L, SPEC, "server_url");
    return L;
}

/* The state that compiles is kept: it keeps lua-cjson's library in the process, so that what is said
 * about a leak of lua-cjson's names it. */
static void compile(const char *path) {
    lua_State *L = script.state = luaL_newstate();
    script.path = path;
    if (L == NULL) {
        exit(EXIT_FAILURE);
    }
    luaL_openlibs(L);
    if (luaL_dostring(L, "require 'cjson'") != 0 || luaL_loadfile(L, path) != 0) {
        (void)give_up(L);
    }
#if LUA_VERSION_NUM >= 503
    int failed = lua_dump(L, keep_compiled, NULL, 1);
#else
    int failed = lua_dump(L, keep_compiled, NULL);
#endif
    if (failed != 0) {
        (void)fprintf(stderr, "%s is too long\n", path);
        exit(EXIT_FAILURE);
    }
    lua_settop(L, 0);
}

/* The server, in the state that is kept, and what is secret of its answers. */
static void start_server(void) {
    lua_State *L = script.state;
    static const char start[] = "server = require('spec.support.faulty').start()\n"
                                "return ('http://127.0.0.1:%d'):format(server.port),"
                                "       require('spec.support.faults').result.secretAccessKey";
    if (luaL_dostring(L, start) != 0) {
        (void)give_up(L);
    }
    script.server_url = lua_tostring(L, 1);
    set_secret(ANSWERED_SECRET, lua_tostring(L, 2), lua_rawlen(L, 2));
}

static void stop_server(void) {
    if (luaL_dostring(script.state, "server:stop()") != 0) {
        (void)give_up(script.state);
    }
}

static void push_run(lua_State *L, int arguments) {
    lua_getfield(L, OPERATION, "run");
    for (int i = 0; i < arguments; i++) {
        lua_pushvalue(L, FIRST_ARGUMENT + i);
    }
}

/* What the operation's first, undisturbed run came to. */
static struct {
    char text[1024 * 1024];
    size_t length;
    bool known;
} reference;

/* Results lie above `base`: they must be what they always are. */
static void check_results(lua_State *L, int base, const char *which) {
    size_t length;
    lua_getfield(L, OPERATION, "finish");
    lua_insert(L, base + 1);
    if (lua_pcall(L, lua_gettop(L) - base - 1, 1, 0) != 0) {
        fail("%s is not right: %s", which, lua_tostring(L, -1));
    } else {
        const char *text = lua_tolstring(L, -1, &length);
        if (length > sizeof reference.text) {
            fail("%s is too long for this program", which);
        } else if (!reference.known) {
            memcpy(reference.text, text, length);
            reference.length = length;
            reference.known = true;
        } else if (length != reference.length || memcmp(text, reference.text, length) != 0) {
            size_t at = 0;
            while (at < length && at < reference.length && text[at] == reference.text[at]) {
                at++;
            }
            fail("%s came to something else, byte %zu: %.60s", which, at, text + at);
        }
    }
    lua_settop(L, base);
}

/* Whether what lies above `base` is an error that tells, as data, of memory that ran out. */
static bool gave_up(lua_State *L, int base) {
    int results = lua_gettop(L) - base;
    lua_getfield(L, OPERATION, "gave_up");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    for (int i = 1; i <= results; i++) {
        lua_pushvalue(L, base + i);
    }
    lua_call(L, results, 1);
    bool is = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return is;
}

/* lua_checkstack of 5.2 and later has no other answer when memory runs out. */
static void check_error(lua_State *L, int base, int status) {
    const char *message = lua_tostring(L, -1);
    if (message == NULL ||
        (strstr(message, "not enough memory") == NULL && strstr(message, "out of memory") == NULL &&
         strstr(message, "stack overflow (") == NULL)) {
        fail("it raised: %s (status %d)", message != NULL ? message : "no text", status);
    }
    lua_settop(L, base);
}

/* ---- an operation, again and again ---- */

typedef struct mode {
    const char *name;
    heap *heap; /* which one refuses; NULL = none */
    bool from_then_on;
    bool hostile_collector;
} mode;

static const mode modes[] = {
    {"with all the memory it wants", NULL, false, false},
    {"under a hostile collector", NULL, false, true},
    {"Lua's memory refused once", &lua_heap, false, false},
    {"Lua's memory refused from then on", &lua_heap, true, false},
    {"the library's memory refused once", &library_heap, false, false},
    {"the library's memory refused from then on", &library_heap, true, false},
    {"libcurl's memory refused once", &curl_heap, false, false},
    {"libcurl's memory refused from then on", &curl_heap, true, false},
};

static void arm(const mode *m) {
    if (m->heap != NULL) {
        *m->heap = (heap){.blocks = m->heap->blocks,
                          .bytes = m->heap->bytes,
                          .armed = true,
                          .refuse_at = report.n,
                          .from_then_on = m->from_then_on};
    }
}

/* A whole cycle of the collector, finalizers too, at every step that it is allowed. */
static void make_hostile(lua_State *L) {
    (void)lua_gc(L, LUA_GCSETPAUSE, 0);
    (void)lua_gc(L, LUA_GCSETSTEPMUL, 400);
#if LUA_VERSION_NUM >= 504
    (void)lua_gc(L, LUA_GCINC, 0, 400, 1);
#endif
}

/* One run in a state of its own. Returns whether a request was refused. */
static bool attempt(const mode *m) {
    holdings before = held_now();
    lua_State *L = new_state();
    lua_getfield(L, SPEC, "operations");
    lua_getfield(L, -1, report.operation);
    lua_replace(L, OPERATION);
    lua_getfield(L, OPERATION, "prepare");
    lua_call(L, 0, LUA_MULTRET);
    int base = lua_gettop(L);
    int arguments = base - OPERATION;
    if (m->hostile_collector) {
        make_hostile(L);
    }

    push_run(L, arguments);
    clear_stack();
    arm(m);
    int status = lua_pcall(L, arguments, LUA_MULTRET, 0);
    lua_heap.armed = false;
    library_heap.armed = false;
    curl_heap.armed = false;
    check_stack();
    bool has_refused = m->heap != NULL && m->heap->has_refused;
    if (status == 0) {
        check_buffers();
        if (has_refused && m->heap != &lua_heap && gave_up(L, base)) {
            lua_settop(L, base);
        } else {
            check_results(L, base, "the call");
        }
    } else {
        check_error(L, base, status);
    }

    lua_getfield(L, SPEC, "recover");
    lua_call(L, 0, 0);
    push_run(L, arguments);
    if (lua_pcall(L, arguments, LUA_MULTRET, 0) == 0) {
        check_results(L, base, "the next call");
    } else {
        fail("the next call raised: %s", lua_tostring(L, -1));
    }

    lua_close(L);
    if (lua_heap.blocks != 0) {
        fail("%zu blocks of Lua's memory were not given back", lua_heap.blocks);
    }
    if (library_heap.blocks != 0 || library_heap.bytes != 0) {
        fail("the library leaks %zu bytes", library_heap.bytes);
    }
    check_held(before);
    return has_refused;
}

static void check(const char *operation, const mode *m) {
    report.operation = operation;
    report.mode = m->name;
    report.failed = false;
    report.n = 1;
    while (attempt(m) && !report.failed) {
        report.n++;
    }
    if (report.failed) {
        report.checks_failed++;
        lua_heap = (heap){0}; /* what leaked is not this library's next fault, too */
        library_heap = (heap){0};
        library_blocks = NULL;
    } else {
        report.checks_passed++;
    }
}

static void check_all_modes(const char *operation) {
    reference.known = false;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        check(operation, &modes[i]);
    }
}

/* ---- all of it ---- */

static void learn_secrets(lua_State *L) {
    lua_getfield(L, SPEC, "keys");
    lua_getfield(L, -1, "parent_secret_access_key");
    set_parent_secret(lua_tostring(L, -1), lua_rawlen(L, -1));
    set_signing_key(lua_tostring(L, -1), lua_rawlen(L, -1));
    lua_getfield(L, -2, "api_token");
    set_secret(API_TOKEN, lua_tostring(L, -1), lua_rawlen(L, -1));
    lua_pop(L, 3);
}

static layout layout_of(lua_State *L, size_t size) {
    char *like_it = lua_newuserdata(L, size);
    layout found = {newest_size, (size_t)(like_it - (char *)newest_block)};
    memset(like_it, 0, size);
    lua_pop(L, 1);
    return found;
}

static void *main_thread(void *path) {
    enum { NAMES_MAX = 1000 };
    static char names[NAMES_MAX][64];
    size_t count = 0;
    report.operation = report.mode = "start";
    own_curl_memory();
    compile(path);
    start_server();
    lua_State *L = new_state();
    learn_secrets(L);
    client_layout = layout_of(L, sizeof(r2_client));
    scratch_layout = layout_of(L, sizeof(r2_scratch));
    /* As in sigv4.c: whether it is busy, and the signer. */
    signer_layout = layout_of(L, offsetof(
                                     struct {
                                         bool busy;
                                         r2_signer core;
                                     },
                                     core) +
                                     sizeof(r2_signer));
    lua_getfield(L, SPEC, "operations");
    lua_pushnil(L);
    while (lua_next(L, -2) != 0 && count < NAMES_MAX) {
        lua_pop(L, 1);
        (void)snprintf(names[count++], sizeof names[0], "%s", lua_tostring(L, -1));
    }
    lua_close(L);
    for (size_t i = 0; i < count; i++) {
        check_all_modes(names[i]);
    }
    stop_server();
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t thread;
    pthread_attr_t attributes;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s OPERATIONS.lua\n", argv[0]);
        return EXIT_FAILURE;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstack(&attributes, stack, sizeof stack) != 0 ||
        pthread_create(&thread, &attributes, main_thread, argv[1]) != 0 ||
        pthread_join(thread, NULL) != 0) {
        (void)fprintf(stderr, "%s: no thread\n", argv[0]);
        return EXIT_FAILURE;
    }
    (void)pthread_attr_destroy(&attributes);
    printf("%zu requests for memory were refused\n", report.refused);
    printf("%zu passed, %zu failed\n", report.checks_passed, report.checks_failed);
    return report.checks_failed == 0 && report.checks_passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
