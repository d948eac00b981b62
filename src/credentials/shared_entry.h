/* What tells a credential that this library left with others from one that somebody else put
 * there: nginx's shared dictionaries may be written by any Lua of that nginx. */
#ifndef R2_SHARED_ENTRY_H
#define R2_SHARED_ENTRY_H

#include "../base/sha256.h"
#include "../base/text.h"
#include "config.h"

#pragma GCC visibility push(hidden)

/* A MAC of the text as hex, under a key made of the API token, and of what else its credentials
 * are bound to: account, parent, endpoint. False where there is no API token. */
bool r2_shared_entry_mac(char hex[R2_SHA256_HEX], const r2_config *config, r2_slice text);

#pragma GCC visibility pop
#endif
