/* Userdata that a call borrows, so that it allocates nothing, and that must not be borrowed twice: a
 * finalizer that runs while a call pushes its result may call the same function. It finds what is
 * lent busy and gets one of its own, which replaces the other. A call that ended by a raise leaves
 * its own busy, and the next call replaces it too. */
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

/* Pushes the thing in the slot of the table at `holder`, or a new one in its place. */
void *r2_borrow(lua_State *L, int holder, int slot, const r2_lender *lender);

/* The end of a call. While a state closes, a finalizer may also borrow what was finalized before:
 * nobody frees that a second time, so it is freed now. */
void r2_give_back(void *thing, const r2_lender *lender);

/* What __gc does with the thing at stack index 1. */
int r2_collect_loan(lua_State *L, const r2_lender *lender);

#pragma GCC visibility pop
#endif
