/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) with a key that is prepared once.
 * Of libcrypto only SHA256_Init, SHA256_Update and SHA256_Final are used: their ABI is the same in
 * every OpenSSL since 0.9.8 and they need no start-up, so a process that carries a second OpenSSL
 * (nginx often does) comes to no harm. Knows no Lua. */
#ifndef R2_SHA256_H
#define R2_SHA256_H

/* Without this OpenSSL 3 calls the three functions deprecated. */
#ifndef OPENSSL_API_COMPAT
#define OPENSSL_API_COMPAT 0x10100000L
#endif

#include <openssl/sha.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

enum { R2_SHA256_SIZE = 32, R2_SHA256_HEX = 64 };

/* The two states that an HMAC starts from: the key is hashed once, not at every message.
 * Whoever has these can sign: wipe them like the key. */
typedef struct r2_hmac_key {
    SHA256_CTX inner;
    SHA256_CTX outer;
} r2_hmac_key;

void r2_sha256(unsigned char digest[R2_SHA256_SIZE], const void *bytes, size_t length);
void r2_sha256_hex(char hex[R2_SHA256_HEX], const void *bytes, size_t length);

void r2_hmac_prepare(r2_hmac_key *key, const void *secret, size_t length);
void r2_hmac(const r2_hmac_key *key, unsigned char mac[R2_SHA256_SIZE], const void *bytes,
             size_t length);

#pragma GCC visibility pop
#endif
