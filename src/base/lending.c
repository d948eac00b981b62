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
    }
    return loan;
}

static void give_back(r2_loan *loan, const r2_lender *lender) {
    bool kept = loan->lasting && !loan->collected;
    (kept ? lender->clear : lender->free)(loan);
    loan->busy = false;
}

int r2_call_with(lua_State *L, void *thing, const r2_lender *lender, int function_upvalue) {
    r2_loan *loan = thing;
    int arguments = lua_gettop(L);
    lua_pushvalue(L, -1); /* holds it until the end */
    lua_insert(L, 1);
    lua_pushvalue(L, function_upvalue);
    lua_insert(L, 2);
    loan->busy = true;
    int status = lua_pcall(L, arguments, LUA_MULTRET, 0);
    give_back(loan, lender);
    return status == 0 ? lua_gettop(L) - 1 : lua_error(L);
}

void r2_set_borrowing(lua_State *L, const r2_borrowing *functions, int upvalues) {
    int first = lua_gettop(L) - upvalues + 1;
    for (; functions->name != NULL; functions++) {
        for (int i = 0; i < upvalues; i++) {
            lua_pushvalue(L, first + i);
        }
        for (int i = 0; i < upvalues; i++) {
            lua_pushvalue(L, first + i);
        }
        lua_pushcclosure(L, functions->inner, upvalues);
        lua_pushcclosure(L, functions->function, upvalues + 1);
        lua_setfield(L, first - 1, functions->name);
    }
    lua_pop(L, upvalues);
}

int r2_collect_loan(lua_State *L, const r2_lender *lender) {
    r2_loan *loan = lua_touserdata(L, 1);
    loan->collected = true;
    if (!loan->busy) {
        lender->free(loan);
    }
    return 0;
}
