/* Lua states for operations, made by the thousand: what they require is compiled once. */
#ifndef SPEC_STATES_H
#define SPEC_STATES_H

#include <lua.h>

/* Slots of the stack: where an attempt keeps its things. */
enum { SPEC = 1, OPERATION, FIRST_ARGUMENT };

/* Starts the state that is kept, and the server that exchanges talk to; afterwards the userdata of
 * the library and what is secret of the operations are known. */
void begin(void);
void end(void);

/* Operations are those that this Lua module returns. */
void use_operations(const char *module);

/* A state over the allocators that can refuse, with the operations in slot SPEC. */
lua_State *new_state(void);

#endif
