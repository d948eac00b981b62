/* Rules for headers, for requests that are signed, sent or answered alike. */
#include "header.h"

#include "ascii.h"

bool r2_is_token(r2_slice text) {
    for (size_t i = 0; i < text.length; i++) {
        if (!r2_is_token_character(text.data[i])) {
            return false;
        }
    }
    return text.length > 0;
}

bool r2_is_header_value(r2_slice value, bool opaque) {
    for (size_t i = 0; i < value.length; i++) {
        char c = value.data[i];
        bool above = (unsigned char)c > 0x7f;
        if (!r2_is_printable(c) && c != '\t' && !(above && opaque)) {
            return false;
        }
    }
    return true;
}

int r2_compare_header_names(r2_slice left, r2_slice right) {
    for (size_t i = 0; i < left.length && i < right.length; i++) {
        char a = r2_lower(left.data[i]);
        char b = r2_lower(right.data[i]);
        if (a != b) {
            return a < b ? -1 : 1;
        }
    }
    return (left.length > right.length) - (left.length < right.length);
}

bool r2_header_is(r2_slice name, r2_slice lower) {
    return name.length == lower.length && r2_compare_header_names(name, lower) == 0;
}
