/* The parts of a JSON text that was found valid (json_valid.h): items, members, the bytes of a
 * string, the value of a number. Nothing is copied, and nothing is looked for that cannot be there.
 * Knows no Lua and no locale. */
#ifndef R2_JSON_PARTS_H
#define R2_JSON_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

#pragma GCC visibility push(hidden)

/* The text of the value without the blanks around it. */
r2_slice r2_json_trim(r2_slice text);

/* Whether a trimmed value is an object, a list, a string: by its first character { [ or ". An empty
 * text is none. */
bool r2_json_begins(r2_slice value, char first);

/* What is between the first character of a trimmed list, object or string, and the last. */
r2_slice r2_json_inside(r2_slice value);

/* Goes on to the next value or bracket of a text, and over it when it is that bracket. */
bool r2_json_take(r2_slice *rest, char bracket);

/* Cut the next item off the inside of a list, the next member off the inside of an object: its
 * name, a string, and its value. False when there is none left. */
bool r2_json_next_item(r2_slice *inside, r2_slice *item);
bool r2_json_next_member(r2_slice *inside, r2_slice *name, r2_slice *value);

/* Finds members of a trimmed value: values[i] is that of the member names[i], or empty where there
 * is none, as in all that is no object. The last one of a name counts. */
void r2_json_find(r2_slice value, const r2_slice *names, size_t count, r2_slice *values);

/* The bytes of a trimmed string, one after the other. Half of a pair of UTF-16 that stands alone
 * becomes U+FFFD. */
typedef struct r2_json_string {
    r2_slice rest;
    char character[4]; /* of an escape */
    int at;
    int length;
} r2_json_string;
r2_json_string r2_json_string_of(r2_slice value);
/* From 0 to 255; -1 at the end. */
int r2_json_next_byte(r2_json_string *string);

/* Whether a trimmed value is a string of these bytes; or both are strings of the same. */
bool r2_json_is_string(r2_slice value, r2_slice bytes);
bool r2_json_same_string(r2_slice value, r2_slice other);

/* The value of a number. */
double r2_json_number(r2_slice value);

/* The same when that is whole, from 0 to `largest`, which is at most 2^53; -1 for all other
 * values. */
int64_t r2_json_whole(r2_slice value, int64_t largest);

#pragma GCC visibility pop
#endif
