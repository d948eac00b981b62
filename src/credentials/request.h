/* A request for one credential: read from a Lua table, checked, copied. Everything that could widen
 * a credential is refused here, before anything is signed or sent. */
#ifndef R2_REQUEST_H
#define R2_REQUEST_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../base/error.h"
#include "../base/fields.h"
#include "../base/text.h"
#include "config.h"

#pragma GCC visibility push(hidden)

/* Strings point into the Lua values on the stack, lists into the buffer. Empty = left out. */
typedef struct r2_request {
    r2_slice bucket;
    int bucket_index; /* where on the stack the bucket's name is */
    r2_slice permission;
    r2_slice actions;  /* JSON array; for object-write-only the actions that it stands for */
    r2_slice prefixes; /* JSON array */
    r2_slice objects;  /* JSON array */
    r2_slice parent_access_key_id; /* the request's own, or the configuration's */
    int64_t ttl_seconds;
    bool chose_actions; /* the request has actions, not a permission */
} r2_request;

extern const r2_names r2_request_names;

/* How a table is read. */
typedef struct r2_request_rules {
    const r2_names *ignored; /* fields that are somebody else's, or NULL */
    bool nfc;                /* paths that are not in Unicode's NFC are refused */
} r2_request_rules;

/* Reads the table at `table`; `lists` must be empty and takes the lists. The values stay on the
 * stack, above what was there, as long as the request is used. */
bool r2_request_read(lua_State *L, int table, const r2_request_rules *rules,
                     const r2_config *config, r2_buffer *lists, r2_request *request,
                     r2_error *error);

/* Refuses because the session token would be longer than the configuration allows. */
bool r2_request_refuse_length(const r2_request *request, const r2_config *config, r2_error *error);

#pragma GCC visibility pop
#endif
