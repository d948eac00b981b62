/* The one place where errors are made. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(r2_error *error, const char *format, va_list arguments) {
    size_t used = strlen(error->message);
    (void)vsnprintf(error->message + used, sizeof error->message - used, format, arguments);
}

void r2_error_add(r2_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add(error, format, arguments);
    va_end(arguments);
}

bool r2_refuse(r2_error *error, const char *field, size_t item, const char *format, ...) {
    error->field[0] = '\0';
    error->message[0] = '\0';
    if (field != NULL) {
        (void)snprintf(error->field, sizeof error->field, "%s", field);
        r2_error_add(error, item == 0 ? "%s " : "%s[%zu] ", field, item);
    }
    va_list arguments;
    va_start(arguments, format);
    add(error, format, arguments);
    va_end(arguments);
    return false;
}

int r2_error_push(lua_State *L, const r2_error *error) {
    lua_pushnil(L);
    lua_pushstring(L, error->message);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, error->kind);
    lua_setfield(L, -2, "kind");
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "message");
    if (error->field[0] != '\0') {
        lua_pushstring(L, error->field);
        lua_setfield(L, -2, "field");
    }
    return 3;
}
