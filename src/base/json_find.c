/* A reader for what Cloudflare answers nearly always, and what R2's tokens hold, which needs no Lua. */
#include "json_find.h"

#include <string.h>

#include "ascii.h"

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
    while (c->at < c->end && r2_is_digit(*c->at)) {
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
    for (size_t i = 0; i < count; i++) {
        values[i] = (r2_slice){0};
    }
    if (text.length == 0 || memchr(text.data, '\\', text.length) != NULL ||
        memchr(text.data, '\0', text.length) != NULL) {
        return false;
    }
    cursor c = {text.data, text.data + text.length};
    if (!take(&c, '{')) {
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
