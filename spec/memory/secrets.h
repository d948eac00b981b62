/* What must not be left in memory: keys, and what the library makes of them. */
#ifndef SPEC_SECRETS_H
#define SPEC_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct secret {
    const char *name;
    size_t length;
    unsigned char bytes[64];
} secret;

enum {
    PARENT_SECRET,
    INNER_PAD,
    OUTER_PAD,
    INNER_STATE,
    OUTER_STATE,
    API_TOKEN,
    ANSWERED_SECRET,
    SIGNING_INNER,
    SIGNING_OUTER,
    SECRET_COUNT
};

/* Those that are not set yet have no length, and are found nowhere. */
extern secret secrets[SECRET_COUNT];

void set_secret(int which, const void *bytes, size_t length);

/* What a parent secret becomes inside the library (RFC 2104), besides itself. */
void set_parent_secret(const char *text, size_t length);

/* What it becomes for the requests that the operations sign. */
void set_signing_key(const char *text, size_t length);

bool contains(const unsigned char *memory, size_t size, const secret *s);

#endif
