/* Reading a Lua table that a stranger may have filled: raw, once, every field known.
 * Nothing here allocates Lua memory, so no finalizer can run in between and change what was
 * already checked; what must be pushed, an error for instance, is pushed by the caller at the
 * end. */
#ifndef R2_FIELDS_H
#define R2_FIELDS_H

#include <lua.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "text.h"

#pragma GCC visibility push(hidden)

/* A table's fields are listed once, as X(CONSTANT, "name") …, and become an enum and its names. */
#define R2_AS_FIELD(constant, name) constant,
#define R2_AS_FIELD_NAME(constant, name) R2_SLICE_OF(name),

/* The fields that a table may have. */
typedef struct r2_names {
    const char *what; /* "request", "configuration" */
    const r2_slice *names;
    int count;
    r2_kind kind; /* of an error about the table, or about one of its fields */
} r2_names;

/* Refuses the table in a field whose metatable would make a raw read miss something. */
bool r2_check_plain(lua_State *L, int table, r2_kind kind, const char *field, r2_error *error);

/* Pushes one value for each known name, in their order, nil for what is absent. A field that is
 * neither known nor, when given, in `ignored` is refused. The stack must have room for
 * known->count + 3 values; on failure what it has grown by is unspecified. */
bool r2_spread(lua_State *L, int table, const r2_names *known, const r2_names *ignored,
               r2_error *error);

/* Where a table's fields were spread to; `field` counts in names->names. */
typedef struct r2_reader {
    lua_State *L;
    int base; /* stack index of the first */
    const r2_names *names;
    r2_error *error;
} r2_reader;
bool r2_field_is_set(const r2_reader *reader, int field);
bool r2_field_string(const r2_reader *reader, int field, r2_slice *out);
/* Refuse the field. What a required one must be is told with or without "is required and". */
bool r2_field_refuse(const r2_reader *reader, int field, const char *reason);
bool r2_field_require(const r2_reader *reader, int field, const char *must_be);

/* A string, not a number that could become one. The bytes live as long as the value. */
bool r2_get_string(lua_State *L, int index, r2_slice *out);

/* A whole number from low to high, of whatever Lua type numbers have: 3600.0 is one. */
bool r2_get_whole(lua_State *L, int index, int64_t low, int64_t high, int64_t *out);

/* Appends a list as a JSON array of strings. It must be a plain table of one or more strings, 1 to
 * n without holes, each accepted by `check`, which returns NULL or what is wrong. Stops when `out`
 * has grown over `limit` bytes: *too_long is set then, and the error left alone. */
typedef const char *r2_check_item(r2_slice item);
bool r2_add_json_list(lua_State *L, int list, const char *field, r2_check_item *check,
                      r2_buffer *out, size_t limit, bool *too_long, r2_error *error);

#pragma GCC visibility pop
#endif
