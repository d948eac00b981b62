/* libcurl in this process, which all threads share. */
#ifndef R2_LIBCURL_H
#define R2_LIBCURL_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Sets libcurl up for the whole process, once, whichever thread asks; false when it cannot be. To
 * be called before anything else of libcurl is. */
bool r2_libcurl_open(void);

/* Whether libcurl gets on without handling signals, which belong to the host. */
bool r2_libcurl_is_quiet(void);

#pragma GCC visibility pop
#endif
