/* A recursive descent that keeps nothing: each function goes over what it is named after, and is
 * false where that is not there. */
#include "json_valid.h"

#include <stddef.h>

#include "ascii.h"

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

static bool take(cursor *c, char wanted) {
    if (c->at == c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static void skip_blanks(cursor *c) {
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t')) {
        c->at++;
    }
}

/* A character with the blanks around it. */
static bool take_mark(cursor *c, char wanted) {
    skip_blanks(c);
    bool taken = take(c, wanted);
    skip_blanks(c);
    return taken;
}

static bool take_literal(cursor *c, r2_slice literal) {
    if (!r2_begins_with((r2_slice){c->at, (size_t)(c->end - c->at)}, literal)) {
        return false;
    }
    c->at += literal.length;
    return true;
}

static bool take_digits(cursor *c) {
    const char *start = c->at;
    while (c->at < c->end && r2_is_digit(*c->at)) {
        c->at++;
    }
    return c->at > start;
}

static bool take_number(cursor *c) {
    (void)take(c, '-');
    bool good = take(c, '0') || take_digits(c);
    if (good && take(c, '.')) {
        good = take_digits(c);
    }
    if (good && (take(c, 'e') || take(c, 'E'))) {
        (void)(take(c, '+') || take(c, '-'));
        good = take_digits(c);
    }
    return good;
}

/* What stands behind a backslash. */
static bool take_escape(cursor *c) {
    static const char short_ones[] = "\"\\/bfnrt";
    if (c->at == c->end) {
        return false;
    }
    char kind = *c->at++;
    if (kind != 'u') {
        return memchr(short_ones, kind, sizeof short_ones - 1) != NULL;
    }
    for (int i = 0; i < 4; i++, c->at++) {
        if (c->at == c->end || r2_hex_value(*c->at) > 15) {
            return false;
        }
    }
    return true;
}

static bool take_string(cursor *c) {
    if (!take(c, '"')) {
        return false;
    }
    for (;;) {
        c->at += r2_unquoted_length((r2_slice){c->at, (size_t)(c->end - c->at)});
        if (!take(c, '\\')) {
            return take(c, '"');
        }
        if (!take_escape(c)) {
            return false;
        }
    }
}

static bool take_value(cursor *c, int levels);

static bool take_container(cursor *c, char closing, int levels) {
    c->at++;
    if (take_mark(c, closing)) {
        return true;
    }
    do {
        if ((closing == '}' && !(take_string(c) && take_mark(c, ':'))) || !take_value(c, levels)) {
            return false;
        }
    } while (take_mark(c, ','));
    return take(c, closing);
}

/* `levels` is how many containers may be open within this value, itself among them. */
static bool take_value(cursor *c, int levels) {
    switch (c->at < c->end ? *c->at : '\0') {
    case '"':
        return take_string(c);
    case '{':
        return levels > 0 && take_container(c, '}', levels - 1);
    case '[':
        return levels > 0 && take_container(c, ']', levels - 1);
    case 't':
        return take_literal(c, R2_SLICE("true"));
    case 'f':
        return take_literal(c, R2_SLICE("false"));
    case 'n':
        return take_literal(c, R2_SLICE("null"));
    default:
        return take_number(c);
    }
}

bool r2_json_is_valid(r2_slice text) {
    if (text.length == 0) {
        return false;
    }
    cursor c = {text.data, text.data + text.length};
    skip_blanks(&c);
    bool good = take_value(&c, R2_JSON_DEPTH);
    skip_blanks(&c);
    return good && c.at == c.end;
}
