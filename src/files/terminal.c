/* Whether a descriptor is a terminal, and how wide that is. */
#include "posix.h"

#include "terminal.h"

#include <limits.h>

#include "../base/fields.h"
#include "../base/lua_compat.h"

enum { USUAL_WIDTH = 80 };

/*** How many characters a line of the terminal holds, as wide as it is now.
 * @function terminal_width
 * @tparam number descriptor 1 is standard output, 2 standard error
 * @treturn ?number nil when that is no terminal; 80 when the terminal does not say
 */
int r2_terminal_width(lua_State *L) {
    struct winsize size = {0};
    int64_t descriptor = 0;
    luaL_argcheck(L, r2_get_whole(L, 1, 0, INT_MAX, &descriptor), 1, "a descriptor expected");
    if (isatty((int)descriptor) == 0) {
        lua_pushnil(L);
        return 1;
    }
    bool known = ioctl((int)descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    lua_pushinteger(L, known ? size.ws_col : USUAL_WIDTH);
    return 1;
}
