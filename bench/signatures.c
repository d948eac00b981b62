/* The floor of a signature: what no signer can leave out once the day's key is prepared. The hash
 * of the canonical request and the HMAC of the string to sign, with the library's own routines, and
 * nothing else: no Lua, no request to check, no canonical request to write, no URL to put together.
 *
 *     signatures bytes   <input    the signature
 *     signatures seconds <input    CPU time of one, over batches of about 0.05 s, the best of them
 *
 * The input is the secret access key, the time as YYYYMMDDThhmmssZ, each with a newline, and the
 * canonical request; the region is auto, the service s3. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../src/base/sha256.h"
#include "../src/base/text.h"
#include "../src/sigv4/signing_key.h"

enum {
    LINE_MAX_BYTES = 256,
    REQUEST_MAX = 16384,
    TIME_LENGTH = 16,
    BATCHES = 6,
};

typedef struct input {
    char secret[LINE_MAX_BYTES];
    char time[LINE_MAX_BYTES];
    char request[REQUEST_MAX];
    size_t length;
    char string_to_sign[LINE_MAX_BYTES];
    size_t hash_at; /* where in it the hash goes, which is its end */
} input;

static void sign(const r2_hmac_key *key, input *in, char signature[R2_SHA256_HEX]) {
    unsigned char mac[R2_SHA256_SIZE];
    r2_sha256_hex(in->string_to_sign + in->hash_at, in->request, in->length);
    r2_hmac(key, mac, in->string_to_sign, in->hash_at + R2_SHA256_HEX);
    r2_hex_encode(signature, mac, sizeof mac);
}

static double seconds_of(long count, const r2_hmac_key *key, input *in) {
    char signature[R2_SHA256_HEX];
    clock_t start = clock();
    for (long i = 0; i < count; i++) {
        sign(key, in, signature);
    }
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static double best_of_batches(const r2_hmac_key *key, input *in) {
    const double batch = 0.05; /* seconds */
    long count = 1000;
    double best = seconds_of(count, key, in);
    while (best < batch / 4) {
        count *= 2;
        best = seconds_of(count, key, in);
    }
    for (int i = 0; i < BATCHES; i++) {
        double seconds = seconds_of(count, key, in);
        best = seconds < best ? seconds : best;
    }
    return best / (double)count;
}

static void read_line(char line[LINE_MAX_BYTES]) {
    if (fgets(line, LINE_MAX_BYTES, stdin) == NULL || strchr(line, '\n') == NULL) {
        fputs("signatures: a secret, a time and a canonical request are expected\n", stderr);
        exit(EXIT_FAILURE);
    }
    *strchr(line, '\n') = '\0';
}

static void read_input(input *in) {
    read_line(in->secret);
    read_line(in->time);
    in->length = fread(in->request, 1, sizeof in->request, stdin);
    in->hash_at = (size_t)snprintf(in->string_to_sign, sizeof in->string_to_sign,
                                   "AWS4-HMAC-SHA256\n%.16s\n%.8s/auto/s3/aws4_request\n", in->time,
                                   in->time);
}

int main(int argc, char **argv) {
    static input in;
    static r2_signing_keys keys;
    char signature[R2_SHA256_HEX];
    read_input(&in);
    r2_key_source source = {.secret = {in.secret, strlen(in.secret)},
                            .date = {in.time, R2_DATE_LENGTH},
                            .region = R2_SLICE("auto"),
                            .service = R2_SLICE("s3")};
    if (source.secret.length > R2_SIGNING_SECRET_MAX || strlen(in.time) != TIME_LENGTH) {
        fputs("signatures: too long a secret, or no time\n", stderr);
        return EXIT_FAILURE;
    }
    const r2_hmac_key *key = r2_signing_key_of(&keys, &source);
    if (argc == 2 && strcmp(argv[1], "seconds") == 0) {
        printf("%.12f\n", best_of_batches(key, &in));
        return EXIT_SUCCESS;
    }
    sign(key, &in, signature);
    printf("%.*s\n", (int)sizeof signature, signature);
    return EXIT_SUCCESS;
}
