/* Files that will take another's place: in its folder, under a name that nothing has. */
#include "posix.h"

#include "beside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "file.h"
#include "file_error.h"
#include "opening.h"

static const char FAILED[] = "cannot be created";

enum {
    ATTEMPTS = 100,
    NAME_MAX_BYTES = 255, /* what file systems take as a name */
    SUFFIX_BYTES = 18,    /* ".", 12 digits, ".part" */
};

/* Another number each time, to other processes and threads as well. It need not be secret: no file
 * is opened that another one made. */
static uint64_t draw(const void *mine, uint64_t attempt) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t bits = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
    bits += ((uint64_t)getpid() << 40) + (uint64_t)(uintptr_t)mine + (attempt << 32);
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

/* How much of a path its neighbour's name begins with: not too much, and whole characters. */
static size_t kept_of(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    size_t length = strlen(path);
    if (length - folder > NAME_MAX_BYTES - SUFFIX_BYTES) {
        length = folder + NAME_MAX_BYTES - SUFFIX_BYTES;
        while (length > folder && ((unsigned char)path[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    return length;
}

static const char *push_name(lua_State *L, const char *path, uint64_t bits) {
    char suffix[SUFFIX_BYTES + 1];
    (void)snprintf(suffix, sizeof suffix, ".%012" PRIx64 ".part", bits >> 16);
    lua_pushlstring(L, path, kept_of(path));
    lua_pushstring(L, suffix);
    lua_concat(L, 2);
    return lua_tostring(L, -1);
}

/*** Creates a file that is to take another's place when all of it is there: `files.rename(name,
 * path)`. Until then, and where it fails, nobody sees half of it at that path. It is read and
 * written.
 *
 * @function create_beside
 * @tparam string path
 * @tparam[opt] string permissions as those of `open`
 * @treturn file
 * @treturn string name its own path, in the same folder, which nothing else has; whoever gives up
 *   removes it
 * @return nil, message, err
 */
int r2_file_create_beside(lua_State *L) {
    const char *path = r2_file_path(L, 1);
    mode_t permissions = r2_file_permissions(L, 2);
    r2_file *file = r2_file_push(L);
    if (path == NULL || *path == '\0') {
        return r2_file_error(L, FAILED, path == NULL ? EINVAL : ENOENT);
    }
    for (uint64_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        const char *name = push_name(L, path, draw(file, attempt));
        if (r2_file_open_at(file, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, permissions)) {
            return 2;
        } else if (errno != EEXIST) {
            break;
        }
        lua_pop(L, 1);
    }
    return r2_file_error(L, FAILED, errno);
}
