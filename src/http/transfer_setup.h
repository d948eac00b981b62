/* The options of libcurl's handle for one exchange. */
#ifndef R2_TRANSFER_SETUP_H
#define R2_TRANSFER_SETUP_H

#include <stdbool.h>

#include "transfer.h"

#pragma GCC visibility push(hidden)

/* Sets the easy handle up for transfer->ask; headers are complete. False when libcurl refuses or
 * memory is out. */
bool r2_transfer_prepare(r2_transfer *transfer);

/* Has the request go out over a new connection, when it was not sent because of the old one; the
 * handle is in no multi handle. */
bool r2_transfer_go_afresh(r2_transfer *transfer);

#pragma GCC visibility pop
#endif
