/* Errors as data. What can come from data or from outside is never raised: it is noted in an
 * r2_error, without touching Lua, and handed out at the end as nil, message, err. */
#ifndef R2_ERROR_H
#define R2_ERROR_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef struct r2_error {
    const char *kind; /* set by whoever starts an operation: "invalid_request", … */
    char field[32];   /* empty = no field is to blame */
    char message[768];
} r2_error;

/* Notes "<field> <text>", or "<field>[<item>] <text>" where item is not 0; field may be NULL.
 * The text says what is allowed and never shows a value: any value may be a secret.
 * Returns false, for `return r2_refuse(…)`. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
bool r2_refuse(r2_error *error, const char *field, size_t item, const char *format, ...);

/* Adds to the message; what does not fit is cut. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void r2_error_add(r2_error *error, const char *format, ...);

/* Pushes nil, message and the table { kind, message, field }; returns 3. */
int r2_error_push(lua_State *L, const r2_error *error);

#pragma GCC visibility pop
#endif
