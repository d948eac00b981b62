/* Unix seconds in and out. */
#define _POSIX_C_SOURCE 200809L /* gmtime_r */

#include "clock.h"

#include <time.h>

#include "lua_compat.h"

bool r2_get_now(lua_State *L, int index, int64_t *now, r2_error *error) {
    if (lua_isnoneornil(L, index)) {
        *now = (int64_t)time(NULL);
        return true;
    }
    double given = lua_type(L, index) == LUA_TNUMBER ? (double)lua_tonumber(L, index) : -1;
    if (!(given >= 0 && given < (double)R2_LAST_SECOND + 1)) {
        error->kind = "invalid_request";
        return r2_refuse(error, "now", 0, "must be Unix seconds: a number from 0 to 253402300799");
    }
    *now = (int64_t)given; /* floors: it is not negative */
    return true;
}

void r2_format_utc(char text[R2_UTC_SIZE], int64_t seconds) {
    struct tm utc;
    time_t time = (time_t)seconds;
    bool known = seconds >= 0 && seconds <= R2_LAST_SECOND && gmtime_r(&time, &utc) != NULL;
    if (!known || strftime(text, R2_UTC_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        text[0] = '?';
        text[1] = '\0';
    }
}
