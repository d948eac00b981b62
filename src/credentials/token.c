/* The JWT and what R2 makes of it: the secret is the SHA-256 of the signed JWT, the session token
 * is base64 of "jwt/" and the JWT. */
#include "token.h"

#include <string.h>

#include "../base/base64.h"
#include "../base/secret.h"

/* base64url of {"alg":"HS256","typ":"JWT"}, and the dot behind it */
#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
#define PREFIX "jwt/"

enum {
    HEADER_LENGTH = sizeof HEADER - 1,
    PREFIX_LENGTH = sizeof PREFIX - 1,
    SIGNATURE_LENGTH = 43 /* base64url of 32 bytes */
};

static void add_string(r2_buffer *out, r2_slice key, r2_slice text) {
    r2_buffer_add(out, key);
    r2_buffer_add(out, text);
    r2_buffer_add(out, R2_SLICE("\""));
}

static r2_slice or_empty_array(r2_slice array) {
    return array.length > 0 ? array : R2_SLICE("[]");
}

static void write_paths(r2_buffer *out, const r2_claims *claims) {
    if (claims->prefix_paths.length == 0 && claims->object_paths.length == 0) {
        return;
    }
    r2_buffer_add(out, R2_SLICE(",\"paths\":{\"prefixPaths\":"));
    r2_buffer_add(out, or_empty_array(claims->prefix_paths));
    r2_buffer_add(out, R2_SLICE(",\"objectPaths\":"));
    r2_buffer_add(out, or_empty_array(claims->object_paths));
    r2_buffer_add(out, R2_SLICE("}"));
}

/* In the order of Cloudflare's documented example. R2 takes any order; keeping this one makes the
 * bytes equal to the example's. */
static void write_claims(r2_buffer *out, const r2_claims *claims) {
    add_string(out, R2_SLICE("{\"bucket\":\""), claims->bucket);
    if (claims->scope.length > 0) {
        add_string(out, R2_SLICE(",\"scope\":\""), claims->scope);
    } else {
        r2_buffer_add(out, R2_SLICE(",\"actions\":"));
        r2_buffer_add(out, claims->actions);
    }
    write_paths(out, claims);
    add_string(out, R2_SLICE(",\"sub\":\""), claims->account_id);
    add_string(out, R2_SLICE(",\"iss\":\""), claims->parent_access_key_id);
    add_string(out, R2_SLICE(",\"aud\":\""), claims->audience);
    r2_buffer_add(out, R2_SLICE(",\"iat\":"));
    r2_buffer_add_decimal(out, claims->issued_at);
    r2_buffer_add(out, R2_SLICE(",\"exp\":"));
    r2_buffer_add_decimal(out, claims->expires_at);
    r2_buffer_add(out, R2_SLICE("}"));
}

static size_t jwt_length(size_t claims_length) {
    return HEADER_LENGTH + r2_base64_length(claims_length, R2_BASE64_URL) + 1 + SIGNATURE_LENGTH;
}

static size_t session_token_length(size_t claims_length) {
    return r2_base64_length(PREFIX_LENGTH + jwt_length(claims_length), R2_BASE64_STANDARD);
}

size_t r2_token_length(r2_buffer *work, const r2_claims *claims) {
    size_t start = work->length;
    write_claims(work, claims);
    size_t written = work->length - start;
    r2_buffer_cut(work, start);
    return session_token_length(written);
}

/* Writes "jwt/" and the JWT to `out`, which has the room; returns their end. */
static char *write_jwt(char *out, const r2_hmac_key *key, r2_slice claims) {
    unsigned char signature[R2_SHA256_SIZE];
    memcpy(out, PREFIX HEADER, PREFIX_LENGTH + HEADER_LENGTH);
    const char *signing_input = out + PREFIX_LENGTH;
    out += PREFIX_LENGTH + HEADER_LENGTH;
    out += r2_base64_encode(out, claims.data, claims.length, R2_BASE64_URL);
    r2_hmac(key, signature, signing_input, (size_t)(out - signing_input));
    *out++ = '.';
    out += r2_base64_encode(out, signature, sizeof signature, R2_BASE64_URL);
    r2_wipe(signature, sizeof signature);
    return out;
}

r2_token_result r2_token_sign(r2_buffer *work, const r2_hmac_key *key, const r2_claims *claims,
                              size_t max_token_bytes, r2_credential *credential) {
    size_t start = work->length;
    write_claims(work, claims);
    size_t written = work->length - start;
    if (!work->failed && session_token_length(written) > max_token_bytes) {
        return R2_TOKEN_TOO_LONG;
    }
    /* What follows has a length that is known, and writes into this room: nothing moves any
     * more. */
    size_t room =
        PREFIX_LENGTH + jwt_length(written) + R2_SHA256_HEX + session_token_length(written);
    if (!r2_buffer_reserve(work, room)) {
        return R2_TOKEN_NO_MEMORY;
    }
    char *prefixed = work->data + work->length;
    char *end = write_jwt(prefixed, key, r2_buffer_since(work, start));
    char *jwt = prefixed + PREFIX_LENGTH;
    char *secret = end;
    r2_sha256_hex(secret, jwt, (size_t)(end - jwt));
    char *session_token = secret + R2_SHA256_HEX;
    size_t length =
        r2_base64_encode(session_token, prefixed, (size_t)(end - prefixed), R2_BASE64_STANDARD);
    work->length = (size_t)(session_token + length - work->data);
    credential->secret_access_key = (r2_slice){secret, R2_SHA256_HEX};
    credential->session_token = (r2_slice){session_token, length};
    return R2_TOKEN_MADE;
}
