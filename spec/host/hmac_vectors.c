/* Wycheproof's cases for HMAC-SHA-256, from standard input, through the check of a token's
 * signature: prints a line for each, "ok CASE" or "not ok CASE". Knows no Lua. */
#include <stdio.h>
#include <string.h>

#include "../../src/base/ascii.h"
#include "../../src/base/jwt.h"

enum { TEXT_MAX = 1024 };

/* The bytes that a text says in hex; "-" says none. */
static r2_slice read_hex(const char *hex, unsigned char *bytes) {
    size_t length = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
    for (size_t i = 0; i < length; i++) {
        unsigned int byte = r2_hex_value(hex[2 * i]) << 4 | r2_hex_value(hex[2 * i + 1]);
        bytes[i] = (unsigned char)byte;
    }
    return (r2_slice){(const char *)bytes, length};
}

static bool is_signed(const char *key_hex, const char *message_hex, const char *tag_hex) {
    unsigned char key[TEXT_MAX];
    unsigned char message[TEXT_MAX];
    unsigned char tag[TEXT_MAX];
    r2_hmac_key prepared;
    r2_slice secret = read_hex(key_hex, key);
    r2_jwt jwt = {.signing_input = read_hex(message_hex, message)};
    if (read_hex(tag_hex, tag).length != sizeof jwt.signature) {
        return false;
    }
    memcpy(jwt.signature, tag, sizeof jwt.signature);
    r2_hmac_prepare(&prepared, secret.data, secret.length);
    return r2_token_is_signed_by(&jwt, &prepared);
}

int main(void) {
    char line[4 * TEXT_MAX];
    char name[16];
    char result[16];
    char key[TEXT_MAX];
    char message[TEXT_MAX];
    char tag[TEXT_MAX];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "%15s %15s %1023s %1023s %1023s", name, result, key, message, tag) == 5 &&
            name[0] != '#') {
            bool good = is_signed(key, message, tag) == (strcmp(result, "valid") == 0);
            printf("%s %s\n", good ? "ok" : "not ok", name);
        }
    }
    return 0;
}
