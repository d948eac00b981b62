/* A request to Cloudflare's Temporary Credentials API, without the network
 * (developers.cloudflare.com/api/resources/r2/subresources/temporary_credentials/methods/create/). */
#ifndef R2_API_REQUEST_H
#define R2_API_REQUEST_H

#include <lua.h>

#include "../base/buffer.h"
#include "config.h"
#include "request.h"

#pragma GCC visibility push(hidden)

/* Pushes { method, url, headers, body }. `work` is scratch; everything in it is secret. */
void r2_api_push_request(lua_State *L, const r2_config *config, const r2_request *request,
                         r2_buffer *work);

#pragma GCC visibility pop
#endif
