/* Every text here is valid, so each loop ends at a character that is known to come; the bounds are
 * looked at all the same. */
#include "json_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "ascii.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static r2_slice cut(r2_slice text, size_t length) {
    return (r2_slice){text.data + length, text.length - length};
}

/* ---- values ---- */

r2_slice r2_json_trim(r2_slice text) {
    while (text.length > 0 && is_blank(text.data[0])) {
        text = cut(text, 1);
    }
    while (text.length > 0 && is_blank(text.data[text.length - 1])) {
        text.length--;
    }
    return text;
}

bool r2_json_begins(r2_slice value, char first) {
    return value.length > 0 && value.data[0] == first;
}

r2_slice r2_json_inside(r2_slice value) {
    return value.length < 2 ? (r2_slice){value.data, 0}
                            : (r2_slice){value.data + 1, value.length - 2};
}

static size_t string_length(r2_slice text) {
    size_t at = 1;
    at += r2_unquoted_length(cut(text, at));
    while (at + 1 < text.length && text.data[at] == '\\') {
        at += 2;
        at += r2_unquoted_length(cut(text, at));
    }
    return at < text.length ? at + 1 : text.length;
}

/* Of a number or a literal: up to what may stand behind one. */
static size_t word_length(r2_slice text) {
    size_t at = 1;
    while (at < text.length && !is_blank(text.data[at]) && text.data[at] != ',' &&
           text.data[at] != ']' && text.data[at] != '}') {
        at++;
    }
    return at;
}

static size_t container_length(r2_slice text) {
    size_t open = 0;
    size_t at = 0;
    do {
        char c = text.data[at];
        open += c == '{' || c == '[';
        open -= c == '}' || c == ']';
        at += c == '"' ? string_length(cut(text, at)) : 1;
    } while (open > 0 && at < text.length);
    return at;
}

static size_t value_length(r2_slice text) {
    switch (text.data[0]) {
    case '"':
        return string_length(text);
    case '{':
    case '[':
        return container_length(text);
    default:
        return word_length(text);
    }
}

/* Cuts off the blanks, commas and colons before a value. */
static void skip_marks(r2_slice *inside) {
    while (inside->length > 0 &&
           (is_blank(inside->data[0]) || inside->data[0] == ',' || inside->data[0] == ':')) {
        *inside = cut(*inside, 1);
    }
}

bool r2_json_take(r2_slice *rest, char bracket) {
    skip_marks(rest);
    bool there = r2_json_begins(*rest, bracket);
    *rest = there ? cut(*rest, 1) : *rest;
    return there;
}

static bool next_value(r2_slice *inside, r2_slice *value) {
    skip_marks(inside);
    if (inside->length == 0) {
        return false;
    }
    *value = (r2_slice){inside->data, value_length(*inside)};
    *inside = cut(*inside, value->length);
    return true;
}

bool r2_json_next_item(r2_slice *inside, r2_slice *item) {
    return next_value(inside, item);
}

bool r2_json_next_member(r2_slice *inside, r2_slice *name, r2_slice *value) {
    return next_value(inside, name) && next_value(inside, value);
}

void r2_json_find(r2_slice value, const r2_slice *names, size_t count, r2_slice *values) {
    for (size_t i = 0; i < count; i++) {
        values[i] = (r2_slice){0};
    }
    r2_slice inside = r2_json_begins(value, '{') ? r2_json_inside(value) : (r2_slice){0};
    r2_slice name;
    r2_slice member;
    while (r2_json_next_member(&inside, &name, &member)) {
        bool plain = memchr(name.data, '\\', name.length) == NULL;
        for (size_t i = 0; i < count; i++) {
            if (plain ? r2_slice_is(r2_json_inside(name), names[i])
                      : r2_json_is_string(name, names[i])) {
                values[i] = member;
            }
        }
    }
}

/* ---- strings ---- */

r2_json_string r2_json_string_of(r2_slice value) {
    return (r2_json_string){.rest = r2_json_inside(value)};
}

static uint32_t hex_unit(const char *digits) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        unit = unit << 4 | r2_hex_value(digits[i]);
    }
    return unit;
}

/* Cuts \uxxxx off the front, or two of them that are one character's pair. */
static uint32_t take_code(r2_slice *rest) {
    enum { ESCAPE = 6, NO_CHARACTER = 0xFFFD };
    if (rest->length < ESCAPE) {
        *rest = (r2_slice){0};
        return NO_CHARACTER;
    }
    uint32_t first = hex_unit(rest->data + 2);
    *rest = cut(*rest, ESCAPE);
    if (first < 0xD800 || first > 0xDFFF) {
        return first;
    }
    bool high = first < 0xDC00;
    if (high && rest->length >= ESCAPE && rest->data[0] == '\\' && rest->data[1] == 'u') {
        uint32_t second = hex_unit(rest->data + 2);
        if (second >= 0xDC00 && second <= 0xDFFF) {
            *rest = cut(*rest, ESCAPE);
            return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        }
    }
    return NO_CHARACTER;
}

/* RFC 3629, section 3. */
static int encode_utf8(uint32_t code, char out[4]) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    int length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--, code >>= 6) {
        out[i] = (char)(0x80 | (code & 0x3F));
    }
    out[0] = (char)((0xF00 >> length & 0xFF) | code);
    return length;
}

/* Reads the escape at the front. */
static void take_escape(r2_json_string *string) {
    static const char letters[] = "bfnrt";
    static const char controls[] = "\b\f\n\r\t";
    char kind = string->rest.length > 1 ? string->rest.data[1] : '\\';
    string->at = 0;
    if (kind == 'u') {
        string->length = encode_utf8(take_code(&string->rest), string->character);
        return;
    }
    const char *letter = memchr(letters, kind, sizeof letters - 1);
    string->character[0] = letter != NULL ? controls[letter - letters] : kind;
    string->length = 1;
    string->rest = string->rest.length > 1 ? cut(string->rest, 2) : (r2_slice){0};
}

int r2_json_next_byte(r2_json_string *string) {
    if (string->at == string->length) {
        if (string->rest.length == 0) {
            return -1;
        }
        if (string->rest.data[0] != '\\') {
            unsigned char byte = (unsigned char)string->rest.data[0];
            string->rest = cut(string->rest, 1);
            return byte;
        }
        take_escape(string);
    }
    return (unsigned char)string->character[string->at++];
}

bool r2_json_is_string(r2_slice value, r2_slice bytes) {
    if (!r2_json_begins(value, '"')) {
        return false;
    }
    r2_slice inside = r2_json_inside(value);
    if (memchr(inside.data, '\\', inside.length) == NULL) {
        return r2_slice_is(inside, bytes);
    }
    r2_json_string string = r2_json_string_of(value);
    for (size_t i = 0; i < bytes.length; i++) {
        if (r2_json_next_byte(&string) != (unsigned char)bytes.data[i]) {
            return false;
        }
    }
    return r2_json_next_byte(&string) < 0;
}

bool r2_json_same_string(r2_slice value, r2_slice other) {
    if (!r2_json_begins(value, '"') || !r2_json_begins(other, '"')) {
        return false;
    }
    if (r2_slice_is(value, other)) {
        return true;
    }
    r2_json_string left = r2_json_string_of(value);
    r2_json_string right = r2_json_string_of(other);
    int byte;
    do {
        byte = r2_json_next_byte(&left);
        if (byte != r2_json_next_byte(&right)) {
            return false;
        }
    } while (byte >= 0);
    return true;
}

/* ---- numbers ---- */

/* A number's digits, and the power of ten that they are to be multiplied by. */
typedef struct decimal {
    char digits[40]; /* a double holds 17; what is beyond these is cut off */
    int count;
    int exponent;
} decimal;

enum { EXPONENT_MAX = 100000 }; /* beyond a double's, and of every length of a text that matters */

static int bounded(int64_t exponent) {
    return (int)(exponent > EXPONENT_MAX    ? EXPONENT_MAX
                 : exponent < -EXPONENT_MAX ? -EXPONENT_MAX
                                            : exponent);
}

static int take_exponent(r2_slice text) {
    bool negative = text.length > 0 && text.data[0] == '-';
    int64_t exponent = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (r2_is_digit(text.data[i])) {
            exponent = bounded(exponent * 10 + (text.data[i] - '0'));
        }
    }
    return (int)(negative ? -exponent : exponent);
}

static decimal take_decimal(r2_slice text) {
    decimal number = {0};
    int64_t exponent = 0;
    bool fraction = false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == 'e' || c == 'E') {
            exponent += take_exponent(cut(text, i + 1));
            break;
        }
        fraction = fraction || c == '.';
        bool kept = r2_is_digit(c) && (number.count > 0 || c != '0') &&
                    number.count < (int)sizeof number.digits;
        if (kept) {
            number.digits[number.count++] = c;
        }
        /* A digit of the fraction that is kept, or a zero before the first, moves the point. */
        bool zero = number.count == 0;
        exponent -= fraction && r2_is_digit(c) && (kept || zero);
        exponent += !fraction && r2_is_digit(c) && !kept && !zero;
    }
    number.exponent = bounded(exponent);
    return number;
}

/* strtod looks for the decimal point of the process' locale. A number without a point it reads
 * alike everywhere, so 1.25e3 is read as 125e1. */
static double read_number(r2_slice value) {
    char text[64];
    decimal number = take_decimal(value);
    (void)snprintf(text, sizeof text, "%s%.*se%d", r2_json_begins(value, '-') ? "-" : "",
                   number.count > 0 ? number.count : 1, number.count > 0 ? number.digits : "0",
                   number.exponent);
    return strtod(text, NULL);
}

static const int64_t whole_max = INT64_C(1) << 53; /* up to here a double holds each whole number */

double r2_json_number(r2_slice value) {
    int64_t plain = r2_read_decimal(value, whole_max);
    return plain >= 0 ? (double)plain : read_number(value);
}

int64_t r2_json_whole(r2_slice value, int64_t largest) {
    int64_t plain = r2_read_decimal(value, largest);
    if (plain >= 0 || value.length == 0 || !(r2_is_digit(value.data[0]) || value.data[0] == '-')) {
        return plain;
    }
    double number = read_number(value);
    bool good = number >= 0 && number <= (double)largest && (double)(int64_t)number == number;
    return good ? (int64_t)number : -1;
}
