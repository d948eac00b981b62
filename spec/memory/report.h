/* What the failing allocator has found. */
#ifndef SPEC_REPORT_H
#define SPEC_REPORT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct report {
    const char *operation;
    const char *mode;
    size_t n; /* the request for memory that is refused */
    bool failed;
    size_t checks_passed;
    size_t checks_failed;
    size_t refused;
} report;

/* There is one. */
extern report found;

/* Notes that the check has failed, and says why for the first time. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void fail(const char *format, ...);

#endif
