/* How long a file is and may be, and whether the disk has it. */
#include "posix.h"

#include "room.h"

#include <sys/resource.h>
#include <sys/statvfs.h>

#include "file.h"
#include "file_error.h"

/* ---- limits ---- */

/* How many bytes a file of this process may have; -1 when there is no such limit. Devices and pipes
 * have none. */
static int64_t limit_of(int descriptor) {
    struct rlimit limit;
    struct stat status;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur > INT64_MAX || fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        return -1;
    }
    return (int64_t)limit.rlim_cur;
}

static bool too_long(void) {
    errno = EFBIG;
    return false;
}

bool r2_file_may_have(int descriptor, int64_t offset) {
    int64_t limit = limit_of(descriptor);
    if (limit >= 0 && offset < 0) {
        offset = lseek(descriptor, 0, SEEK_CUR);
    }
    return limit < 0 || offset < limit || too_long();
}

/* The same for all of its bytes. */
static bool may_be(int descriptor, int64_t size) {
    int64_t limit = limit_of(descriptor);
    return limit < 0 || size <= limit || too_long();
}

/* ---- length ---- */

/*** Cuts the file off, or extends it with zeros that take no room.
 * @function file:truncate
 * @tparam number size
 * @treturn boolean true
 * @return nil, message, err
 */
int r2_file_truncate(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1), result;
    luaL_checkany(L, 2);
    int64_t size = r2_file_size(L, 2, 0);
    bool done = may_be(descriptor, size);
    if (done) {
        R2_UNINTERRUPTED(result, ftruncate(descriptor, size));
        done = result == 0;
    }
    return r2_file_push_done(L, done, "cannot be written");
}

/* ---- room ---- */

/* Whether the disk has so many bytes left, besides those that the file has; its last ones may be
 * root's. Asked first: whoever takes what there is before it hears that it is too little fills the
 * disk for others. A file system that cannot tell is left to say so later. */
static bool has_left(int descriptor, int64_t size) {
    struct statvfs disk;
    struct stat status;
    if (fstatvfs(descriptor, &disk) != 0 || fstat(descriptor, &status) != 0) {
        return false;
    }
    int64_t lacking = size - (int64_t)status.st_blocks * 512;
    if (disk.f_blocks == 0 || lacking <= 0) {
        return true;
    }
    uintmax_t unit = disk.f_frsize > 0 ? disk.f_frsize : disk.f_bsize;
    errno = ENOSPC;
    return (uintmax_t)lacking / unit <= (geteuid() == 0 ? disk.f_bfree : disk.f_bavail);
}

/* Takes it where the system can; else false, with errno EOPNOTSUPP. */
static bool take(int descriptor, int64_t size) {
#if defined(__linux__)
    int result;
    R2_UNINTERRUPTED(result, fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, size));
    return result == 0;
#else
    (void)descriptor;
    (void)size;
    errno = EOPNOTSUPP;
    return false;
#endif
}

/*** Takes room on the disk for what is to be written, so that a disk that is too full says so
 * before any of it has come. The file has the size that it had.
 * @function file:reserve
 * @tparam number size bytes, from the start of the file
 * @treturn boolean true, or false where the file system cannot do that: there may be room
 * @return nil, message, err, with `err.code` `ENOSPC`, `EDQUOT` or `EFBIG`
 */
int r2_file_reserve(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1);
    luaL_checkany(L, 2);
    int64_t size = r2_file_size(L, 2, 0);
    bool done = may_be(descriptor, size) && has_left(descriptor, size) &&
                (size == 0 || take(descriptor, size));
    if (!done && errno != EOPNOTSUPP && errno != ENOSYS) {
        return r2_file_error(L, "cannot be given room", errno);
    }
    lua_pushboolean(L, done);
    return 1;
}

/*** Waits until the disk has what was written.
 * @function file:sync
 * @treturn boolean true
 * @return nil, message, err; what was written since the last time may be lost
 */
int r2_file_sync(lua_State *L) {
    int descriptor = r2_file_descriptor(L, 1), result;
    R2_UNINTERRUPTED(result, fsync(descriptor));
    return r2_file_push_done(L, result == 0, "cannot be written");
}
