/* Open files: what is opened with care, read and written in order or at an offset, and locked.
 * Nothing here keeps a byte of a file. */
#include "posix.h"

#include "file.h"

#include <stdbool.h>
#include <string.h>

#include "../base/fields.h"
#include "../base/lua_compat.h"
#include "../base/secret.h"
#include "file_error.h"
#include "status.h"

_Static_assert(sizeof(off_t) >= sizeof(int64_t), "offsets must have 64 bits");

typedef struct open_file {
    bool open;
    int descriptor;
} open_file;

static int argument_error(lua_State *L, int index, const char *expected) {
    return luaL_argerror(L, index, lua_pushfstring(L, "%s expected", expected));
}

int64_t r2_file_size(lua_State *L, int index, int64_t otherwise) {
    int64_t size = otherwise;
    if (!lua_isnoneornil(L, index) && !r2_get_whole(L, index, 0, R2_FILE_SIZE_MAX, &size)) {
        argument_error(L, index, "a whole number of bytes");
    }
    return size;
}

const char *r2_file_path(lua_State *L, int index) {
    size_t length;
    const char *path = luaL_checklstring(L, index, &length);
    return strlen(path) == length ? path : NULL;
}

int r2_file_descriptor(lua_State *L, int index) {
    open_file *file = luaL_checkudata(L, index, R2_FILE_CLASS);
    if (!file->open) {
        luaL_error(L, "r2.files: this file is closed");
    }
    return file->descriptor;
}

/* ---- opened ---- */

enum { READ, UPDATE, CREATE };

/* "600" as open takes it. */
static mode_t check_permissions(lua_State *L, int index) {
    mode_t permissions = 0;
    const char *digits = luaL_optstring(L, index, "600");
    if (strlen(digits) != 3 || strspn(digits, "01234567") != 3) {
        argument_error(L, index, "permissions as three octal digits");
    }
    for (size_t i = 0; i < 3; i++) {
        permissions = permissions * 8 + (mode_t)(digits[i] - '0');
    }
    return permissions;
}

/*** Opens a file. It is closed in programs that this one starts.
 *
 * @function open
 * @tparam string path
 * @tparam[opt] string mode
 *   `"read"` (default) to read what is there, also behind a link, a pipe, a folder;
 *   `"update"` to read and write it, or a new file; nothing is cut off, and a link is refused;
 *   `"create"` to read and write a new file, refused where there is anything, be it a link
 * @tparam[opt] string permissions
 *   of a new file, three octal digits, less what the umask takes away; default `"600"`
 * @treturn file
 * @return nil, message, err with `err.kind` `file` and `err.code`: `ENOENT`, `EEXIST`, `ELOOP` (a
 *   link), `EACCES`, …; no message names a path
 * @raise when an argument is none of these
 */
int r2_file_open(lua_State *L) {
    static const char *const names[] = {
        [READ] = "read", [UPDATE] = "update", [CREATE] = "create", NULL};
    static const int flags[] = {[READ] = O_RDONLY,
                                [UPDATE] = O_RDWR | O_CREAT | O_NOFOLLOW,
                                [CREATE] = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW};
    const char *path = r2_file_path(L, 1);
    /* Given a default, LuaJIT's function takes it for a boolean too. */
    int mode = lua_isnoneornil(L, 2) ? READ : luaL_checkoption(L, 2, NULL, names);
    mode_t permissions = check_permissions(L, 3);
    open_file *file = lua_newuserdata(L, sizeof *file);
    *file = (open_file){0};
    luaL_getmetatable(L, R2_FILE_CLASS);
    lua_setmetatable(L, -2);
    if (path == NULL) {
        return r2_file_error(L, "cannot be opened", EINVAL);
    }
    R2_UNINTERRUPTED(file->descriptor, open(path, flags[mode] | O_CLOEXEC | O_NOCTTY, permissions));
    file->open = file->descriptor >= 0;
    return file->open ? 1 : r2_file_error(L, "cannot be opened", errno);
}

/* A descriptor is gone whatever close says (Linux), and another thread's next one has its
 * number. */
static bool end(open_file *file) {
    bool was_open = file->open;
    file->open = false;
    return !was_open || close(file->descriptor) == 0 || errno == EINTR;
}

int r2_file_collect(lua_State *L) {
    (void)end(luaL_checkudata(L, 1, R2_FILE_CLASS));
    return 0;
}

/*** Closes the file, and gives up its lock; also on garbage collection and `__close`. Other methods
 * raise afterwards. What was written may be refused as late as here, over a network for one.
 * @function file:close
 * @treturn boolean true, also when it was closed before
 * @return nil, message, err
 */
static int file_close(lua_State *L) {
    if (!end(luaL_checkudata(L, 1, R2_FILE_CLASS))) {
        return r2_file_error(L, "cannot be closed", errno);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* true, or the error. */
static int push_done(lua_State *L, bool done, const char *what) {
    if (!done) {
        return r2_file_error(L, what, errno);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* ---- read ---- */

/* Reads once, where the file is (`offset` negative) or there. What is read may be keys: no copy of
 * it stays on the stack. */
static int read_piece(lua_State *L, int descriptor, int64_t length, int64_t offset) {
    char piece[R2_FILE_PIECE];
    ssize_t count;
    size_t room = length < R2_FILE_PIECE ? (size_t)length : sizeof piece;
    if (offset < 0) {
        R2_UNINTERRUPTED(count, read(descriptor, piece, room));
    } else {
        R2_UNINTERRUPTED(count, pread(descriptor, piece, room, offset));
    }
    if (count < 0) {
        return r2_file_error(L, "cannot be read", errno);
    } else if (count == 0 && room > 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushlstring(L, piece, (size_t)count);
    r2_wipe(piece, (size_t)count);
    return 1;
}

/*** Reads on from where the file is. Fewer bytes than were asked for are not the end: a pipe gives
 * what it has, and no string is longer than 65536. So a file can be a request's body.
 * @function file:read
 * @tparam[opt=65536] number length bytes at most
 * @treturn string or nil at the end
 * @return nil, message, err
 */
static int file_read(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1);
    return read_piece(L, descriptor, r2_file_size(L, 2, R2_FILE_PIECE), -1);
}

/*** Reads at an offset; where the file is does not change.
 * @function file:read_at
 * @tparam number offset bytes from the start
 * @tparam[opt=65536] number length bytes at most
 * @treturn string or nil at the end
 * @return nil, message, err
 */
static int file_read_at(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1);
    luaL_checkany(L, 2);
    int64_t offset = r2_file_size(L, 2, 0);
    return read_piece(L, descriptor, r2_file_size(L, 3, R2_FILE_PIECE), offset);
}

/* ---- written ---- */

/* All of it, from where the file is (`offset` negative) or from there. */
static bool write_all(int descriptor, const char *bytes, size_t length, int64_t offset) {
    for (size_t done = 0; done < length;) {
        ssize_t count;
        if (offset < 0) {
            R2_UNINTERRUPTED(count, write(descriptor, bytes + done, length - done));
        } else {
            R2_UNINTERRUPTED(count,
                             pwrite(descriptor, bytes + done, length - done, offset + (off_t)done));
        }
        if (count <= 0) {
            errno = count == 0 ? EIO : errno; /* a device that takes nothing */
            return false;
        }
        done += (size_t)count;
    }
    return true;
}

/*** Writes all of a string on from where the file is. So a file can take an answer's body.
 * @function file:write
 * @tparam string bytes
 * @treturn boolean true
 * @return nil, message, err, with `err.code` `ENOSPC` on a full disk; a part may be written
 */
static int file_write(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1);
    size_t length;
    const char *bytes = luaL_checklstring(L, 2, &length);
    return push_done(L, write_all(descriptor, bytes, length, -1), "cannot be written");
}

/*** Writes all of a string at an offset; where the file is does not change.
 * @function file:write_at
 * @tparam number offset bytes from the start
 * @tparam string bytes
 * @treturn boolean true
 * @return nil, message, err as from `file:write`
 */
static int file_write_at(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1);
    luaL_checkany(L, 2);
    int64_t offset = r2_file_size(L, 2, 0);
    size_t length;
    const char *bytes = luaL_checklstring(L, 3, &length);
    return push_done(L, write_all(descriptor, bytes, length, offset), "cannot be written");
}

/*** Cuts the file off, or extends it with zeros that take no room.
 * @function file:truncate
 * @tparam number size
 * @treturn boolean true
 * @return nil, message, err
 */
static int file_truncate(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1), result;
    luaL_checkany(L, 2);
    int64_t size = r2_file_size(L, 2, 0);
    R2_UNINTERRUPTED(result, ftruncate(descriptor, size));
    return push_done(L, result == 0, "cannot be written");
}

/*** Waits until the disk has what was written.
 * @function file:sync
 * @treturn boolean true
 * @return nil, message, err; what was written since the last time may be lost
 */
static int file_sync(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1), result;
    R2_UNINTERRUPTED(result, fsync(descriptor));
    return push_done(L, result == 0, "cannot be written");
}

/* ---- locked ---- */

/*** Locks the file against every other that opened it and asks for the lock too, in this process or
 * another one, until it is closed or the process ends. It never waits: whoever wants to wait asks
 * again. The lock is flock's, which belongs to what was opened: one of fcntl's would end when the
 * process closes any descriptor of the file.
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

const luaL_Reg r2_file_methods[] = {{"read", file_read},         {"read_at", file_read_at},
                                    {"write", file_write},       {"write_at", file_write_at},
                                    {"truncate", file_truncate}, {"sync", file_sync},
                                    {"lock", file_lock},         {"status", r2_file_status},
                                    {"close", file_close},       {NULL, NULL}};
