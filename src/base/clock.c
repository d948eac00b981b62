/* Unix seconds in and out. */
#define _POSIX_C_SOURCE 200809L /* gmtime_r */
#include "clock.h"

#include <time.h>

/* Where time_t has 32 bits, no date can be made of a time after 2038. */
static bool fits_time(int64_t seconds) {
    time_t time = (time_t)seconds;
    return (int64_t)time == seconds;
}

bool r2_get_now(lua_State *L, int index, int64_t *now, r2_error *error) {
    double given = -1;
    if (lua_isnoneornil(L, index)) {
        given = (double)time(NULL);
    } else if (lua_type(L, index) == LUA_TNUMBER) {
        given = (double)lua_tonumber(L, index);
    }
    bool possible = given >= 0 && given < (double)R2_LAST_SECOND + 1;
    int64_t seconds = possible ? (int64_t)given : 0; /* floors: it is not negative */
    if (!possible || !fits_time(seconds)) {
        error->kind = "invalid_request";
        return r2_refuse(error, "now", 0, "must be Unix seconds: a number from 0 to 253402300799");
    }
    *now = seconds;
    return true;
}

void r2_format_utc(char text[R2_UTC_SIZE], int64_t seconds) {
    struct tm utc;
    time_t time = (time_t)seconds;
    bool known = fits_time(seconds) && seconds >= 0 && seconds <= R2_LAST_SECOND &&
                 gmtime_r(&time, &utc) != NULL;
    if (!known || strftime(text, R2_UTC_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        text[0] = '?';
        text[1] = '\0';
    }
}
