/* The floor: what no signer can leave out. The SHA-256 and base64 passes that one credential takes,
 * over the same bytes, with the library's own routines, and nothing else: no Lua, no request to
 * check, no claims to write, no memory to ask for.
 *
 *     floor bytes   <input    what is made: the secret access key and the session token
 *     floor seconds <input    CPU time of one pass, over batches of about 0.05 s, the best of them
 *
 * The input is the parent's secret access key, a newline, the claims as JSON, a newline. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../src/base/base64.h"
#include "../src/base/sha256.h"
#include "../src/base/text.h"

#define PREFIX "jwt/"
#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."

enum {
    LINE_MAX_BYTES = 4096,
    TOKEN_MAX = 3 * LINE_MAX_BYTES,
    BATCHES = 6,
};

typedef struct made {
    char secret[R2_SHA256_HEX];
    char prefixed[TOKEN_MAX]; /* "jwt/" and the JWT */
    char session_token[TOKEN_MAX];
    size_t length;
} made;

static void mint(made *out, const r2_hmac_key *key, const char *claims, size_t length) {
    unsigned char mac[R2_SHA256_SIZE];
    char *jwt = out->prefixed + sizeof PREFIX - 1;
    memcpy(out->prefixed, PREFIX HEADER, sizeof PREFIX HEADER - 1);
    char *end = out->prefixed + sizeof PREFIX HEADER - 1;
    end += r2_base64_encode(end, claims, length, R2_BASE64_URL);
    r2_hmac(key, mac, jwt, (size_t)(end - jwt));
    *end++ = '.';
    end += r2_base64_encode(end, mac, sizeof mac, R2_BASE64_URL);
    r2_sha256_hex(out->secret, jwt, (size_t)(end - jwt));
    out->length = r2_base64_encode(out->session_token, out->prefixed, (size_t)(end - out->prefixed),
                                   R2_BASE64_STANDARD);
}

static double seconds_of(long count, made *out, const r2_hmac_key *key, const char *claims) {
    size_t length = strlen(claims);
    clock_t start = clock();
    for (long i = 0; i < count; i++) {
        mint(out, key, claims, length);
    }
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static double best_of_batches(made *out, const r2_hmac_key *key, const char *claims) {
    const double batch = 0.05; /* seconds */
    long count = 1000;
    double best = seconds_of(count, out, key, claims);
    while (best < batch / 4) {
        count *= 2;
        best = seconds_of(count, out, key, claims);
    }
    for (int i = 0; i < BATCHES; i++) {
        double seconds = seconds_of(count, out, key, claims);
        best = seconds < best ? seconds : best;
    }
    return best / (double)count;
}

static void read_line(char line[LINE_MAX_BYTES]) {
    if (fgets(line, LINE_MAX_BYTES, stdin) == NULL || strchr(line, '\n') == NULL) {
        fputs("floor: two lines are expected: the parent's secret, the claims\n", stderr);
        exit(EXIT_FAILURE);
    }
    *strchr(line, '\n') = '\0';
}

int main(int argc, char **argv) {
    static made out;
    static char secret[LINE_MAX_BYTES];
    static char claims[LINE_MAX_BYTES];
    r2_hmac_key key;
    read_line(secret);
    read_line(claims);
    r2_hmac_prepare(&key, secret, strlen(secret));
    if (argc == 2 && strcmp(argv[1], "seconds") == 0) {
        printf("%.12f\n", best_of_batches(&out, &key, claims));
        return EXIT_SUCCESS;
    }
    mint(&out, &key, claims, strlen(claims));
    printf("%.*s\n%.*s\n", (int)R2_SHA256_HEX, out.secret, (int)out.length, out.session_token);
    return EXIT_SUCCESS;
}
