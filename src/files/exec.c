/* Another program in this one's place, with its words and some variables: no shell reads them, and
 * no variable is ever a word, which every user of the machine could see. */
#include "posix.h"

#include "exec.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "../base/lua_compat.h"
#include "file_error.h"

/* A string without NUL; raises for all else. It lives as long as the table that it is in. */
static const char *text_at(lua_State *L, int index, const char *what) {
    size_t length;
    const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &length) : NULL;
    if (text == NULL || strlen(text) != length) {
        luaL_error(L, "r2: %s must be strings without NUL", what);
    }
    return text;
}

/* The words, with NULL behind them, as a userdata on the stack. */
static char **words_of(lua_State *L, int index) {
    size_t count = lua_rawlen(L, index);
    luaL_argcheck(L, count > 0, index, "one word at least expected");
    char **words = lua_newuserdata(L, (count + 1) * sizeof *words);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, index, (int)i + 1);
        words[i] = (char *)text_at(L, -1, "words");
        lua_pop(L, 1);
    }
    words[count] = NULL;
    return words;
}

/* Sets them, or takes them away where they are false. False where there is no memory. */
static int change_variables(lua_State *L, int index) {
    int failed = 0;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        const char *name = text_at(L, -2, "names of variables");
        failed |=
            lua_toboolean(L, -1) ? setenv(name, text_at(L, -1, "variables"), 1) : unsetenv(name);
        lua_pop(L, 1);
    }
    return failed == 0;
}

/*** Runs a program in place of this one, which it does not come back to. Files that this library
 * has opened are closed in it; SIGPIPE does what it does by itself.
 * @function exec
 * @tparam table words the program, found by PATH, and what it is told
 * @tparam table variables name -> string, or false for one that is taken away
 * @return nil, message, err, with `err.code` `ENOENT` where there is no such program, `EACCES`
 *   where it may not be run
 */
int r2_exec(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    char **words = words_of(L, 1);
    if (!change_variables(L, 2)) {
        return r2_file_error(L, "cannot be run", errno);
    }
    (void)signal(SIGPIPE, SIG_DFL); /* an ignored one would stay so */
    (void)execvp(words[0], words);
    return r2_file_error(L, "cannot be run", errno);
}
