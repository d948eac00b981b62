/* One lua-cjson instance of our own, so that nobody else's settings change what is accepted; and a
 * reader for what Cloudflare answers nearly always, which needs none. */
#include "json.h"

#include <string.h>

#include "lua_compat.h"

enum { MAX_DEPTH = 32 }; /* R2's claims have 3 levels, Cloudflare's envelopes 5 */

static const char registry_key[] = "r2.json.decode";

static void push_decode(lua_State *L) {
    lua_getfield(L, LUA_REGISTRYINDEX, registry_key);
    if (!lua_isnil(L, -1)) {
        return;
    }
    lua_pop(L, 1);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "new");
    lua_call(L, 0, 1);
    lua_getfield(L, -1, "decode_max_depth");
    lua_pushinteger(L, MAX_DEPTH);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode_invalid_numbers"); /* NaN, Infinity, hexadecimal */
    lua_pushboolean(L, 0);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, registry_key);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

bool r2_json_decode(lua_State *L, r2_slice text) {
    if (text.length > 0 && memchr(text.data, '\0', text.length) != NULL) {
        return false; /* lua-cjson would stop there and take what is before it */
    }
    luaL_checkstack(L, LUA_MINSTACK, "decoding JSON");
    push_decode(L);
    lua_pushlstring(L, text.data, text.length);
    int status = lua_pcall(L, 1, 1, 0);
    if (status != 0 && status != LUA_ERRRUN) { /* out of memory, say: not the text's fault */
        lua_error(L);
    }
    if (status != 0) {
        lua_pop(L, 1);
        return false;
    }
    return true;
}

/* ---- plain JSON ---- */

enum { PLAIN_DEPTH = 8, PLAIN_DIGITS = 15 };

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

static void skip_blanks(cursor *c) {
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t')) {
        c->at++;
    }
}

/* Goes over the character, and the blanks around it, when it is there. */
static bool take(cursor *c, char wanted) {
    skip_blanks(c);
    if (c->at == c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    skip_blanks(c);
    return true;
}

/* Without escapes the next quote is its end. */
static bool skip_string(cursor *c) {
    const char *end = NULL;
    if (c->at < c->end && *c->at == '"') {
        end = memchr(c->at + 1, '"', (size_t)(c->end - c->at - 1));
    }
    if (end == NULL) {
        return false;
    }
    c->at = end + 1;
    return true;
}

static bool skip_integer(cursor *c) {
    if (c->at < c->end && *c->at == '-') {
        c->at++;
    }
    const char *start = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        c->at++;
    }
    size_t digits = (size_t)(c->at - start);
    return digits == 1 || (digits > 1 && digits <= PLAIN_DIGITS && *start != '0');
}

static bool skip_literal(cursor *c) {
    static const r2_slice literals[] = {R2_SLICE_OF("true"), R2_SLICE_OF("false"),
                                        R2_SLICE_OF("null")};
    r2_slice rest = {c->at, (size_t)(c->end - c->at)};
    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        if (r2_begins_with(rest, literals[i])) {
            c->at += literals[i].length;
            return true;
        }
    }
    return skip_integer(c);
}

static bool skip_value(cursor *c, int depth);

/* Goes over the name of a member and its colon. */
static bool take_name(cursor *c, r2_slice *name) {
    const char *start = c->at;
    if (!skip_string(c)) {
        return false;
    }
    *name = (r2_slice){start + 1, (size_t)(c->at - start - 2)};
    return take(c, ':');
}

static bool skip_container(cursor *c, char closing, int depth) {
    r2_slice name;
    c->at++;
    if (take(c, closing)) {
        return true;
    }
    do {
        if ((closing == '}' && !take_name(c, &name)) || !skip_value(c, depth)) {
            return false;
        }
    } while (take(c, ','));
    return take(c, closing);
}

static bool skip_value(cursor *c, int depth) {
    if (depth == 0 || c->at == c->end) {
        return false;
    }
    switch (*c->at) {
    case '"':
        return skip_string(c);
    case '{':
        return skip_container(c, '}', depth - 1);
    case '[':
        return skip_container(c, ']', depth - 1);
    default:
        return skip_literal(c);
    }
}

/* Notes the value when its name is wanted. The last one of a name counts, as with lua-cjson. */
static void note(const r2_slice *names, size_t count, r2_slice *values, r2_slice name,
                 r2_slice value) {
    for (size_t i = 0; i < count; i++) {
        if (r2_slice_is(names[i], name)) {
            values[i] = value;
        }
    }
}

bool r2_json_find(r2_slice text, const r2_slice *names, size_t count, r2_slice *values) {
    cursor c = {text.data, text.data + text.length};
    for (size_t i = 0; i < count; i++) {
        values[i] = (r2_slice){0};
    }
    if (text.length == 0 || memchr(text.data, '\\', text.length) != NULL ||
        memchr(text.data, '\0', text.length) != NULL || !take(&c, '{')) {
        return false;
    }
    bool more = !take(&c, '}');
    if (!more) {
        return c.at == c.end;
    }
    while (more) {
        r2_slice name;
        if (!take_name(&c, &name)) {
            return false;
        }
        const char *start = c.at;
        if (!skip_value(&c, PLAIN_DEPTH)) {
            return false;
        }
        note(names, count, values, name, (r2_slice){start, (size_t)(c.at - start)});
        more = take(&c, ',');
    }
    return take(&c, '}') && c.at == c.end;
}
