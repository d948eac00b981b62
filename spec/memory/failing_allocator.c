/* Every public function while memory runs out: failing_allocator MODULE…
 *
 * A MODULE is a Lua module that returns operations, spec.memory.operations.client for one. The
 * library is linked in between three allocators that can refuse (heaps.h): Lua's, its own and
 * libcurl's. Each operation runs with the n-th request refused, for every n until it needs no more,
 * in a Lua state of its own. Every time it must either raise "not enough memory" or do what it
 * always does; an exchange may also end by an error that is data. It must work when it is called
 * again; nothing may be left when the state is closed, no descriptor either; and what the library
 * gives back must have been wiped, on the heap, in Lua's userdata and on the stack. What exchanges
 * talk to is spec/support/fault_server.lua, a process that has all the memory it wants.
 * The last line is "N passed, N failed". */
#define _POSIX_C_SOURCE 200809L /* pthread_attr_setstack */

#include <lauxlib.h>
#include <lua.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heaps.h"
#include "report.h"
#include "secrets.h"
#include "states.h"

/* ---- the stack ----
 *
 * Everything runs in a thread whose stack is this array, so that the part that calls have left
 * behind can be looked at. NEAR is what the function that looks, and what it calls, needs
 * itself. */

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
                          .refuse_at = found.n,
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
    lua_getfield(L, -1, found.operation);
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
    found.operation = operation;
    found.mode = m->name;
    found.failed = false;
    found.n = 1;
    while (attempt(m) && !found.failed) {
        found.n++;
    }
    if (found.failed) {
        found.checks_failed++;
        forget_leaks();
    } else {
        found.checks_passed++;
    }
}

static void check_all_modes(const char *operation) {
    reference.known = false;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        check(operation, &modes[i]);
    }
}

/* ---- all of it ---- */

static void check_operations(const char *module) {
    enum { NAMES_MAX = 1000 };
    static char names[NAMES_MAX][64];
    size_t count = 0;
    use_operations(module);
    lua_State *L = new_state();
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
}

static void *main_thread(void *modules) {
    begin();
    for (char **module = modules; *module != NULL; module++) {
        check_operations(*module);
    }
    end();
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t thread;
    pthread_attr_t attributes;
    if (argc < 2) {
        (void)fprintf(stderr, "usage: %s MODULE...\n", argv[0]);
        return EXIT_FAILURE;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstack(&attributes, stack, sizeof stack) != 0 ||
        pthread_create(&thread, &attributes, main_thread, argv + 1) != 0 ||
        pthread_join(thread, NULL) != 0) {
        (void)fprintf(stderr, "%s: no thread\n", argv[0]);
        return EXIT_FAILURE;
    }
    (void)pthread_attr_destroy(&attributes);
    printf("%zu requests for memory were refused\n", found.refused);
    printf("%zu passed, %zu failed\n", found.checks_passed, found.checks_failed);
    return found.checks_failed == 0 && found.checks_passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
