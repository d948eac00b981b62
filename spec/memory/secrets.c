/* What must not be left in memory. */
#include "secrets.h"

#include <string.h>

#include "../../src/base/sha256.h"
#include "../../src/sigv4/signature.h"

secret secrets[SECRET_COUNT] = {
    {.name = "the parent secret"},
    {.name = "the HMAC key's inner block"},
    {.name = "the HMAC key's outer block"},
    {.name = "the HMAC key's inner state"},
    {.name = "the HMAC key's outer state"},
    {.name = "the API token"},
    {.name = "the secret that was answered"},
    {.name = "the signing key's inner state"},
    {.name = "the signing key's outer state"},
};

void set_secret(int which, const void *bytes, size_t length) {
    secret *s = &secrets[which];
    s->length = length < sizeof s->bytes ? length : sizeof s->bytes;
    memcpy(s->bytes, bytes, s->length);
}

void set_parent_secret(const char *text, size_t length) {
    unsigned char block[64] = {0};
    r2_hmac_key key;
    set_secret(PARENT_SECRET, text, length);
    memcpy(block, text, length < sizeof block ? length : sizeof block);
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] ^= 0x36;
    }
    set_secret(INNER_PAD, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] ^= 0x36 ^ 0x5c;
    }
    set_secret(OUTER_PAD, block, sizeof block);
    r2_hmac_prepare(&key, text, length);
    set_secret(INNER_STATE, key.inner.h, sizeof key.inner.h);
    set_secret(OUTER_STATE, key.outer.h, sizeof key.outer.h);
}

void set_signing_key(const char *text, size_t length) {
    r2_signing_keys keys = {0};
    r2_key_source source = {{text, length}, R2_SLICE("20231114"), R2_SLICE("auto"), R2_SLICE("s3")};
    const r2_hmac_key *key = r2_signing_key_of(&keys, &source);
    set_secret(SIGNING_INNER, key->inner.h, sizeof key->inner.h);
    set_secret(SIGNING_OUTER, key->outer.h, sizeof key->outer.h);
}

bool contains(const unsigned char *memory, size_t size, const secret *s) {
    const unsigned char *end = memory + size;
    while (s->length > 0 && (size_t)(end - memory) >= s->length) {
        const unsigned char *found =
            memchr(memory, s->bytes[0], (size_t)(end - memory) - s->length + 1);
        if (found == NULL) {
            return false;
        }
        if (memcmp(found, s->bytes, s->length) == 0) {
            return true;
        }
        memory = found + 1;
    }
    return false;
}
