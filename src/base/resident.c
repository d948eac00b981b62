/* The module opens itself once more, and that for good. Where a system has no such way, or the
 * module is a part of a program, nothing happens. */
#define _GNU_SOURCE /* dladdr */
#include "resident.h"

#include <dlfcn.h>
#include <stddef.h>

void r2_stay_resident(void) {
#if defined(RTLD_NOLOAD) && defined(RTLD_NODELETE)
    static const char here = 0;
    Dl_info module;
    if (dladdr(&here, &module) != 0) {
        (void)dlopen(module.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    }
#endif
}
