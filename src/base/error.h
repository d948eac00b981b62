/* Errors as data. What can come from data or from outside is never raised: it is noted in an
 * r2_error, without touching Lua, and handed out at the end as nil, message, err. */
#ifndef R2_ERROR_H
#define R2_ERROR_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* Every kind of error, for C and Lua: programs branch on these names. To add one, add it here. */
#define R2_KINDS(X)                                                                                \
    X(R2_INVALID_REQUEST, "invalid_request")                                                       \
    X(R2_INVALID_CONFIG, "invalid_config")                                                         \
    X(R2_UNSUPPORTED, "unsupported")                                                               \
    X(R2_NETWORK, "network")                                                                       \
    X(R2_TLS, "tls")                                                                               \
    X(R2_TIMEOUT, "timeout")                                                                       \
    X(R2_RATE_LIMITED, "rate_limited")                                                             \
    X(R2_API, "api")                                                                               \
    X(R2_BAD_RESPONSE, "bad_response")                                                             \
    X(R2_INVALID_TOKEN, "invalid_token")                                                           \
    X(R2_EXPIRED, "expired")                                                                       \
    X(R2_CANCELLED, "cancelled")                                                                   \
    X(R2_FILE, "file") /* one on this machine */

#define R2_AS_KIND(kind, name) kind,
typedef enum r2_kind { R2_NO_ERROR, R2_KINDS(R2_AS_KIND) R2_KIND_COUNT } r2_kind;
#undef R2_AS_KIND

enum { R2_FIELD_MAX = 31 /* bytes of a field's name, and of an item's */ };

typedef struct r2_error {
    r2_kind kind;
    char field[R2_FIELD_MAX + 1]; /* empty = no field is to blame */
    size_t item;                  /* which of a list, 0 = the whole; or … */
    char name[R2_FIELD_MAX + 1];  /* … which of a table; empty = the whole */
    char reason[768];
} r2_error;

/* Notes that a field, or an item of it where that is not 0, is wrong; field may be NULL. The reason
 * is worded to follow the field's name. It says what is allowed and never shows a value: any value
 * may be a secret. Returns false, for `return ok || r2_refuse(…)`. */
#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
bool r2_refuse(r2_error *error, r2_kind kind, const char *field, size_t item, const char *format,
               ...);

/* The same for the item of that name of a table; "..." stands for a name that may not be shown. */
bool r2_refuse_named(r2_error *error, r2_kind kind, const char *field, r2_slice name,
                     const char *reason);

/* Adds to the reason; what does not fit is cut. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void r2_error_add(r2_error *error, const char *format, ...);

/* Whether a name may stand in an error: short enough to be no secret, of letters, digits,
 * underscores and, unless it is to be a field's, hyphens. */
bool r2_may_be_shown(r2_slice name, bool is_field);

/* Pushes nil, message and the table { kind, message, field, item, reason }; returns 3. */
int r2_error_push(lua_State *L, const r2_error *error);

/* Pushes a fresh table: name of a kind -> true. */
void r2_push_kinds(lua_State *L);

#pragma GCC visibility pop
#endif
