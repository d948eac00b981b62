/* What a session token says: the payload of its JWT, taken apart. Knows no Lua. */
#ifndef R2_PAYLOAD_H
#define R2_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/text.h"

#pragma GCC visibility push(hidden)

/* Claims as JSON, trimmed; empty = not there. They point into the payload's text. */
typedef struct r2_payload {
    r2_slice bucket;
    r2_slice scope;
    r2_slice actions;
    r2_slice paths;
    r2_slice prefix_paths; /* of the paths */
    r2_slice object_paths;
    r2_slice account_id;           /* sub */
    r2_slice parent_access_key_id; /* iss */
    r2_slice audience;             /* aud */
    r2_slice issued_at;            /* iat */
    r2_slice expires_at;           /* exp */
    r2_slice not_before;           /* nbf, which R2's tokens have not */
} r2_payload;

/* Takes a payload apart; false when it is no JSON object. */
bool r2_payload_read(r2_slice json, r2_payload *payload);

/* NULL, or what a session token must hold that this one does not, whoever signed it: what R2
 * refuses, and what no program of sense makes. The first is about what is open, the second about
 * when: it looks at `now` for a beginning, not for the end. */
const char *r2_payload_check_grant(const r2_payload *payload);
const char *r2_payload_check_times(const r2_payload *payload, int64_t now);

/* Whether it has ended; its times are good. */
bool r2_payload_has_expired(const r2_payload *payload, int64_t now);

#pragma GCC visibility pop
#endif
