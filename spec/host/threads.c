/* A host with many threads, each with a Lua state of its own, for spec/memory/threads.lua; built
 * with ThreadSanitizer. The script is run in the first state, where it has the function
 * threads(count, …): runs the script so many times at once, with these strings as its arguments,
 * and returns how many failed. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>

enum { THREADS_MAX = 64 };

typedef struct job {
    const char *script;
    lua_State *from; /* whose stack holds the arguments; nobody else touches it meanwhile */
    int arguments;
    int failed;
} job;

/* Held until every thread is there: they are to begin together. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static int run_script(lua_State *L, const char *script, int arguments) {
    int first = lua_gettop(L) - arguments + 1;
    int status = luaL_loadfile(L, script);
    lua_insert(L, first);
    if (status == LUA_OK) {
        status = lua_pcall(L, arguments, 0, 0);
    }
    if (status != LUA_OK) {
        (void)fprintf(stderr, "%s\n", lua_tostring(L, -1));
    }
    return status != LUA_OK;
}

static void *run(void *given) {
    job *j = given;
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    (void)pthread_mutex_lock(&gate);
    for (int i = 1; i <= j->arguments; i++) {
        (void)lua_pushstring(L, lua_tostring(j->from, i + 1));
    }
    (void)pthread_mutex_unlock(&gate);
    j->failed = run_script(L, j->script, j->arguments);
    lua_close(L);
    return NULL;
}

static int threads(lua_State *L) {
    pthread_t all[THREADS_MAX];
    int count = (int)luaL_checkinteger(L, 1);
    luaL_argcheck(L, count > 0 && count <= THREADS_MAX, 1, "too many threads");
    job jobs[THREADS_MAX];
    int failed = 0;
    (void)pthread_mutex_lock(&gate);
    for (int i = 0; i < count; i++) {
        jobs[i] = (job){lua_tostring(L, lua_upvalueindex(1)), L, lua_gettop(L) - 1, 1};
        if (pthread_create(&all[i], NULL, run, &jobs[i]) != 0) {
            return luaL_error(L, "a thread cannot be made");
        }
    }
    (void)pthread_mutex_unlock(&gate);
    for (int i = 0; i < count; i++) {
        (void)pthread_join(all[i], NULL);
        failed += jobs[i].failed;
    }
    lua_pushinteger(L, failed);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 2) {
        return 2;
    }
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    (void)lua_pushstring(L, arguments[1]);
    lua_pushcclosure(L, threads, 1);
    lua_setglobal(L, "threads");
    int failed = run_script(L, arguments[1], 0);
    lua_close(L);
    return failed;
}
