/* What comes of an exchange, as tables. */
#ifndef R2_HTTP_RESULT_H
#define R2_HTTP_RESULT_H

#include <lua.h>
#include <stdbool.h>

#include "../base/error.h"
#include "transfer.h"

#pragma GCC visibility push(hidden)

/* Pushes the table of an answer, whose headers are put into lower case where they are. */
void r2_http_push_response(lua_State *L, r2_transfer *transfer, bool consumes);

/* Pushes the table of an error; the exchange's table is at `table`. */
void r2_http_push_failure(lua_State *L, int table, r2_kind kind, const char *text, bool retryable);

#pragma GCC visibility pop
#endif
