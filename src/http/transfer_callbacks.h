/* What libcurl calls while a transfer goes on. */
#ifndef R2_TRANSFER_CALLBACKS_H
#define R2_TRANSFER_CALLBACKS_H

#include <stdbool.h>

#include "transfer.h"

#pragma GCC visibility push(hidden)

/* Tells libcurl; false when memory is out. The transfer stays where it is. */
bool r2_transfer_set_callbacks(r2_transfer *transfer);

#pragma GCC visibility pop
#endif
