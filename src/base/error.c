/* The one place where errors are made. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ascii.h"

#define AS_NAME(kind, name) [kind] = (name),
static const char *const kind_names[R2_KIND_COUNT] = {R2_KINDS(AS_NAME)};

static void add(r2_error *error, const char *format, va_list arguments) {
    size_t used = strlen(error->reason);
    (void)vsnprintf(error->reason + used, sizeof error->reason - used, format, arguments);
}

void r2_error_add(r2_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add(error, format, arguments);
    va_end(arguments);
}

static void blame(r2_error *error, r2_kind kind, const char *field, size_t item) {
    *error = (r2_error){.kind = kind, .item = item};
    if (field != NULL) {
        (void)snprintf(error->field, sizeof error->field, "%s", field);
    }
}

bool r2_refuse(r2_error *error, r2_kind kind, const char *field, size_t item, const char *format,
               ...) {
    blame(error, kind, field, item);
    va_list arguments;
    va_start(arguments, format);
    add(error, format, arguments);
    va_end(arguments);
    return false;
}

bool r2_refuse_named(r2_error *error, r2_kind kind, const char *field, r2_slice name,
                     const char *reason) {
    blame(error, kind, field, 0);
    r2_slice shown = r2_may_be_shown(name, false) ? name : R2_SLICE("...");
    memcpy(error->name, shown.data, shown.length);
    r2_error_add(error, "%s", reason);
    return false;
}

bool r2_may_be_shown(r2_slice name, bool is_field) {
    if (name.length == 0 || name.length > R2_FIELD_MAX || (is_field && r2_is_digit(*name.data))) {
        return false;
    }
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        if (!r2_is_alphanumeric(c) && c != '_' && (is_field || c != '-')) {
            return false;
        }
    }
    return true;
}

static void push_message(lua_State *L, const r2_error *error) {
    if (error->field[0] == '\0') {
        lua_pushstring(L, error->reason);
    } else if (error->item != 0) {
        lua_pushfstring(L, "%s[%d] %s", error->field, (int)error->item, error->reason);
    } else if (error->name[0] != '\0') {
        lua_pushfstring(L, "%s[%s] %s", error->field, error->name, error->reason);
    } else {
        lua_pushfstring(L, "%s %s", error->field, error->reason);
    }
}

static void set_item(lua_State *L, const r2_error *error) {
    if (error->item != 0) {
        lua_pushinteger(L, (lua_Integer)error->item);
    } else if (error->name[0] != '\0') {
        lua_pushstring(L, error->name);
    } else {
        return;
    }
    lua_setfield(L, -2, "item");
}

int r2_error_push(lua_State *L, const r2_error *error) {
    lua_pushnil(L);
    push_message(L, error);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, kind_names[error->kind]);
    lua_setfield(L, -2, "kind");
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "message");
    if (error->field[0] == '\0') {
        lua_pushvalue(L, -2);
    } else {
        lua_pushstring(L, error->field);
        lua_setfield(L, -2, "field");
        set_item(L, error);
        lua_pushstring(L, error->reason);
    }
    lua_setfield(L, -2, "reason");
    return 3;
}

void r2_push_kinds(lua_State *L) {
    lua_createtable(L, 0, R2_KIND_COUNT);
    for (int kind = R2_NO_ERROR + 1; kind < R2_KIND_COUNT; kind++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, kind_names[kind]);
    }
}
