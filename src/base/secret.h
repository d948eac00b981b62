/* What memory that held a secret needs. */
#ifndef R2_SECRET_H
#define R2_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Overwrites memory in a way that the compiler may not leave out. */
void r2_wipe(void *memory, size_t length);

/* Compares without telling by its time where the difference is. */
bool r2_equal_secret(const void *left, const void *right, size_t length);

#pragma GCC visibility pop
#endif
