/* A Lua module for spec/transport/fork_spec.lua: what forks, for Luas that cannot. */
#define _POSIX_C_SOURCE 200809L

#include <lauxlib.h>
#include <lua.h>
#include <sys/wait.h>
#include <unistd.h>

static int l_fork(lua_State *L) {
    lua_pushinteger(L, fork());
    return 1;
}

/* Waits for a child's end; its status, 0 for a good one. */
static int l_wait(lua_State *L) {
    int status = -1;
    (void)waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0);
    lua_pushinteger(L, status);
    return 1;
}

static int l_exit(lua_State *L) {
    _exit((int)luaL_checkinteger(L, 1));
}

int luaopen_fork(lua_State *L);
int luaopen_fork(lua_State *L) {
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, l_fork);
    lua_setfield(L, -2, "fork");
    lua_pushcfunction(L, l_wait);
    lua_setfield(L, -2, "wait");
    lua_pushcfunction(L, l_exit);
    lua_setfield(L, -2, "exit");
    return 1;
}
