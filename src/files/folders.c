/* What is in a folder, and new ones: for whoever walks through a tree of files. */
#include "posix.h"

#include "folders.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "file.h"
#include "file_error.h"
#include "opening.h"

/* A folder while it is read; NULL before and afterwards. */
typedef struct listing {
    DIR *folder;
} listing;

static void end(listing *reading) {
    if (reading->folder != NULL) {
        (void)closedir(reading->folder);
        reading->folder = NULL;
    }
}

int r2_folder_collect(lua_State *L) {
    end(luaL_checkudata(L, 1, R2_LISTING_CLASS));
    return 0;
}

static bool is_itself_or_parent(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Into the table on top. */
static bool add_names(lua_State *L, listing *reading) {
    const struct dirent *entry;
    int count = 0;
    while (errno = 0, (entry = readdir(reading->folder)) != NULL) {
        if (!is_itself_or_parent(entry->d_name)) {
            lua_pushstring(L, entry->d_name);
            lua_rawseti(L, -2, ++count);
        }
    }
    return errno == 0;
}

/*** The names of all that is in a folder, in no order, without `.` and `..`.
 * @function names
 * @tparam string path
 * @treturn table list of strings, as the system has them
 * @return nil, message, err, with `err.code` `ENOTDIR` of what is no folder
 */
int r2_folder_names(lua_State *L) {
    const char *path = r2_file_path(L, 1);
    listing *reading = lua_newuserdata(L, sizeof *reading);
    *reading = (listing){0};
    luaL_getmetatable(L, R2_LISTING_CLASS);
    lua_setmetatable(L, -2);
    lua_newtable(L);
    if (path == NULL) {
        return r2_file_error(L, "cannot be read", EINVAL);
    }
    reading->folder = opendir(path);
    bool done = reading->folder != NULL && add_names(L, reading);
    int number = errno;
    end(reading);
    return done ? 1 : r2_file_error(L, "cannot be read", number);
}

/*** Makes a folder; those above it are there.
 * @function make_folder
 * @tparam string path
 * @tparam[opt] string permissions three octal digits, less what the umask takes away; default "777"
 * @treturn boolean true, or false where there is one already
 * @return nil, message, err, with `err.code` `EEXIST` where there is something else
 */
int r2_folder_make(lua_State *L) {
    const char *path = r2_file_path(L, 1);
    mode_t permissions = lua_isnoneornil(L, 2) ? 0777 : r2_file_permissions(L, 2);
    struct stat status;
    bool made = path != NULL && mkdir(path, permissions) == 0;
    int number = path == NULL ? EINVAL : errno;
    bool is_there =
        !made && number == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    if (!made && !is_there) {
        return r2_file_error(L, "cannot be made", number);
    }
    lua_pushboolean(L, made);
    return 1;
}
