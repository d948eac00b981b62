/* How a transfer ended, as an error. */
#ifndef R2_TRANSFER_ERROR_H
#define R2_TRANSFER_ERROR_H

#include <stdbool.h>

#include "../base/error.h"
#include "transfer.h"

#pragma GCC visibility push(hidden)

/* The kind of error that the end is, R2_NO_ERROR for a complete answer. *text is a line about
 * it. */
r2_kind r2_transfer_error(const r2_transfer *transfer, const char **text, bool *retryable);

#pragma GCC visibility pop
#endif
