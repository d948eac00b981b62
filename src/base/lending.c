/* Lending: one thing for each holder, unless it is busy. */
#include "lending.h"

#include <string.h>

#include "lua_compat.h"

void r2_lender_open(lua_State *L, const r2_lender *lender) {
    (void)luaL_newmetatable(L, lender->metatable);
    lua_pushcfunction(L, lender->gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

void *r2_lend_new(lua_State *L, const r2_lender *lender, bool lasting) {
    r2_loan *loan = lua_newuserdata(L, lender->size);
    memset(loan, 0, lender->size);
    loan->lasting = lasting;
    luaL_getmetatable(L, lender->metatable);
    lua_setmetatable(L, -2);
    return loan;
}

void *r2_borrow(lua_State *L, int holder, int slot, const r2_lender *lender) {
    lua_rawgeti(L, holder, slot);
    r2_loan *loan = lua_touserdata(L, -1);
    if (loan->busy) {
        lua_pop(L, 1);
        loan = r2_lend_new(L, lender, false);
        lua_pushvalue(L, -1);
        lua_rawseti(L, holder, slot);
    }
    loan->busy = true;
    return loan;
}

void r2_give_back(void *thing, const r2_lender *lender) {
    r2_loan *loan = thing;
    bool kept = loan->lasting && !loan->collected;
    (kept ? lender->clear : lender->free)(thing);
    loan->busy = false;
}

int r2_collect_loan(lua_State *L, const r2_lender *lender) {
    r2_loan *loan = lua_touserdata(L, 1);
    lender->free(loan);
    loan->collected = true;
    return 0;
}
