/* Session tokens read back: what one says, and whether a client's own parent key said it. */
#ifndef R2_SESSION_TOKEN_H
#define R2_SESSION_TOKEN_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../base/error.h"
#include "config.h"

#pragma GCC visibility push(hidden)

/* Both push the claims of the token at stack index `token` and return true, or note an error; what
 * they have pushed by then is unspecified. `work` is scratch; work->failed must be looked at. */
bool r2_session_token_inspect(lua_State *L, int token, r2_buffer *work, r2_error *error);
bool r2_session_token_verify(lua_State *L, int token, const r2_config *config, int64_t now,
                             r2_buffer *work, r2_error *error);

#pragma GCC visibility pop
#endif
