/* SHA-256 and HMAC over libcrypto. What is left on the stack by a secret is wiped. */
#include "sha256.h"

#include <string.h>

#include "secret.h"
#include "text.h"

enum { BLOCK = 64 };

void r2_sha256(unsigned char digest[R2_SHA256_SIZE], const void *bytes, size_t length) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes, length);
    SHA256_Final(digest, &state);
    r2_wipe(&state, sizeof state);
}

void r2_sha256_hex(char hex[R2_SHA256_HEX], const void *bytes, size_t length) {
    unsigned char digest[R2_SHA256_SIZE];
    r2_sha256(digest, bytes, length);
    r2_hex_encode(hex, digest, sizeof digest);
    r2_wipe(digest, sizeof digest);
}

static void prepare_half(SHA256_CTX *state, const unsigned char block[BLOCK], unsigned char pad) {
    unsigned char padded[BLOCK];
    for (size_t i = 0; i < BLOCK; i++) {
        padded[i] = block[i] ^ pad;
    }
    SHA256_Init(state);
    SHA256_Update(state, padded, BLOCK);
    r2_wipe(padded, sizeof padded);
}

void r2_hmac_prepare(r2_hmac_key *key, const void *secret, size_t length) {
    unsigned char block[BLOCK] = {0};
    if (length > BLOCK) {
        r2_sha256(block, secret, length);
    } else if (length > 0) {
        memcpy(block, secret, length);
    }
    prepare_half(&key->inner, block, 0x36);
    prepare_half(&key->outer, block, 0x5c);
    r2_wipe(block, sizeof block);
}

void r2_hmac(const r2_hmac_key *key, unsigned char mac[R2_SHA256_SIZE], const void *bytes,
             size_t length) {
    unsigned char digest[R2_SHA256_SIZE];
    SHA256_CTX state = key->inner;
    SHA256_Update(&state, bytes, length);
    SHA256_Final(digest, &state);
    state = key->outer;
    SHA256_Update(&state, digest, sizeof digest);
    SHA256_Final(mac, &state);
    r2_wipe(&state, sizeof state);
    r2_wipe(digest, sizeof digest);
}
