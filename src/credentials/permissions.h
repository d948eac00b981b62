/* What a credential may do: permissions, and the actions that stand for them or in their place. */
#ifndef R2_PERMISSIONS_H
#define R2_PERMISSIONS_H

#include <lua.h>
#include <stdbool.h>

#include "../base/buffer.h"
#include "../base/text.h"

#pragma GCC visibility push(hidden)

/* The permission of that name on the wire; empty when there is none. */
r2_slice r2_find_permission(r2_slice name);
bool r2_is_write_only(r2_slice permission);

/* "one of: object-read-only …", for an error. */
extern const char r2_known_permissions[];

/* NULL, or what an action's name must be that this is not. */
const char *r2_check_action(r2_slice action);

/* Whether a permission covers an action, as its name says: it reads, or it writes. */
bool r2_permission_covers(r2_slice permission, r2_slice action);

/* Appends the JSON array of the actions that object-write-only is signed as. */
void r2_add_write_only_actions(r2_buffer *out);

/* Push a fresh table: constant name -> permission; group name -> list of action names. */
void r2_push_permissions(lua_State *L);
void r2_push_actions(lua_State *L);

/* Pushes a fresh list of the actions that a scope covers; nil where R2 has no scope of that
 * name. */
void r2_push_scope(lua_State *L, r2_slice name);

#pragma GCC visibility pop
#endif
