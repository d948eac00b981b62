/* What the failing allocator has found, said line by line. */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

report found;

void fail(const char *format, ...) {
    if (!found.failed) {
        va_list arguments;
        va_start(arguments, format);
        printf("failed: %s, %s, request %zu: ", found.operation, found.mode, found.n);
        (void)vprintf(format, arguments);
        printf("\n");
        va_end(arguments);
    }
    found.failed = true;
}
