/* Userdata that a call borrows, so that it allocates nothing, and that must not be borrowed twice:
 * a finalizer that runs while a call pushes its result may call the same function. It finds what is
 * lent busy and gets one of its own. What borrows runs protected, so that it is given back however
 * the call ends; until then nobody frees it, not even a state that closes. */
#ifndef R2_LENDING_H
#define R2_LENDING_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* The first member of what is lent. All zero = new. */
typedef struct r2_loan {
    bool busy;
    bool collected;
    bool lasting; /* keeps memory from one call to the next */
} r2_loan;

/* A kind of thing to lend. */
typedef struct r2_lender {
    const char *metatable; /* its name in the registry */
    size_t size;
    void (*clear)(void *thing); /* wipes what a call left, and keeps the memory */
    void (*free)(void *thing);  /* wipes and frees all; to be called on all zero too */
    lua_CFunction gc;           /* calls r2_collect_loan with the lender */
} r2_lender;

/* Makes the metatable, even when it is there already: a first try may have ended for lack of
 * memory. */
void r2_lender_open(lua_State *L, const r2_lender *lender);

/* Pushes a new thing, zeroed: a lasting one, or one that is not, as a state that closes finalizes
 * nothing that is made meanwhile. */
void *r2_lend_new(lua_State *L, const r2_lender *lender, bool lasting);

/* Pushes the thing in the slot of the table at `holder`, or a new one for this call where that is
 * busy. */
void *r2_borrow(lua_State *L, int holder, int slot, const r2_lender *lender);

/* Calls the function in that upvalue with all that is on the stack, the borrowed thing on top, and
 * gives the thing back, wiped, or freed when it does not last or was finalized meanwhile. Returns
 * how many results there are, or raises what the function raised. */
int r2_call_with(lua_State *L, void *thing, const r2_lender *lender, int function_upvalue);

/* Sets functions that have `upvalues` values, which are on top of the stack, and behind them the
 * function that each calls with what it borrowed; pops the values. The table is below them. */
typedef struct r2_borrowing {
    const char *name;
    lua_CFunction function;
    lua_CFunction inner;
} r2_borrowing;
void r2_set_borrowing(lua_State *L, const r2_borrowing *functions, int upvalues);

/* What __gc does with the thing at stack index 1. */
int r2_collect_loan(lua_State *L, const r2_lender *lender);

#pragma GCC visibility pop
#endif
