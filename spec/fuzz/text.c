/* Runs of bytes, numbers, headers and dates: each beside a loop that says the same. */
#include "../../src/base/ascii.h"
#include "../../src/base/header.h"
#include "../../src/base/secret.h"
#include "../../src/base/utc.h"
#include "plain.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";

static bool is_in(const char *set, char c) {
    return c != '\0' && strchr(set, c) != NULL;
}

/* How many bytes at the start are letters and digits. */
static size_t plain_alphanumeric(r2_slice text) {
    size_t length = 0;
    while (length < text.length &&
           (is_in(letters, text.data[length]) || is_in(digits, text.data[length]))) {
        length++;
    }
    return length;
}

static bool plain_is_visible(r2_slice text) {
    bool good = true;
    for (size_t i = 0; i < text.length; i++) {
        good = good && text.data[i] >= '!' && text.data[i] <= '~';
    }
    return good;
}

static void check_classes(r2_slice text) {
    size_t length = plain_alphanumeric(text);
    HOLDS(r2_alphanumeric_length(text) == length / 16 * 16);
    HOLDS(r2_is_visible(text) == plain_is_visible(text));
    const char *string = fuzz_string(text);
    bool whole = strlen(string) == text.length && text.length > 0;
    size_t hex = strspn(string, "0123456789abcdef");
    HOLDS(r2_is_lower_hex(text, text.length) == (hex == text.length));
    HOLDS(!r2_is_lower_hex(text, text.length + 1));
    size_t label = strspn(string, "0123456789abcdefghijklmnopqrstuvwxyz-");
    HOLDS(r2_is_label(text, 3, 63) == (whole && label == text.length && label >= 3 && label <= 63 &&
                                       string[0] != '-' && string[label - 1] != '-'));
    size_t token = strspn(string, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "!#$%&'*+-.^_`|~");
    HOLDS(r2_is_token(text) == (whole && token == text.length));
}

/* "largest" as it is, or as near as 64 bits come to it. */
static void check_decimal(r2_slice text, int64_t largest) {
    const char *string = fuzz_string(text);
    size_t count = strspn(string, digits);
    size_t zeros = strspn(string, "0");
    bool good = count == text.length && count > 0 && count - zeros <= 19;
    uint64_t number = good ? strtoull(string, NULL, 10) : 0;
    good = good && number <= (uint64_t)largest;
    HOLDS(r2_read_decimal(text, largest) == (good ? (int64_t)number : -1));
}

static void check_written(int64_t number) {
    char expected[32];
    r2_buffer out = {0};
    r2_buffer_add_decimal(&out, number);
    int length = snprintf(expected, sizeof expected, "%lld", (long long)number);
    HOLDS(r2_slice_is(fuzz_slice(&out), (r2_slice){expected, (size_t)length}));
    HOLDS(r2_read_decimal(fuzz_slice(&out), INT64_MAX) == (number < 0 ? -1 : number));
    r2_buffer_free(&out);
}

static void check_date(int64_t seconds) {
    char text[R2_UTC_SIZE];
    char expected[64] = "?";
    if (seconds >= 0 && seconds <= R2_LAST_SECOND) {
        struct tm t = plain_calendar(seconds);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year, t.tm_mon,
                 t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
    }
    r2_format_utc(text, seconds);
    HOLDS(strcmp(text, expected) == 0);
}

static void check_header_value(r2_slice text) {
    bool ascii = true;
    bool control = false;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        ascii = ascii && byte < 0x80;
        control = control || (byte < 0x20 && byte != '\t') || byte == 0x7f;
    }
    HOLDS(r2_is_header_value(text, true) == !control);
    HOLDS(r2_is_header_value(text, false) == (!control && ascii));
}

/* Names in lower case, compared byte by byte. */
static void check_names(r2_slice left, r2_slice right) {
    char *a = fuzz_string(left);
    char *b = fuzz_string(right);
    for (size_t i = 0; i < left.length; i++) {
        a[i] = r2_lower(a[i]);
    }
    for (size_t i = 0; i < right.length; i++) {
        b[i] = r2_lower(b[i]);
    }
    int order = r2_compare_header_names(left, right);
    bool same = left.length == right.length && memcmp(a, b, left.length) == 0;
    HOLDS((order == 0) == same);
    HOLDS(r2_header_is(left, (r2_slice){b, right.length}) == same);
    HOLDS((order < 0) == (r2_compare_header_names(right, left) > 0));
}

static void check_equal(r2_slice left, r2_slice right) {
    size_t length = left.length < right.length ? left.length : right.length;
    bool same = length == 0 || memcmp(left.data, right.data, length) == 0;
    HOLDS(r2_equal_secret(left.data, right.data, length) == same);
    HOLDS(r2_equal_secret(left.data, left.data, left.length));
}

static void fuzz(r2_slice input) {
    int64_t number = 0;
    memcpy(&number, input.length > 0 ? input.data : "",
           input.length < sizeof number ? input.length : sizeof number);
    r2_slice left = fuzz_line(&input);
    r2_slice right = fuzz_copy(input);
    check_classes(left);
    check_header_value(left);
    check_names(left, right);
    check_equal(left, right);
    check_decimal(left, INT64_MAX);
    check_decimal(left, number & INT64_MAX);
    check_decimal(left, R2_LAST_SECOND);
    check_written(number);
    check_date(number);
    check_date(number & 0x3fffffffff);
}
