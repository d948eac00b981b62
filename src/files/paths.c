/* Files renamed and removed, as Lua's os does it, and so that it lasts. */
#include "posix.h"

#include "paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "file_error.h"

/* Waits until the disk has what a folder's names lead to. Where a file system cannot do that, it
 * says EINVAL, and does it by itself. */
static bool sync_folder(const char *path) {
    int descriptor, result;
    R2_UNINTERRUPTED(descriptor, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor < 0) {
        return false;
    }
    R2_UNINTERRUPTED(result, fsync(descriptor));
    int number = result == 0 || errno == EINVAL ? 0 : errno;
    (void)close(descriptor);
    errno = number;
    return number == 0;
}

/* The folder that a path leads into. */
static const char *push_folder(lua_State *L, const char *path) {
    const char *slash = strrchr(path, '/');
    lua_pushlstring(L, slash == NULL ? "." : path, slash == NULL ? 1 : (size_t)(slash - path) + 1);
    return lua_tostring(L, -1);
}

/*** Gives a file another name, at once in place of what has that name; and waits until the disk
 * knows. After `file:sync`, a machine that loses its power finds the whole old file there or the
 * whole new.
 * @function rename
 * @tparam string from
 * @tparam string to on the same file system
 * @treturn boolean true
 * @return nil, message, err; when only the disk is at fault, it is renamed nevertheless
 */
int r2_path_rename(lua_State *L) {
    const char *from = r2_file_path(L, 1);
    const char *to = r2_file_path(L, 2);
    if (from == NULL || to == NULL) {
        return r2_file_error(L, "cannot be renamed", EINVAL);
    }
    const char *folder = push_folder(L, to);
    if (rename(from, to) != 0) {
        return r2_file_error(L, "cannot be renamed", errno);
    } else if (!sync_folder(folder)) {
        return r2_file_error(L, "was renamed, but not on the disk", errno);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/*** Removes a file, or a link; never a folder.
 * @function remove
 * @tparam string path
 * @treturn boolean true
 * @return nil, message, err
 */
int r2_path_remove(lua_State *L) {
    const char *path = r2_file_path(L, 1);
    if (path == NULL || unlink(path) != 0) {
        return r2_file_error(L, "cannot be removed", path == NULL ? EINVAL : errno);
    }
    lua_pushboolean(L, 1);
    return 1;
}
