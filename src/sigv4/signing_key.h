/* The signing key of Signature V4, derived from a secret for one day, region and service, and kept
 * for the next call (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 * Knows no Lua and no clock. */
#ifndef R2_SIGNING_KEY_H
#define R2_SIGNING_KEY_H

#include "../base/sha256.h"
#include "../base/text.h"

#pragma GCC visibility push(hidden)

enum {
    R2_SIGNING_SECRET_MAX = 256, /* bytes of a secret access key; R2's have 64, Amazon's 40 */
    R2_SCOPE_PART_MAX = 63,      /* bytes of a region or a service */
    R2_DATE_LENGTH = 8,          /* YYYYMMDD */
    R2_SIGNING_KEYS = 4          /* how many are kept */
};

/* What a key is derived from, in the lengths above. */
typedef struct r2_key_source {
    r2_slice secret;
    r2_slice date;
    r2_slice region;
    r2_slice service;
} r2_key_source;

/* A key that is kept, and what it was derived from. */
typedef struct r2_signing_key {
    uint64_t used_at; /* 0 = free */
    char date[R2_DATE_LENGTH];
    size_t secret_length;
    size_t region_length;
    size_t service_length;
    char region[R2_SCOPE_PART_MAX];
    char service[R2_SCOPE_PART_MAX];
    char secret[R2_SIGNING_SECRET_MAX];
    r2_hmac_key key;
} r2_signing_key;

/* All zero = empty. Whoever has these bytes can sign: wipe them. */
typedef struct r2_signing_keys {
    uint64_t calls;
    r2_signing_key kept[R2_SIGNING_KEYS];
} r2_signing_keys;

/* The prepared key of a source: kept, or derived now in the place of the one that was not used for
 * the longest time. It stands until the next call. */
const r2_hmac_key *r2_signing_key_of(r2_signing_keys *keys, const r2_key_source *source);

#pragma GCC visibility pop
#endif
