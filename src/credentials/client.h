/* A client: a userdata with a configuration, and beside it, as its user value, a table with what is
 * made once: strings that every credential shares, and the buffers of the call in progress. */
#ifndef R2_CLIENT_H
#define R2_CLIENT_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../base/error.h"
#include "../base/fields.h"
#include "../base/lending.h"
#include "config.h"
#include "request.h"

#pragma GCC visibility push(hidden)

typedef struct r2_client {
    bool open;
    r2_config config;
} r2_client;

/* What one call works with. */
typedef struct r2_operation {
    r2_client *client; /* at stack index 1 */
    struct r2_scratch *scratch;
    r2_request_rules rules;
    int key_id; /* stack indices of strings that every credential has */
    int endpoint;
} r2_operation;

/* Buffers that calls reuse. */
typedef struct r2_scratch {
    r2_loan loan;    /* first */
    r2_buffer lists; /* the request's lists as JSON */
    r2_buffer work;  /* claims, tokens, headers: secret */
    r2_operation operation;
    /* What no error may show. A copy: a finalizer may close the client while an answer is read. */
    char api_token[R2_API_TOKEN_MAX];
    /* What an answer is held against; copies for the same reason. */
    char account_id[R2_ID_SIZE];
    char parent_access_key_id[R2_ID_SIZE];
} r2_scratch;

/* Every function of the module has the clients' metatable as its first upvalue: comparing with it
 * is faster than looking it up by name. One that borrows has the function that it calls so as its
 * second (lending.h). */
enum { R2_CLIENT_METATABLE = 1, R2_CLIENT_INNER };

/* Makes the metatable of scratches; called once, before anything else here. */
void r2_client_open(lua_State *L);

/* The client that a method was called on; raises when argument 1 is none. */
r2_client *r2_client_check(lua_State *L);

/* Pushes a client made of the table at `table`, for many calls or for one; pushes nothing and
 * returns NULL on an error. */
r2_client *r2_client_push(lua_State *L, int table, const r2_names *ignored, bool lasting,
                          r2_error *error);

/* Wipes the keys. */
void r2_client_close(r2_client *client);

/* Calls the inner function with the arguments, the client at stack index 1 among them, and with a
 * scratch. Raises when the client is closed. */
int r2_client_call(lua_State *L, r2_client *client, const r2_request_rules *rules);

/* In the inner function: what it works with. That the client is open was tested after the last step
 * that could run a finalizer, so what follows may rely on its keys until the next push. */
r2_operation r2_client_operation(lua_State *L);

/* The same for a function without a client: calls the inner function with a scratch of its own, and
 * there gets it. */
int r2_scratch_call(lua_State *L);
r2_scratch *r2_scratch_get(lua_State *L);

/* Raises when one of the buffers could not grow. */
void r2_scratch_check(lua_State *L, const r2_scratch *scratch);

#pragma GCC visibility pop
#endif
