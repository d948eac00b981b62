/* Reading tables raw. lua_next, lua_rawgeti and the type tests allocate nothing and call no
 * metamethod; lua_tolstring does not convert, as it is called on strings only. */
#include "fields.h"

#include <string.h>

#include "json_write.h"

static int find(const r2_names *known, r2_slice name) {
    for (int i = 0; i < known->count; i++) {
        if (r2_slice_is(known->names[i], name)) {
            return i;
        }
    }
    return -1;
}

static void add_names(r2_error *error, const r2_names *names, const r2_names *but) {
    for (int i = 0; i < names->count; i++) {
        if (but == NULL || find(but, names->names[i]) < 0) {
            r2_error_add(error, i == 0 && but == NULL ? "%s" : ", %s", names->names[i].data);
        }
    }
}

static bool refuse_unknown(const r2_names *known, const r2_names *ignored, r2_slice name,
                           r2_error *error) {
    char field[R2_FIELD_MAX + 1] = {0};
    if (r2_may_be_shown(name, true)) {
        memcpy(field, name.data, name.length);
        (void)r2_refuse(error, known->kind, field, 0, "is not a known field; known are: ");
    } else {
        (void)r2_refuse(error, known->kind, NULL, 0,
                        "the %s has a field that is not known; known are: ", known->what);
    }
    add_names(error, known, NULL);
    if (ignored != NULL) {
        add_names(error, ignored, known);
    }
    return false;
}

bool r2_get_string(lua_State *L, int index, r2_slice *out) {
    if (lua_type(L, index) != LUA_TSTRING) {
        return false;
    }
    out->data = lua_tolstring(L, index, &out->length);
    return true;
}

bool r2_get_whole(lua_State *L, int index, int64_t low, int64_t high, int64_t *out) {
    if (lua_type(L, index) != LUA_TNUMBER) {
        return false;
    }
    /* The bounds that callers give are far below 2^53, so a double holds all that may pass;
     * written so that NaN fails. */
    double number = (double)lua_tonumber(L, index);
    if (!(number >= (double)low && number <= (double)high)) {
        return false;
    }
    *out = (int64_t)number;
    return (double)*out == number;
}

/* The field of a metatable that makes a raw read miss something; NULL when there is none. */
static const char *find_hook(lua_State *L, int table) {
    static const r2_slice hooks[] = {R2_SLICE_OF("__index"), R2_SLICE_OF("__len"),
                                     R2_SLICE_OF("__pairs")};
    static const r2_names known = {.names = hooks, .count = 3};
    const char *found = NULL;
    if (!lua_getmetatable(L, table)) {
        return NULL;
    }
    int metatable = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, metatable)) {
        r2_slice key;
        int hook = r2_get_string(L, -2, &key) ? find(&known, key) : -1;
        found = hook >= 0 ? hooks[hook].data : found;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return found;
}

bool r2_check_plain(lua_State *L, int table, r2_kind kind, const char *field, r2_error *error) {
    const char *hook = find_hook(L, table);
    return hook == NULL ||
           r2_refuse(error, kind, field, 0, "must be a plain table: its metatable has %s", hook);
}

bool r2_spread(lua_State *L, int table, const r2_names *known, const r2_names *ignored,
               r2_error *error) {
    const char *hook = find_hook(L, table);
    if (hook != NULL) {
        return r2_refuse(error, known->kind, NULL, 0,
                         "the %s must be a plain table: its metatable has %s", known->what, hook);
    }
    int base = lua_gettop(L) + 1;
    lua_settop(L, lua_gettop(L) + known->count);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        r2_slice key = {0}; /* stays empty, so unknown, when it is no string */
        (void)r2_get_string(L, -2, &key);
        int field = find(known, key);
        if (field >= 0) {
            lua_replace(L, base + field);
        } else if (ignored != NULL && find(ignored, key) >= 0) {
            lua_pop(L, 1);
        } else {
            return refuse_unknown(known, ignored, key, error);
        }
    }
    return true;
}

bool r2_field_is_set(const r2_reader *r, int field) {
    return !lua_isnil(r->L, r->base + field);
}

bool r2_field_string(const r2_reader *r, int field, r2_slice *out) {
    return r2_get_string(r->L, r->base + field, out);
}

bool r2_field_refuse(const r2_reader *r, int field, const char *reason) {
    return r2_refuse(r->error, r->names->kind, r->names->names[field].data, 0, "%s", reason);
}

bool r2_field_require(const r2_reader *r, int field, const char *must_be) {
    return r2_refuse(r->error, r->names->kind, r->names->names[field].data, 0, "%s%s",
                     r2_field_is_set(r, field) ? "" : "is required and ", must_be);
}

static size_t count_entries(lua_State *L, int table) {
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        count++;
        lua_pop(L, 1);
    }
    return count;
}

/* Appends the item on top of the stack, the count-th of its list. */
static bool add_item(lua_State *L, const char *field, size_t count, r2_check_item *check,
                     r2_buffer *out, r2_error *error) {
    r2_slice item;
    if (!r2_get_string(L, -1, &item)) {
        return r2_refuse(error, R2_INVALID_REQUEST, field, count, "must be a string");
    }
    const char *wrong = check(item);
    if (wrong != NULL) {
        return r2_refuse(error, R2_INVALID_REQUEST, field, count, "%s", wrong);
    }
    r2_buffer_append(out, ",", count > 1 ? 1 : 0);
    r2_buffer_add_json_string(out, item);
    return true;
}

bool r2_add_json_list(lua_State *L, int list, const char *field, r2_check_item *check,
                      r2_buffer *out, size_t limit, bool *too_long, r2_error *error) {
    if (lua_type(L, list) != LUA_TTABLE) {
        return r2_refuse(error, R2_INVALID_REQUEST, field, 0,
                         "must be a list of one or more strings");
    }
    if (!r2_check_plain(L, list, R2_INVALID_REQUEST, field, error)) {
        return false;
    }
    size_t count = 0;
    r2_buffer_add(out, R2_SLICE("["));
    for (;;) {
        lua_rawgeti(L, list, (int)count + 1);
        if (lua_isnil(L, -1)) {
            break;
        }
        count++;
        if (!add_item(L, field, count, check, out, error)) {
            return false;
        }
        lua_pop(L, 1);
        if (out->length > limit || out->failed) {
            *too_long = true;
            return false;
        }
    }
    lua_pop(L, 1);
    r2_buffer_add(out, R2_SLICE("]"));
    if (count_entries(L, list) != count) {
        return r2_refuse(error, R2_INVALID_REQUEST, field, 0,
                         "must be a list without holes or other keys");
    }
    return count > 0 || r2_refuse(error, R2_INVALID_REQUEST, field, 0,
                                  "must not be empty: list one or more strings");
}
