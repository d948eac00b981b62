/* Dates in headers, beside the C library: what is taken strptime takes too, to the same second, and
 * what strftime writes is taken. */
#define _DEFAULT_SOURCE 1 /* timegm */
#define _XOPEN_SOURCE 700 /* strptime */
#include "../../src/base/http_date.h"

#include "../../src/base/utc.h"
#include "plain.h"

static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y",
                                    "%A, %d-%b-%y %H:%M:%S GMT"};
enum { FORMS = sizeof forms / sizeof forms[0], WITH_WHOLE_YEAR = 2 };

/* Any letters may stand for the day's name; strptime gets the right ones. */
static const char *rightly_named(r2_slice text, time_t seconds) {
    struct tm parts;
    const char *rest = fuzz_string(text);
    while ((*rest | 0x20) >= 'a' && (*rest | 0x20) <= 'z') {
        rest++;
    }
    char *whole = fuzz_room(text.length + 4);
    HOLDS(gmtime_r(&seconds, &parts) != NULL && strftime(whole, 4, "%a", &parts) == 3);
    memcpy(whole + 3, rest, strlen(rest) + 1);
    return whole;
}

static void check_taken(r2_slice text, int64_t seconds) {
    HOLDS(seconds >= 0 && seconds <= R2_LAST_SECOND + 1);
    bool same = memchr(text.data, '-', text.length) != NULL; /* strptime knows another century */
    const char *whole = rightly_named(text, (time_t)seconds);
    for (size_t i = 0; i < WITH_WHOLE_YEAR; i++) {
        struct tm parts = {0};
        const char *end = strptime(whole, forms[i], &parts);
        same = same || (end != NULL && *end == '\0' && timegm(&parts) == (time_t)seconds);
    }
    HOLDS(same);
}

static void check_written(time_t seconds) {
    char text[64];
    struct tm parts;
    HOLDS(gmtime_r(&seconds, &parts) != NULL);
    for (size_t i = 0; i < FORMS; i++) {
        size_t length = strftime(text, sizeof text, forms[i], &parts);
        HOLDS(r2_read_http_date((r2_slice){text, length}, seconds) == seconds);
    }
}

static void fuzz(r2_slice input) {
    uint64_t number = 0;
    for (size_t i = 0; i < input.length; i++) {
        number = number * 257 + (unsigned char)input.data[i];
    }
    int64_t now = (int64_t)(number % (R2_LAST_SECOND + 1));
    r2_slice text = fuzz_copy(input);
    int64_t seconds = r2_read_http_date(text, now);
    HOLDS(seconds >= -1);
    if (seconds >= 0) {
        check_taken(text, seconds);
    }
    check_written((time_t)now);
}
