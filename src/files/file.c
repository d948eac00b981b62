/* The class of open files: how long one is open, and what methods it has. */
#include "posix.h"

#include "file.h"

#include <string.h>

#include "../base/fields.h"
#include "file_error.h"
#include "pieces.h"
#include "room.h"
#include "status.h"

struct r2_file {
    bool open;
    int descriptor;
};

r2_file *r2_file_push(lua_State *L) {
    r2_file *file = lua_newuserdata(L, sizeof *file);
    *file = (r2_file){0};
    luaL_getmetatable(L, R2_FILE_CLASS);
    lua_setmetatable(L, -2);
    return file;
}

bool r2_file_open_at(r2_file *file, const char *path, int flags, mode_t permissions) {
    R2_UNINTERRUPTED(file->descriptor, open(path, flags | O_CLOEXEC | O_NOCTTY, permissions));
    file->open = file->descriptor >= 0;
    return file->open;
}

int r2_file_descriptor(lua_State *L, int index) {
    r2_file *file = luaL_checkudata(L, index, R2_FILE_CLASS);
    if (!file->open) {
        luaL_error(L, "r2.files: this file is closed");
    }
    return file->descriptor;
}

/* ---- arguments ---- */

int r2_file_argument_error(lua_State *L, int index, const char *expected) {
    return luaL_argerror(L, index, lua_pushfstring(L, "%s expected", expected));
}

int64_t r2_file_size(lua_State *L, int index, int64_t otherwise) {
    int64_t size = otherwise;
    if (!lua_isnoneornil(L, index) && !r2_get_whole(L, index, 0, R2_FILE_SIZE_MAX, &size)) {
        r2_file_argument_error(L, index, "a whole number of bytes");
    }
    return size;
}

const char *r2_file_path(lua_State *L, int index) {
    size_t length;
    const char *path = luaL_checklstring(L, index, &length);
    return strlen(path) == length ? path : NULL;
}

int r2_file_push_done(lua_State *L, bool done, const char *what) {
    if (!done) {
        return r2_file_error(L, what, errno);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* ---- closed ---- */

/* A descriptor is gone whatever close says (Linux), and another thread's next one has its
 * number. */
bool r2_file_end(r2_file *file) {
    bool was_open = file->open;
    file->open = false;
    return !was_open || close(file->descriptor) == 0 || errno == EINTR;
}

int r2_file_collect(lua_State *L) {
    (void)r2_file_end(luaL_checkudata(L, 1, R2_FILE_CLASS));
    return 0;
}

/*** Closes the file, and gives up its lock; also on garbage collection and `__close`. Other methods
 * raise afterwards. What was written may be refused as late as here, over a network for one.
 * @function file:close
 * @treturn boolean true, also when it was closed before
 * @return nil, message, err
 */
static int file_close(lua_State *L) {
    return r2_file_push_done(L, r2_file_end(luaL_checkudata(L, 1, R2_FILE_CLASS)),
                             "cannot be closed");
}

/* ---- locked ---- */

/*** Locks the file against every other that opened it and asks for the lock too, in this process or
 * another one, until it is closed or the process ends. It never waits: whoever wants to wait asks
 * again. The lock is flock's, which belongs to what was opened: one of fcntl's would end when the
 * process closes any descriptor of the file. It does not belong to the path: where files are
 * replaced by others, `files.status` of the path says whether this one is still there.
 * @function file:lock
 * @treturn boolean true, or false when another one has it
 * @return nil, message, err
 */
static int file_lock(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1), result;
    R2_UNINTERRUPTED(result, flock(descriptor, LOCK_EX | LOCK_NB));
    if (result != 0 && errno != EWOULDBLOCK) {
        return r2_file_error(L, "cannot be locked", errno);
    }
    lua_pushboolean(L, result == 0);
    return 1;
}

const luaL_Reg r2_file_methods[] = {
    {"read", r2_file_read},         {"read_at", r2_file_read_at}, {"write", r2_file_write},
    {"write_at", r2_file_write_at}, {"seek", r2_file_seek},       {"truncate", r2_file_truncate},
    {"reserve", r2_file_reserve},   {"sync", r2_file_sync},       {"lock", file_lock},
    {"status", r2_file_status},     {"close", file_close},        {NULL, NULL}};
