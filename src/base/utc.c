/* Unix seconds as a date. */
#define _POSIX_C_SOURCE 200809L /* gmtime_r */
#include "utc.h"

#include <time.h>

bool r2_fits_time(int64_t seconds) {
    time_t time = (time_t)seconds;
    return (int64_t)time == seconds;
}

void r2_format_utc(char text[R2_UTC_SIZE], int64_t seconds) {
    struct tm utc;
    time_t time = (time_t)seconds;
    bool known = r2_fits_time(seconds) && seconds >= 0 && seconds <= R2_LAST_SECOND &&
                 gmtime_r(&time, &utc) != NULL;
    if (!known || strftime(text, R2_UTC_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        text[0] = '?';
        text[1] = '\0';
    }
}
