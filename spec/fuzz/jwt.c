/* Session tokens. Any bytes are taken apart only when the parts make the same bytes again; what is
 * signed here is read back as it was written, beside a token made by hand. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "../../src/base/jwt.h"

#include "../../src/base/utc.h"
#include "../../src/credentials/token.h"
#include "plain.h"

static r2_slice join(r2_slice left, char between, r2_slice right) {
    char *out = fuzz_room(left.length + 1 + right.length);
    memcpy(out, left.data, left.length);
    out[left.length] = between;
    memcpy(out + left.length + 1, right.data, right.length);
    return (r2_slice){out, left.length + 1 + right.length};
}

static r2_slice plain_signing_input(r2_slice header, r2_slice payload) {
    return join(plain_base64(header, true), '.', plain_base64(payload, true));
}

static r2_slice plain_token(r2_slice signing_input, r2_slice signature) {
    r2_slice jwt = join(signing_input, '.', plain_base64(signature, true));
    return plain_base64(join(R2_SLICE("jwt"), '/', jwt), false);
}

/* Whatever is taken is the one way to write what it was taken for. */
static void check_open(r2_slice token, r2_slice secret) {
    r2_jwt jwt;
    r2_buffer work = {0};
    r2_hmac_key key;
    unsigned char mac[R2_SHA256_SIZE];
    if (r2_token_open(&work, token, &jwt) == NULL) {
        r2_slice signature = {(char *)jwt.signature, sizeof jwt.signature};
        HOLDS(r2_slice_is(jwt.signing_input, plain_signing_input(jwt.header, jwt.payload)));
        HOLDS(r2_slice_is(token, plain_token(jwt.signing_input, signature)));
        int64_t expiry = r2_jwt_expiry(&jwt);
        HOLDS(expiry >= -1 && expiry <= R2_LAST_SECOND);
        r2_hmac_prepare(&key, secret.data, secret.length);
        plain_hmac(mac, secret, jwt.signing_input);
        HOLDS(r2_token_is_signed_by(&jwt, &key) == (memcmp(mac, jwt.signature, sizeof mac) == 0));
    }
    HOLDS(!work.failed);
    r2_buffer_free(&work);
}

/* A token made by hand is opened, to what it was made of; its signature is the key's, and no other
 * is. */
static void check_parts(r2_slice header, r2_slice payload, r2_slice secret) {
    r2_jwt jwt;
    r2_buffer work = {0};
    r2_hmac_key key;
    unsigned char mac[R2_SHA256_SIZE];
    r2_slice signing_input = plain_signing_input(header, payload);
    plain_hmac(mac, secret, signing_input);
    r2_slice token = plain_token(signing_input, (r2_slice){(char *)mac, sizeof mac});
    HOLDS(r2_token_open(&work, token, &jwt) == NULL);
    HOLDS(r2_slice_is(jwt.header, header) && r2_slice_is(jwt.payload, payload));
    r2_hmac_prepare(&key, secret.data, secret.length);
    HOLDS(r2_token_is_signed_by(&jwt, &key));
    for (size_t bit = 0; bit < 8 * sizeof mac; bit += 37) {
        jwt.signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
        HOLDS(!r2_token_is_signed_by(&jwt, &key));
        jwt.signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    r2_buffer_free(&work);
}

/* A signature has 32 bytes. */
static void check_signature_length(r2_slice signing_input, r2_slice signature) {
    r2_jwt jwt;
    r2_buffer work = {0};
    bool opened = r2_token_open(&work, plain_token(signing_input, signature), &jwt) == NULL;
    HOLDS(opened == (signature.length == R2_SHA256_SIZE));
    r2_buffer_free(&work);
}

/* What r2_token_sign is given: it writes these texts as they are. */
static r2_slice plain_claims(const r2_claims *c) {
    bool paths = c->prefix_paths.length > 0 || c->object_paths.length > 0;
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    fprintf(out, "{\"bucket\":\"%s\",", fuzz_string(c->bucket));
    if (c->scope.length > 0) {
        fprintf(out, "\"scope\":\"%s\"", fuzz_string(c->scope));
    } else {
        fprintf(out, "\"actions\":%s", fuzz_string(c->actions));
    }
    if (paths) {
        fprintf(out, ",\"paths\":{\"prefixPaths\":%s,\"objectPaths\":%s}",
                c->prefix_paths.length > 0 ? fuzz_string(c->prefix_paths) : "[]",
                c->object_paths.length > 0 ? fuzz_string(c->object_paths) : "[]");
    }
    fprintf(out, ",\"sub\":\"%s\",\"iss\":\"%s\",\"aud\":\"%s\",\"iat\":%lld,\"exp\":%lld}",
            fuzz_string(c->account_id), fuzz_string(c->parent_access_key_id),
            fuzz_string(c->audience), (long long)c->issued_at, (long long)c->expires_at);
    fclose(out);
    return (r2_slice){fuzz_keep(text), length};
}

/* The secret is the SHA-256 of the JWT, in hex. */
static r2_slice plain_secret(r2_slice token) {
    unsigned char digest[R2_SHA256_SIZE];
    r2_slice prefixed = plain_base64_bytes(token, false);
    SHA256((const unsigned char *)prefixed.data + 4, prefixed.length - 4, digest);
    return (r2_slice){plain_hex(digest, sizeof digest), R2_SHA256_HEX};
}

static void check_sign(const r2_claims *claims, r2_slice secret) {
    r2_buffer work = {0};
    r2_hmac_key key;
    r2_credential made;
    unsigned char mac[R2_SHA256_SIZE];
    r2_slice signing_input =
        plain_signing_input(R2_SLICE("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), plain_claims(claims));
    plain_hmac(mac, secret, signing_input);
    r2_slice expected = plain_token(signing_input, (r2_slice){(char *)mac, sizeof mac});
    r2_hmac_prepare(&key, secret.data, secret.length);
    HOLDS(r2_token_length(&work, claims) == expected.length && work.length == 0);
    HOLDS(r2_token_sign(&work, &key, claims, expected.length - 1, &made) == R2_TOKEN_TOO_LONG);
    r2_buffer_reset(&work);
    HOLDS(r2_token_sign(&work, &key, claims, expected.length, &made) == R2_TOKEN_MADE);
    HOLDS(r2_slice_is(made.session_token, expected));
    HOLDS(r2_slice_is(made.secret_access_key, plain_secret(expected)));
    r2_buffer_free(&work);
}

/* A field without NUL, for a text that is printed. */
static r2_slice field(r2_slice *rest) {
    const char *text = fuzz_string(fuzz_cut(rest, '\n'));
    return fuzz_copy((r2_slice){text, strlen(text)});
}

static void fuzz(r2_slice input) {
    r2_slice all = fuzz_copy(input);
    r2_slice secret = fuzz_line(&input);
    check_open(all, secret);
    check_open(fuzz_copy(input), secret);
    r2_slice rest = input;
    r2_slice header = fuzz_line(&rest);
    check_parts(header, fuzz_copy(rest), secret);
    check_signature_length(plain_signing_input(header, secret), header);
    r2_claims claims = {
        .bucket = field(&input),
        .scope = field(&input),
        .actions = field(&input),
        .prefix_paths = field(&input),
        .object_paths = field(&input),
        .account_id = field(&input),
        .parent_access_key_id = field(&input),
        .audience = field(&input),
        .issued_at = (int64_t)all.length * 1000003,
        .expires_at = INT64_MAX >> all.length % 64,
    };
    check_sign(&claims, secret);
}
