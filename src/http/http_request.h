/* What a program hands in: the options of an http object, and requests. */
#ifndef R2_HTTP_REQUEST_H
#define R2_HTTP_REQUEST_H

#include <lua.h>
#include <stdbool.h>

#include "../base/error.h"
#include "state.h"

#pragma GCC visibility push(hidden)

enum { R2_HTTP_SECONDS_MAX = 7 * 86400, R2_HTTP_OPTIONS = 5, R2_HTTP_FIELDS = 12 };

/* Both push the table's fields, in the order of these enums, and read them. Not all of an option is
 * in the http object, nor all of a field in the job: the rest is for the caller. */
enum { R2_OPTION_CA_FILE };
bool r2_http_read_options(lua_State *L, int table, r2_http *h, r2_error *error);
enum {
    R2_FIELD_METHOD,
    R2_FIELD_URL,
    R2_FIELD_HEADERS,
    R2_FIELD_BODY,
    R2_FIELD_OUTPUT,
    R2_FIELD_PROGRESS
};
bool r2_http_read_request(lua_State *L, int table, const r2_http *h, r2_job *job, r2_error *error);

#pragma GCC visibility pop
#endif
