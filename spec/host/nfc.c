/* Reads texts, each ended by a byte 0xff, and prints a character for each: y when it is in NFC, n
 * when it is not, ? when it has a code point that the tables do not know. For
 * spec/project/nfc_spec.lua and spec/host/nfc.mjs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/nfc.h"

/* A copy of its own size, so that a checker of memory sees what is read behind the end. */
static int verdict(const char *bytes, size_t length) {
    char *copy = malloc(length > 0 ? length : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, bytes, length);
    const char *wrong = r2_check_nfc((r2_slice){copy, length});
    free(copy);
    return wrong == NULL ? 'y' : strstr(wrong, "not in Unicode") != NULL ? '?' : 'n';
}

int main(void) {
    char text[4096];
    size_t length = 0;
    int byte;
    while ((byte = getc(stdin)) != EOF) {
        if (byte == 0xff) {
            (void)putc(verdict(text, length), stdout);
            length = 0;
        } else if (length < sizeof text) {
            text[length++] = (char)byte;
        } else {
            return EXIT_FAILURE;
        }
    }
    return length == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
