/* What the signer makes on its way to a signature, which nobody else sees: the canonical request
 * and the string to sign. Reads requests, a line a field and an empty one behind the headers:
 * headers|url, method, URL, region, payload hash, now, expires_seconds, key id, secret, session
 * token, then NAME<tab>VALUE …. Writes for each both stages, each as its length and its bytes.
 * Knows no Lua. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/sha256.h"
#include "../../src/sigv4/signing_key.h"

static void note(const void *bytes, size_t length) {
    printf("%zu\n", length);
    (void)fwrite(bytes, 1, length, stdout);
    printf("\n");
}

static void noted_sha256_hex(char hex[R2_SHA256_HEX], const void *bytes, size_t length) {
    note(bytes, length);
    r2_sha256_hex(hex, bytes, length);
}

static void noted_hmac(const r2_hmac_key *key, unsigned char mac[R2_SHA256_SIZE], const void *bytes,
                       size_t length) {
    note(bytes, length);
    r2_hmac(key, mac, bytes, length);
}

/* The one hashes the canonical request, the other signs the string. */
#define r2_sha256_hex noted_sha256_hex
#define r2_hmac noted_hmac
/* NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "../../src/sigv4/signature.c"

enum { FIELDS = 10, HEADERS_MAX = 128 };

static char *lines[FIELDS + HEADERS_MAX + 1];

static r2_slice slice(const char *text) {
    return (r2_slice){text, strlen(text)};
}

/* Reads up to an empty line; false at the end. */
static bool read_request(size_t *count) {
    size_t room = 0;
    for (*count = 0; *count < FIELDS + HEADERS_MAX; ++*count) {
        ssize_t length = getline(&lines[*count], &room, stdin);
        if (length <= 0) {
            return false;
        }
        lines[*count][length - 1] = '\0';
        if (*count >= FIELDS && length == 1) {
            return true;
        }
        room = 0;
        lines[*count + 1] = NULL;
    }
    return false;
}

static const char *add_headers(r2_signer *s, size_t count) {
    const char *wrong = NULL;
    for (size_t i = FIELDS; i < count && wrong == NULL; i++) {
        char *tab = strchr(lines[i], '\t');
        *tab = '\0';
        wrong = r2_signer_add_header(s, slice(lines[i]), slice(tab + 1));
    }
    return wrong;
}

int main(void) {
    static r2_signer s;
    size_t count;
    while (read_request(&count)) {
        bool in_url = strcmp(lines[0], "url") == 0;
        r2_signed result;
        r2_signing g = {.method = slice(lines[1]),
                        .region = slice(lines[3]),
                        .service = R2_SLICE("s3"),
                        .payload_hash = slice(lines[4]),
                        .now = strtoll(lines[5], NULL, 10),
                        .expires_seconds = strtoll(lines[6], NULL, 10),
                        .access_key_id = slice(lines[7]),
                        .secret_access_key = slice(lines[8]),
                        .session_token = slice(lines[9])};
        const char *wrong = r2_signer_set_url(&s, slice(lines[2]), in_url);
        wrong = wrong == NULL ? add_headers(&s, count) : wrong;
        if (wrong != NULL || !(in_url ? r2_presign(&s, &g, &result) : r2_sign(&s, &g, &result))) {
            return EXIT_FAILURE;
        }
        r2_signer_release(&s);
    }
    return EXIT_SUCCESS;
}
