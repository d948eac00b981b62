/* Signed tokens read back: a compact JWT (RFC 7515, RFC 7519) inside base64. Knows no Lua and no
 * clock. */
#ifndef R2_JWT_H
#define R2_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "sha256.h"
#include "text.h"

#pragma GCC visibility push(hidden)

enum { R2_TOKEN_BYTES_MAX = 1024 * 1024 }; /* no session token longer than this is made or read */

/* A session token taken apart. Parts point into the buffer. */
typedef struct r2_jwt {
    r2_slice header;        /* JSON, decoded */
    r2_slice payload;       /* JSON, decoded */
    r2_slice signing_input; /* as it was signed */
    unsigned char signature[R2_SHA256_SIZE];
} r2_jwt;

/* Decodes a session token's bytes into `work`, which must be empty. Returns NULL, or what a session
 * token must be that this is not, worded to follow a field's name. Nothing is verified.
 * Out of memory shows in work->failed. */
const char *r2_token_open(r2_buffer *work, r2_slice session_token, r2_jwt *jwt);

/* The time that a claim, as JSON, holds (RFC 7519, section 2): Unix seconds, whole; -1 where it is
 * none. */
int64_t r2_jwt_time(r2_slice claim);

/* That of "exp" among its claims. */
int64_t r2_jwt_expiry(const r2_jwt *jwt);

/* Whether HS256 with this key made the signature. Takes the same time for every wrong one. */
bool r2_token_is_signed_by(const r2_jwt *jwt, const r2_hmac_key *key);

#pragma GCC visibility pop
#endif
