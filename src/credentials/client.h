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

#pragma GCC visibility push(hidden)

typedef struct r2_client {
    bool open;
    r2_config config;
} r2_client;

/* Buffers that calls reuse. */
typedef struct r2_scratch {
    r2_loan loan;    /* first */
    r2_buffer lists; /* the request's lists as JSON */
    r2_buffer work;  /* claims, tokens, headers: secret */
    /* What no error may show. A copy: a finalizer may close the client while an answer is read. */
    char api_token[R2_API_TOKEN_MAX];
} r2_scratch;

/* What one call works with. */
typedef struct r2_operation {
    r2_client *client;
    r2_scratch *scratch;
    int key_id; /* stack indices of strings that every credential has */
    int endpoint;
} r2_operation;

/* Every function of the module has the clients' metatable as its first upvalue: comparing with it
 * is faster than looking it up by name. */
enum { R2_CLIENT_METATABLE = 1 };

/* Makes the metatable of scratches; called once, before anything else here. */
void r2_client_open(lua_State *L);

/* The client that a method was called on; raises when argument 1 is none. */
r2_client *r2_client_check(lua_State *L);

/* Pushes a client made of the table at `table`, for many calls or for one; pushes nothing and returns
 * NULL on an error. */
r2_client *r2_client_push(lua_State *L, int table, const r2_names *ignored, bool lasting,
                          r2_error *error);

/* Wipes the keys. */
void r2_client_close(r2_client *client);

/* Begins a call on the client at stack index 1; raises when it is closed. Pushes a few values.
 * That the client is open is tested after the last step that could run a finalizer, so what follows
 * may rely on its keys until the next push. */
r2_operation r2_client_begin(lua_State *L, r2_client *client);

/* Pushes a scratch; one that belongs to no client is for one call, and does not last. */
r2_scratch *r2_scratch_push(lua_State *L, bool lasting);

/* Wipes the buffers: the end of a call. */
void r2_scratch_release(r2_scratch *scratch);

/* Raises when one of the buffers could not grow. */
void r2_scratch_check(lua_State *L, const r2_scratch *scratch);

#pragma GCC visibility pop
#endif
