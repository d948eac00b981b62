/* What R2 lets a bucket and an object be called. Knows no Lua. */
#ifndef R2_S3_NAMES_H
#define R2_S3_NAMES_H

#include "text.h"

#pragma GCC visibility push(hidden)

enum { R2_KEY_BYTES_MAX = 1024 };

/* Each returns NULL, or what a name must be that this is not, worded to follow a field's name. */
const char *r2_check_bucket(r2_slice name);
/* A key, or the start of one. The empty prefix is refused: it opens the whole bucket. */
const char *r2_check_key(r2_slice key);

#pragma GCC visibility pop
#endif
