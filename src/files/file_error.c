/* The names of errno's numbers, and the error made of one. */
#include "file_error.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../base/error.h"

#define CODES(X)                                                                                   \
    X(EACCES)                                                                                      \
    X(EBADF)                                                                                       \
    X(EBUSY)                                                                                       \
    X(EDQUOT)                                                                                      \
    X(EEXIST)                                                                                      \
    X(EFBIG)                                                                                       \
    X(EINVAL)                                                                                      \
    X(EIO)                                                                                         \
    X(EISDIR)                                                                                      \
    X(ELOOP)                                                                                       \
    X(EMFILE)                                                                                      \
    X(ENAMETOOLONG)                                                                                \
    X(ENFILE)                                                                                      \
    X(ENODEV)                                                                                      \
    X(ENOENT)                                                                                      \
    X(ENOLCK)                                                                                      \
    X(ENOMEM)                                                                                      \
    X(ENOSPC)                                                                                      \
    X(ENOTDIR)                                                                                     \
    X(ENOTEMPTY)                                                                                   \
    X(ENXIO)                                                                                       \
    X(EOVERFLOW)                                                                                   \
    X(EPERM)                                                                                       \
    X(EPIPE)                                                                                       \
    X(EROFS)                                                                                       \
    X(ESPIPE)                                                                                      \
    X(ESTALE)                                                                                      \
    X(ETXTBSY)                                                                                     \
    X(EXDEV)

static const char *code_of(int number) {
    switch (number) {
#define AS_CASE(code)                                                                              \
    case code:                                                                                     \
        return #code;
        CODES(AS_CASE)
#undef AS_CASE
    default:
        return NULL;
    }
}

static int push(lua_State *L, const char *what, const char *why, const char *code) {
    r2_error error;
    (void)r2_refuse(&error, R2_FILE, NULL, 0, "%s: %s", what, why);
    int results = r2_error_push(L, &error);
    if (code != NULL) {
        lua_pushstring(L, code);
        lua_setfield(L, -2, "code");
    }
    return results;
}

int r2_file_error(lua_State *L, const char *what, int number) {
    return push(L, what, strerror(number), code_of(number));
}

int r2_file_refuse(lua_State *L, const char *what, const char *why, int number) {
    return push(L, what, why, code_of(number));
}
