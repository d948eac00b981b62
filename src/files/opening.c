/* Files opened, each way with its own care: what is a link, no file, or another user's is refused
 * where that matters, and asked of what was opened. */
#include "posix.h"

#include "opening.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "file_error.h"
#include "status.h"

static const char FAILED[] = "cannot be opened";

typedef struct way {
    const char *name;
    int flags;
    bool files_only;
    bool owned;
} way;

/* O_NONBLOCK is for pipes, which nobody waits for here; it says nothing to files. */
static const way ways[] = {
    {"read", O_RDONLY, false, false},
    {"file", O_RDONLY | O_NONBLOCK, true, false},
    {"update", O_RDWR | O_CREAT | O_NOFOLLOW, false, false},
    {"own", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, true, true},
    {"create", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, false, false},
};
enum { WAYS = sizeof ways / sizeof *ways };

static const way *check_way(lua_State *L, int index) {
    const char *names[WAYS + 1] = {NULL};
    for (size_t i = 0; i < WAYS; i++) {
        names[i] = ways[i].name;
    }
    /* Given a default, LuaJIT's function takes it for a boolean too. */
    return &ways[lua_isnoneornil(L, index) ? 0 : luaL_checkoption(L, index, NULL, names)];
}

/* "600" as open takes it. */
mode_t r2_file_permissions(lua_State *L, int index) {
    mode_t permissions = 0;
    const char *digits = luaL_optstring(L, index, "600");
    if (strlen(digits) != 3 || strspn(digits, "01234567") != 3) {
        r2_file_argument_error(L, index, "permissions as three octal digits");
    }
    for (size_t i = 0; i < 3; i++) {
        permissions = permissions * 8 + (mode_t)(digits[i] - '0');
    }
    return permissions;
}

/* ---- refused ---- */

static int refuse_kind(lua_State *L, mode_t mode, int number) {
    char why[64];
    (void)snprintf(why, sizeof why, "it is a %s", r2_status_kind(mode));
    return r2_file_refuse(L, FAILED, why, number);
}

/* The system's words for a link that is refused, and for a socket, name neither. */
static int refuse(lua_State *L, const char *path, const way *how, int number) {
    struct stat status;
    bool of_link = (how->flags & O_NOFOLLOW) != 0;
    if ((number == ELOOP || number == ENXIO) && (of_link ? lstat : stat)(path, &status) == 0 &&
        (S_ISLNK(status.st_mode) || S_ISSOCK(status.st_mode))) {
        return refuse_kind(L, status.st_mode, number);
    }
    return r2_file_error(L, FAILED, number);
}

/* The open file, or why it is none of those that were asked for. */
static int check_opened(lua_State *L, r2_file *file, const way *how) {
    struct stat status;
    if (fstat(r2_file_descriptor(L, -1), &status) != 0) {
        int number = errno;
        (void)r2_file_end(file);
        return r2_file_error(L, FAILED, number);
    } else if (!S_ISREG(status.st_mode)) {
        (void)r2_file_end(file);
        return refuse_kind(L, status.st_mode, S_ISDIR(status.st_mode) ? EISDIR : 0);
    } else if (how->owned && status.st_uid != geteuid()) {
        (void)r2_file_end(file);
        return r2_file_refuse(L, FAILED, "it is another user's", EPERM);
    }
    return 1;
}

/*** Opens a file. It is closed in programs that this one starts.
 *
 * @function open
 * @tparam string path
 * @tparam[opt] string mode
 *   `"read"` (default) to read what is there, also behind a link, a pipe, a folder;
 *   `"file"` to read a file, also behind a link; all else is refused, and no pipe is waited for;
 *   `"update"` to read and write it, or a new file; nothing is cut off, and a link is refused;
 *   `"own"` the same, and what is no file, or another user's, is refused too;
 *   `"create"` to read and write a new file, refused where there is anything, be it a link
 * @tparam[opt] string permissions
 *   of a new file, three octal digits, less what the umask takes away; default `"600"`
 * @treturn file
 * @return nil, message, err with `err.kind` `file` and `err.code`: `ENOENT`, `EEXIST`, `ELOOP` (a
 *   link), `EISDIR`, `EACCES`, …; no message names a path
 * @raise when an argument is none of these
 */
int r2_file_open(lua_State *L) {
    const char *path = r2_file_path(L, 1);
    const way *how = check_way(L, 2);
    mode_t permissions = r2_file_permissions(L, 3);
    r2_file *file = r2_file_push(L);
    if (path == NULL) {
        return r2_file_error(L, FAILED, EINVAL);
    } else if (!r2_file_open_at(file, path, how->flags, permissions)) {
        return refuse(L, path, how, errno);
    }
    return how->files_only ? check_opened(L, file, how) : 1;
}
