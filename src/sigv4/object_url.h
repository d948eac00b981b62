/* The URL of a bucket or an object, path style, out of Lua values: what sigv4.url takes. */
#ifndef R2_OBJECT_URL_H
#define R2_OBJECT_URL_H

#include <lua.h>
#include <stdbool.h>

#include "../base/buffer.h"
#include "../base/error.h"
#include "canonical.h"

#pragma GCC visibility push(hidden)

/* Stack indices of the arguments; key and query may be nil. */
enum { R2_URL_ENDPOINT = 1, R2_URL_BUCKET, R2_URL_KEY, R2_URL_QUERY };

/* Appends the URL to `out`; `parts` and `parameters` must be empty and take the query's parts.
 * Nothing that is read runs a finalizer. False with an error; buffers may have failed either
 * way. */
bool r2_object_url_write(lua_State *L, r2_parameters *parameters, r2_buffer *parts, r2_buffer *out,
                         r2_error *error);

#pragma GCC visibility pop
#endif
