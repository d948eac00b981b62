/* Lua functions, called from libcurl's callbacks. */
#ifndef R2_HTTP_HOOKS_H
#define R2_HTTP_HOOKS_H

#include <lua.h>
#include <stdint.h>

#include "../base/text.h"
#include "transfer.h"

#pragma GCC visibility push(hidden)

/* What libcurl's callbacks call; the owner is a job. */
r2_verdict r2_http_consume(void *owner, r2_slice piece);
r2_verdict r2_http_produce(void *owner, char *out, size_t room, size_t *length);
r2_verdict r2_http_progress(void *owner, int64_t sent, int64_t to_send, int64_t received,
                            int64_t to_receive);

/* To be on the stack at http->guard while libcurl runs. */
int r2_http_guard(lua_State *L);

#pragma GCC visibility pop
#endif
