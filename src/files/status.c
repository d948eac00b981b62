/* fstat, for Lua: a path could lead elsewhere by the time that it is opened, so what was opened is
 * asked. And stat, for what need not be opened, or must not. */
#include "posix.h"

#include "status.h"

#include <inttypes.h>
#include <stdio.h>

#include "../base/lua_compat.h"
#include "file.h"
#include "file_error.h"

#if defined(__APPLE__)
#define st_mtim st_mtimespec
#endif

const char *r2_status_kind(mode_t mode) {
    return S_ISREG(mode)    ? "file"
           : S_ISDIR(mode)  ? "folder"
           : S_ISLNK(mode)  ? "link"
           : S_ISFIFO(mode) ? "pipe"
           : S_ISSOCK(mode) ? "socket"
                            : "device";
}

static void set_whole(lua_State *L, const char *name, int64_t whole) {
    r2_push_whole(L, whole);
    lua_setfield(L, -2, name);
}

/* What is compared only, and may have more digits than a number of Lua's. */
static void set_digits(lua_State *L, const char *name, uintmax_t number) {
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIuMAX, number);
    lua_pushstring(L, digits);
    lua_setfield(L, -2, name);
}

static void set_permissions(lua_State *L, mode_t mode) {
    char digits[8];
    (void)snprintf(digits, sizeof digits, "%03o", (unsigned)(mode & 07777));
    lua_pushstring(L, digits);
    lua_setfield(L, -2, "permissions");
}

static int push_status(lua_State *L, const struct stat *status) {
    lua_createtable(L, 0, 9);
    lua_pushstring(L, r2_status_kind(status->st_mode));
    lua_setfield(L, -2, "kind");
    set_permissions(L, status->st_mode);
    set_whole(L, "owner", status->st_uid);
    set_whole(L, "group", status->st_gid);
    set_whole(L, "size", status->st_size);
    set_whole(L, "modified", status->st_mtim.tv_sec);
    set_whole(L, "modified_nanoseconds", status->st_mtim.tv_nsec);
    set_digits(L, "device", (uintmax_t)status->st_dev);
    set_digits(L, "inode", (uintmax_t)status->st_ino);
    return 1;
}

/*** What is known of the file, asked of what was opened and not of its path.
 *
 * @function file:status
 * @treturn table `kind` "file", "folder", "pipe", "socket" or "device"; `permissions` octal digits,
 *   the last three the owner's, the group's and others': "640"; `owner`, `group` numbers; `size`
 *   bytes; `modified` Unix seconds and `modified_nanoseconds` beside it, whole numbers that every
 *   Lua has exactly; `device` and `inode`, which together tell one file from another, strings of
 *   digits
 * @return nil, message, err
 */
int r2_file_status(lua_State *L) {
    struct stat status;
    if (fstat(r2_file_descriptor(L, 1), &status) != 0) {
        return r2_file_error(L, "cannot be read", errno);
    }
    return push_status(L, &status);
}

/*** The same of what a path leads to now; nothing is opened.
 *
 * @function status
 * @tparam string path
 * @tparam[opt] string of `"link"`: of a link itself, `kind` "link", and not of what it leads to
 * @treturn table as from `file:status`
 * @return nil, message, err, with `err.code` `ENOENT` where there is nothing
 */
int r2_path_status(lua_State *L) {
    static const char *const names[] = {"link", NULL};
    const char *path = r2_file_path(L, 1);
    bool of_link = !lua_isnoneornil(L, 2) && luaL_checkoption(L, 2, NULL, names) == 0;
    struct stat status;
    if (path == NULL) {
        return r2_file_error(L, "cannot be looked at", EINVAL);
    } else if ((of_link ? lstat : stat)(path, &status) != 0) {
        return r2_file_error(L, "cannot be looked at", errno);
    }
    return push_status(L, &status);
}
