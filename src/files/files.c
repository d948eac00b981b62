/* The module r2.files: what Lua's own files lack and this library needs. It knows nothing of R2,
 * loads no libcurl, and is private: its names may change with any version.
 *
 * What fails outside returns nil, message, err with `err.kind` `file`; misuse raises.
 *
 * @module r2.files
 */
#include "posix.h"

#include "../base/class.h"
#include "../base/lua_compat.h"
#include "../base/resident.h"
#include "../r2.h"
#include "beside.h"
#include "digest.h"
#include "exec.h"
#include "file.h"
#include "folders.h"
#include "opening.h"
#include "paths.h"
#include "status.h"
#include "terminal.h"

/*** Whose files are this process's own: its effective user.
 * @function user
 * @treturn number as `owner` of `file:status`
 */
static int files_user(lua_State *L) {
    r2_push_whole(L, geteuid());
    return 1;
}

R2_EXPORT int luaopen_r2_files(lua_State *L) {
    static const luaL_Reg functions[] = {{"open", r2_file_open},
                                         {"create_beside", r2_file_create_beside},
                                         {"status", r2_path_status},
                                         {"rename", r2_path_rename},
                                         {"remove", r2_path_remove},
                                         {"names", r2_folder_names},
                                         {"make_folder", r2_folder_make},
                                         {"digest", r2_digest_new},
                                         {"exec", r2_exec},
                                         {"terminal_width", r2_terminal_width},
                                         {"user", files_user},
                                         {NULL, NULL}};
    static const luaL_Reg no_methods[] = {{NULL, NULL}};
    r2_check_lua(L);
    r2_stay_resident();
    r2_make_class(L, R2_FILE_CLASS, r2_file_collect, r2_file_methods);
    luaL_getmetatable(L, R2_FILE_CLASS);
    lua_pushcfunction(L, r2_file_collect);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);
    r2_make_class(L, R2_DIGEST_CLASS, NULL, r2_digest_methods);
    r2_make_class(L, R2_LISTING_CLASS, r2_folder_collect, no_methods);
    lua_newtable(L);
    r2_setfuncs(L, functions, 0);
    return 1;
}
