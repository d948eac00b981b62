/* An answer of Cloudflare's Temporary Credentials API as a credential or an error:
 * developers.cloudflare.com/api/resources/r2/subresources/temporary_credentials/methods/create/ */
#ifndef R2_API_ANSWER_H
#define R2_API_ANSWER_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../base/text.h"
#include "request.h"

#pragma GCC visibility push(hidden)

typedef struct r2_answer {
    int64_t status;
    int headers; /* stack index of a table, or 0 */
    r2_slice body;
    int64_t started_at; /* before the request went out: a credential's life is counted from here */
    int endpoint;       /* stack index of the endpoint's string */
    size_t max_token_bytes;
    r2_slice account_id;
    r2_slice api_token; /* what no error may show; lives outside the client */
} r2_answer;

/* Pushes a credentials table, or nil, message, err; returns how many values. */
int r2_api_push_answer(lua_State *L, const r2_answer *answer, const r2_request *request,
                       r2_buffer *work);

/* Whether a status is of those that Cloudflare's own SDKs send a request again after: what a
 * gateway or its edge answers for a while. */
bool r2_is_passing(int64_t status);

#pragma GCC visibility pop
#endif
