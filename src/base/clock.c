/* Unix seconds in. */
#include "clock.h"

#include <time.h>

#include "utc.h"

bool r2_get_now(lua_State *L, int index, int64_t *now, r2_error *error) {
    double given = -1;
    if (lua_isnoneornil(L, index)) {
        given = (double)time(NULL);
    } else if (lua_type(L, index) == LUA_TNUMBER) {
        given = (double)lua_tonumber(L, index);
    }
    bool possible = given >= 0 && given < (double)R2_LAST_SECOND + 1;
    int64_t seconds = possible ? (int64_t)given : 0; /* floors: it is not negative */
    if (!possible || !r2_fits_time(seconds)) {
        return r2_refuse(error, R2_INVALID_REQUEST, "now", 0,
                         "must be Unix seconds: a number from 0 to " R2_LAST_SECOND_TEXT);
    }
    *now = seconds;
    return true;
}
