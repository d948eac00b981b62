/* Signature V4 over one request, in a header or in the URL, by S3's rules: each byte of the path is
 * encoded once, and dots and double slashes stay (docs.aws.amazon.com/AmazonS3/latest/API/
 * sig-v4-header-based-auth.html, sigv4-query-string-auth.html). Knows no Lua and no clock: it can
 * be fuzzed, measured and used from C alone.
 *
 * A call: r2_signer_set_url, r2_signer_add_header for each header, then r2_sign or r2_presign, then
 * r2_signer_release. */
#ifndef R2_SIGNATURE_H
#define R2_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../base/text.h"
#include "../base/url.h"
#include "canonical.h"
#include "signing_key.h"

#pragma GCC visibility push(hidden)

enum {
    R2_TARGET_MAX = 16384, /* bytes of a URL that is signed */
    R2_TIMESTAMP_SIZE = sizeof "YYYYMMDDThhmmssZ"
};

/* What calls share: keys, and room to work in. All zero = new. */
typedef struct r2_signer {
    r2_signing_keys keys;
    r2_buffer parts; /* path and query parameters, encoded; then the names of the signed headers */
    r2_buffer work;  /* URL, canonical request, string to sign, result */
    r2_headers headers;
    r2_parameters parameters;
    size_t path_length;    /* the path stands at the front of `parts` … */
    size_t names;          /* … and the names at its end, from here */
    size_t written_length; /* the origin as it was last written, and what it is */
    char written[R2_URL_MAX];
    r2_url origin;
    bool rewritten;  /* of this call: whether it makes a URL … */
    bool host_given; /* … and whether the host was among its headers */
    int64_t day;     /* days since 1970 whose date is in `timestamp`, once that is set */
    char timestamp[R2_TIMESTAMP_SIZE];
} r2_signer;

/* With what a request is signed. The caller has checked every part: nothing is tested here. */
typedef struct r2_signing {
    r2_slice method;
    r2_slice access_key_id;
    r2_slice secret_access_key; /* at most R2_SIGNING_SECRET_MAX bytes */
    r2_slice session_token;     /* empty = none */
    r2_slice region;            /* a label of at most R2_SCOPE_PART_MAX bytes, as is … */
    r2_slice service;
    r2_slice payload_hash;   /* 64 hex characters or UNSIGNED-PAYLOAD; in a URL always the latter */
    int64_t now;             /* Unix seconds, up to R2_LAST_SECOND */
    int64_t expires_seconds; /* of a presigned URL */
} r2_signing;

#define R2_UNSIGNED_PAYLOAD R2_SLICE("UNSIGNED-PAYLOAD")

/* Whether the name, which is decoded or normalized, begins as those that a signature adds to a
 * query. */
bool r2_is_signature_parameter(r2_slice name);

/* Begins a call. Returns NULL, or what a URL must be that this one is not, worded to follow a
 * field's name. A URL that is sent as it stands must have its host in the form in which clients
 * send it; one that only says what to sign (`rewritten`) need not. */
const char *r2_signer_set_url(r2_signer *signer, r2_slice url, bool rewritten);

/* Adds a header that the request will be sent with. Returns NULL, or what a header must be that
 * this one is not. The slices must live until the end of the call. */
const char *r2_signer_add_header(r2_signer *signer, r2_slice name, r2_slice value);

/* What a signature comes to. Parts point into the signer. */
typedef struct r2_signed {
    const char *wrong;      /* NULL, or what headers must be that these are not */
    r2_slice timestamp;     /* the value of x-amz-date */
    r2_slice authorization; /* of r2_sign: the value of that header */
    r2_slice url;           /* of r2_presign */
} r2_signed;

/* False when memory ran out, or when `wrong` is set. */
bool r2_sign(r2_signer *signer, const r2_signing *signing, r2_signed *result);
bool r2_presign(r2_signer *signer, const r2_signing *signing, r2_signed *result);

/* Whether a buffer could not grow since the call began. */
bool r2_signer_failed(const r2_signer *signer);

/* Wipes what a call has written; keys stay. */
void r2_signer_release(r2_signer *signer);

/* Wipes and frees everything. */
void r2_signer_free(r2_signer *signer);

#pragma GCC visibility pop
#endif
