/* The two halves of an exchange with Cloudflare's Temporary Credentials API, without the network
 * between them: a request as bytes, an answer as a credential or an error
 * (developers.cloudflare.com/api/resources/r2/subresources/temporary_credentials/methods/create/). */
#ifndef R2_EXCHANGE_H
#define R2_EXCHANGE_H

#include <lua.h>
#include <stdint.h>

#include "config.h"
#include "request.h"
#include "text.h"

#pragma GCC visibility push(hidden)

/* Pushes { method, url, headers, body }. `work` is scratch; everything in it is secret. */
void r2_exchange_push_request(lua_State *L, const r2_config *config, const r2_request *request,
                              r2_buffer *work);

typedef struct r2_answer {
    int64_t status;
    int headers; /* stack index of a table, or 0 */
    r2_slice body;
    int64_t expires_at; /* when a credential asked for then ends, counted from before the request */
    int endpoint;       /* stack index of the endpoint's string */
    size_t max_token_bytes;
    r2_slice api_token; /* what no error may show; lives outside the client */
} r2_answer;

/* Pushes a credentials table, or nil, message, err; returns how many values. */
int r2_exchange_push_result(lua_State *L, const r2_answer *answer, const r2_request *request,
                            r2_buffer *work);

#pragma GCC visibility pop
#endif
