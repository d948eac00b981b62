/* Files read and written, in order or at an offset. Nothing here keeps a byte of them. */
#include "posix.h"

#include "pieces.h"

#include <stdbool.h>

#include "../base/fields.h"
#include "../base/lua_compat.h"
#include "../base/secret.h"
#include "file.h"
#include "file_error.h"
#include "room.h"

_Static_assert(sizeof(off_t) >= sizeof(int64_t), "offsets must have 64 bits");

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
int r2_file_read(lua_State *L) {
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
int r2_file_read_at(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1);
    luaL_checkany(L, 2);
    int64_t offset = r2_file_size(L, 2, 0);
    return read_piece(L, descriptor, r2_file_size(L, 3, R2_FILE_PIECE), offset);
}

/* ---- written ---- */

/* Writes once, where the file is (`offset` negative) or there. A file-size limit is seen before the
 * system would end the process for it. */
static ssize_t write_piece(int descriptor, const char *bytes, size_t length, int64_t offset) {
    ssize_t count;
    if (!r2_file_may_have(descriptor, offset)) {
        return -1;
    } else if (offset < 0) {
        R2_UNINTERRUPTED(count, write(descriptor, bytes, length));
    } else {
        R2_UNINTERRUPTED(count, pwrite(descriptor, bytes, length, offset));
    }
    return count;
}

/* All of it, from where the file is (`offset` negative) or from there. */
static bool write_all(int descriptor, const char *bytes, size_t length, int64_t offset) {
    for (size_t done = 0; done < length;) {
        ssize_t count = write_piece(descriptor, bytes + done, length - done,
                                    offset < 0 ? offset : offset + (int64_t)done);
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
 * @return nil, message, err, with `err.code` `ENOSPC` on a full disk, `EDQUOT` and `EFBIG` where
 *   only so much is allowed; a part may be written
 */
int r2_file_write(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1);
    size_t length;
    const char *bytes = luaL_checklstring(L, 2, &length);
    return r2_file_push_done(L, write_all(descriptor, bytes, length, -1), "cannot be written");
}

/*** Writes all of a string at an offset; where the file is does not change.
 * @function file:write_at
 * @tparam number offset bytes from the start
 * @tparam string bytes
 * @treturn boolean true
 * @return nil, message, err as from `file:write`
 */
int r2_file_write_at(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1);
    luaL_checkany(L, 2);
    int64_t offset = r2_file_size(L, 2, 0);
    size_t length;
    const char *bytes = luaL_checklstring(L, 3, &length);
    return r2_file_push_done(L, write_all(descriptor, bytes, length, offset), "cannot be written");
}

/* ---- where it is ---- */

/*** Moves to where `read` and `write` go on, or tells where that is.
 * @function file:seek
 * @tparam[opt="cur"] string whence what the offset counts from: `"set"` the start, `"cur"` where the
 *   file is, `"end"` its end
 * @tparam[opt=0] number offset bytes, below zero too
 * @treturn number where it is now, from the start
 * @return nil, message, err, with `err.code` `ESPIPE` of a pipe
 */
int r2_file_seek(lua_State *L) {
    static const char *const names[] = {"set", "cur", "end", NULL};
    static const int whences[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    int descriptor = r2_file_descriptor(L, 1);
    int whence = lua_isnoneornil(L, 2) ? SEEK_CUR : whences[luaL_checkoption(L, 2, NULL, names)];
    int64_t offset = 0;
    if (!lua_isnoneornil(L, 3) &&
        !r2_get_whole(L, 3, -R2_FILE_SIZE_MAX, R2_FILE_SIZE_MAX, &offset)) {
        return r2_file_argument_error(L, 3, "a whole number of bytes");
    }
    off_t position = lseek(descriptor, offset, whence);
    if (position < 0) {
        return r2_file_error(L, "cannot go there", errno);
    }
    r2_push_whole(L, position);
    return 1;
}
