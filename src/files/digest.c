/* SHA-256 (FIPS 180-4) and MD5 (RFC 1321) of what passes by, or of a file, both in one pass. MD5
 * for what S3 calls ETags: it protects nothing. Of libcrypto the functions of ../base/sha256.h are
 * used, and MD5's of the same kind. */
#include "posix.h"

#include "digest.h"

#include <stdbool.h>
#include <stdint.h>

#include "../base/lua_compat.h"
#include "../base/secret.h"
#include "../base/sha256.h" /* before MD5's: it says how old OpenSSL's functions may be */
#include "../base/text.h"
#include "file.h"
#include "file_error.h"
#include "pieces.h"

#include <openssl/md5.h>

enum { OF_SHA256, OF_MD5, ALGORITHMS };
static const char *const names[] = {[OF_SHA256] = "sha256", [OF_MD5] = "md5", NULL};

enum { LONGEST = R2_SHA256_SIZE };

typedef struct digest {
    bool takes[ALGORITHMS];
    SHA256_CTX sha256;
    MD5_CTX md5;
} digest;

static void update(digest *d, const void *bytes, size_t length) {
    if (d->takes[OF_SHA256]) {
        SHA256_Update(&d->sha256, bytes, length);
    }
    if (d->takes[OF_MD5]) {
        MD5_Update(&d->md5, bytes, length);
    }
}

/* Of a copy: it can go on. Returns how long the digest is. */
static size_t result(const digest *d, int algorithm, unsigned char out[LONGEST]) {
    digest copy = *d;
    if (algorithm == OF_SHA256) {
        SHA256_Final(out, &copy.sha256);
    } else {
        MD5_Final(out, &copy.md5);
    }
    r2_wipe(&copy, sizeof copy);
    return algorithm == OF_SHA256 ? R2_SHA256_SIZE : MD5_DIGEST_LENGTH;
}

/*** Begins a digest, or both in one pass.
 * @function digest
 * @tparam string algorithm `"sha256"` or `"md5"`
 * @tparam[opt] string another
 * @treturn digest
 */
int r2_digest_new(lua_State *L) {
    bool takes[ALGORITHMS] = {false};
    takes[luaL_checkoption(L, 1, NULL, names)] = true;
    if (!lua_isnoneornil(L, 2)) {
        takes[luaL_checkoption(L, 2, NULL, names)] = true;
    }
    digest *d = lua_newuserdata(L, sizeof *d);
    *d = (digest){.takes = {takes[OF_SHA256], takes[OF_MD5]}};
    SHA256_Init(&d->sha256);
    MD5_Init(&d->md5);
    luaL_getmetatable(L, R2_DIGEST_CLASS);
    lua_setmetatable(L, -2);
    return 1;
}

/*** Takes a string.
 * @function digest:update
 * @tparam string bytes
 * @treturn digest itself
 */
static int digest_update(lua_State *L) {
    digest *d = luaL_checkudata(L, 1, R2_DIGEST_CLASS);
    size_t length;
    const char *bytes = luaL_checklstring(L, 2, &length);
    update(d, bytes, length);
    lua_settop(L, 1);
    return 1;
}

/* Returns how many bytes there were, or -1. No copy of them stays on the stack. */
static int64_t update_from(digest *d, int descriptor, int64_t offset, int64_t length) {
    unsigned char piece[R2_FILE_PIECE];
    int64_t done = 0;
    ssize_t count = 1;
    while (count > 0 && done < length) {
        size_t room = length - done < R2_FILE_PIECE ? (size_t)(length - done) : sizeof piece;
        R2_UNINTERRUPTED(count, pread(descriptor, piece, room, offset + done));
        if (count > 0) {
            update(d, piece, (size_t)count);
            done += count;
        }
    }
    r2_wipe(piece, sizeof piece);
    return count < 0 ? -1 : done;
}

/*** Takes bytes of an open file, which never become strings; where the file is does not change. It
 * returns when it has them all, about a second for a gigabyte: who has a frame to draw asks for a
 * part at a time.
 * @function digest:read
 * @tparam file file of r2.files, no pipe
 * @tparam[opt=0] number offset
 * @tparam[opt] number length default: to the end
 * @treturn number how many bytes there were; fewer than `length` when the file ends before
 * @return nil, message, err; the digest has what could be read
 */
static int digest_read(lua_State *L) {
    digest *d = luaL_checkudata(L, 1, R2_DIGEST_CLASS);
    int descriptor = r2_file_descriptor(L, 2);
    int64_t offset = r2_file_size(L, 3, 0);
    int64_t length = r2_file_size(L, 4, R2_FILE_SIZE_MAX);
    int64_t done = update_from(d, descriptor, offset, length);
    if (done < 0) {
        return r2_file_error(L, "cannot be read", errno);
    }
    r2_push_whole(L, done);
    return 1;
}

static size_t check_result(lua_State *L, unsigned char out[LONGEST]) {
    digest *d = luaL_checkudata(L, 1, R2_DIGEST_CLASS);
    int algorithm = luaL_checkoption(L, 2, NULL, names);
    luaL_argcheck(L, d->takes[algorithm], 2, "not what this digest was made for");
    return result(d, algorithm, out);
}

/*** The digest of what it has taken so far; it can take more.
 * @function digest:hex
 * @tparam string algorithm
 * @treturn string lower-case hexadecimal digits
 */
static int digest_hex(lua_State *L) {
    unsigned char bytes[LONGEST];
    char hex[2 * LONGEST];
    size_t length = check_result(L, bytes);
    r2_hex_encode(hex, bytes, length);
    lua_pushlstring(L, hex, 2 * length);
    return 1;
}

/*** The same as bytes.
 * @function digest:bytes
 * @tparam string algorithm
 * @treturn string 32 bytes of `"sha256"`, 16 of `"md5"`
 */
static int digest_bytes(lua_State *L) {
    unsigned char bytes[LONGEST];
    size_t length = check_result(L, bytes);
    lua_pushlstring(L, (const char *)bytes, length);
    return 1;
}

const luaL_Reg r2_digest_methods[] = {{"update", digest_update},
                                      {"read", digest_read},
                                      {"hex", digest_hex},
                                      {"bytes", digest_bytes},
                                      {NULL, NULL}};
