/* Percent-encoding. Texts may be secrets: a session token in a query. */
#include "percent.h"

#include "ascii.h"

/* What each byte is: UNRESERVED stands for itself; OTHER may be in a URL, but is encoded here. */
enum class { UNRESERVED, SLASH, OTHER, PERCENT, PLUS, REFUSED };

#define TWICE(x) x, x
#define FOUR(x) TWICE(x), TWICE(x)
#define EIGHT(x) FOUR(x), FOUR(x)
#define MANY(x) EIGHT(x), EIGHT(x), EIGHT(x), EIGHT(x)

static const unsigned char classes[] = {
    /* clang-format off */
    EIGHT(REFUSED), EIGHT(REFUSED), EIGHT(REFUSED), EIGHT(REFUSED),
    /* space ! " # $ % & ' */
    REFUSED, OTHER, OTHER, REFUSED, OTHER, PERCENT, OTHER, OTHER,
    /* ( ) * + , - . / */
    OTHER, OTHER, OTHER, PLUS, OTHER, UNRESERVED, UNRESERVED, SLASH,
    /* 0 to 9 : ; < = > ? */
    EIGHT(UNRESERVED), TWICE(UNRESERVED), OTHER, OTHER, OTHER, OTHER, OTHER, OTHER,
    /* @ A to Z [ \ ] ^ _ */
    OTHER, EIGHT(UNRESERVED), EIGHT(UNRESERVED), EIGHT(UNRESERVED), TWICE(UNRESERVED),
    OTHER, REFUSED, OTHER, OTHER, UNRESERVED,
    /* ` a to z { | } ~ DEL */
    OTHER, EIGHT(UNRESERVED), EIGHT(UNRESERVED), EIGHT(UNRESERVED), TWICE(UNRESERVED),
    OTHER, OTHER, OTHER, UNRESERVED, REFUSED,
    /* from 128 on */
    MANY(REFUSED), MANY(REFUSED), MANY(REFUSED), MANY(REFUSED),
    /* clang-format on */
};

_Static_assert(sizeof classes == 256, "a class for each byte");

/* The highest class that stands for itself: UNRESERVED, and in a path SLASH behind it. */
static unsigned int highest_plain(r2_part part) {
    return part == R2_IN_PATH ? SLASH : UNRESERVED;
}

static bool stands_for_itself(unsigned char byte, r2_part part) {
    return classes[byte] <= highest_plain(part);
}

/* How many bytes at the start of the text stand for themselves. */
static size_t plain_length(r2_slice text, r2_part part) {
    const unsigned char *bytes = (const unsigned char *)text.data;
    unsigned int highest = highest_plain(part);
    size_t at = r2_alphanumeric_length(text);
    while (at < text.length && classes[bytes[at]] <= highest) {
        at++;
    }
    return at;
}

static void add_escaped(r2_buffer *out, unsigned char byte) {
    static const char digits[] = "0123456789ABCDEF";
    char escaped[3] = {'%', digits[byte >> 4], digits[byte & 15]};
    r2_buffer_append(out, escaped, sizeof escaped);
}

static void cut(r2_slice *text, size_t length) {
    text->data += length;
    text->length -= length;
}

void r2_percent_encode(r2_buffer *out, r2_slice text, r2_part part) {
    while (text.length > 0) {
        size_t plain = plain_length(text, part);
        r2_buffer_append(out, text.data, plain);
        cut(&text, plain);
        if (text.length > 0) {
            add_escaped(out, (unsigned char)text.data[0]);
            cut(&text, 1);
        }
    }
}

static const char *normalize_escape(r2_buffer *out, r2_slice text, r2_part part) {
    unsigned int high = text.length >= 3 ? r2_hex_value(text.data[1]) : 16;
    unsigned int low = text.length >= 3 ? r2_hex_value(text.data[2]) : 16;
    if (high > 15 || low > 15) {
        return "must be a URL with two hex digits behind each percent sign";
    }
    unsigned char byte = (unsigned char)(high << 4 | low);
    if (byte == 0) {
        return "must be a URL without %00";
    }
    if (byte == '/' && part == R2_IN_PATH) {
        return "must be a URL without %2F in its path: a slash is part of a key as it is";
    }
    if (stands_for_itself(byte, part)) {
        r2_buffer_append(out, &byte, 1);
    } else {
        add_escaped(out, byte);
    }
    return NULL;
}

static const char *normalize_byte(r2_buffer *out, r2_slice *text, r2_part part) {
    const char *wrong = NULL;
    unsigned char byte = (unsigned char)text->data[0];
    switch ((enum class)classes[byte]) {
    case PERCENT:
        wrong = normalize_escape(out, *text, part);
        cut(text, wrong == NULL ? 3 : 0);
        return wrong;
    case PLUS:
        return "must be a URL without a plus sign, which some read as a space: write %2B or %20";
    case REFUSED:
        return "must be a URL whose path and query are visible ASCII without \\ and #: "
               "percent-encode all else";
    default:
        add_escaped(out, byte);
        cut(text, 1);
        return NULL;
    }
}

const char *r2_percent_normalize(r2_buffer *out, r2_slice text, r2_part part) {
    while (text.length > 0) {
        size_t plain = plain_length(text, part);
        r2_buffer_append(out, text.data, plain);
        cut(&text, plain);
        const char *wrong = text.length > 0 ? normalize_byte(out, &text, part) : NULL;
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}
