/* Claims -> JWT -> credential: what Cloudflare calls client-side signing
 * (developers.cloudflare.com/r2/examples/authenticate-r2-temp-credentials/, RFC 7515, RFC 7519).
 * Knows no Lua and no clock: it can be fuzzed, measured and used from C alone. */
#ifndef R2_TOKEN_H
#define R2_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../base/sha256.h"
#include "../base/text.h"

#pragma GCC visibility push(hidden)

enum { R2_TTL_MAX = 604800 }; /* seconds that a credential may live: 7 days */

/* What a credential says. The caller has checked every part: nothing is escaped or tested here.
 * Parts that are empty are left out. */
typedef struct r2_claims {
    r2_slice bucket;
    r2_slice scope;        /* one of the four permissions that R2 calls scopes, or … */
    r2_slice actions;      /* … a JSON array of action names */
    r2_slice prefix_paths; /* a JSON array */
    r2_slice object_paths; /* a JSON array */
    r2_slice account_id;
    r2_slice parent_access_key_id;
    r2_slice audience; /* host of the S3 endpoint */
    int64_t issued_at; /* Unix seconds */
    int64_t expires_at;
} r2_claims;

typedef struct r2_credential {
    r2_slice secret_access_key;
    r2_slice session_token;
} r2_credential;

typedef enum r2_token_result {
    R2_TOKEN_MADE,
    R2_TOKEN_TOO_LONG,
    R2_TOKEN_NO_MEMORY
} r2_token_result;

/* How long the session token of these claims is. Uses `work` and leaves it as it was, unless
 * memory ran out: then work->failed is set. */
size_t r2_token_length(r2_buffer *work, const r2_claims *claims);

/* Appends all that signing makes to `work`; the credential's parts point into it and live until
 * it is changed. Everything there is secret. */
r2_token_result r2_token_sign(r2_buffer *work, const r2_hmac_key *key, const r2_claims *claims,
                              size_t max_token_bytes, r2_credential *credential);

#pragma GCC visibility pop
#endif
