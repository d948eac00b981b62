/* What is in a folder, and new ones. */
#ifndef R2_FOLDERS_H
#define R2_FOLDERS_H

#include <lua.h>

#pragma GCC visibility push(hidden)

#define R2_LISTING_CLASS "r2.files.listing"

int r2_folder_names(lua_State *L);
int r2_folder_collect(lua_State *L);
int r2_folder_make(lua_State *L);

#pragma GCC visibility pop
#endif
