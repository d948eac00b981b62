/* A credential as the Lua table that users get. */
#ifndef R2_CREDENTIALS_H
#define R2_CREDENTIALS_H

#include <lua.h>
#include <stdint.h>

#include "../base/text.h"

#pragma GCC visibility push(hidden)

/* Makes the metatable of credentials; called once, before anything else here. */
void r2_credentials_open(lua_State *L);

/* Pushes a table with the fields below, and the metatable whose __tostring shows no secret.
 * The four stack indices name strings, session_token and secret_access_key are bytes. */
typedef struct r2_credentials {
    int access_key_id;
    int bucket;
    int endpoint;
    r2_slice secret_access_key;
    r2_slice session_token;
    int64_t expires_at;
} r2_credentials;
void r2_credentials_push(lua_State *L, const r2_credentials *credentials);

#pragma GCC visibility pop
#endif
