/* Session tokens, taken apart. */
#include "jwt.h"

#include <string.h>

#include "base64.h"
#include "json_parts.h"
#include "json_valid.h"
#include "secret.h"

#define PREFIX "jwt/"

enum { PREFIX_LENGTH = sizeof PREFIX - 1 };

/* Cuts what is before the first dot off the front of *text. */
static bool cut_part(r2_slice *text, r2_slice *part) {
    const char *dot = text->length == 0 ? NULL : memchr(text->data, '.', text->length);
    if (dot == NULL) {
        return false;
    }
    size_t length = (size_t)(dot - text->data);
    *part = (r2_slice){text->data, length};
    *text = (r2_slice){dot + 1, text->length - length - 1};
    return true;
}

static bool decode_part(r2_buffer *work, r2_slice part, r2_slice *decoded) {
    size_t start = work->length;
    if (!r2_base64_decode(work, part, R2_BASE64_URL)) {
        return false;
    }
    *decoded = (r2_slice){work->data + start, work->length - start};
    return true;
}

const char *r2_token_open(r2_buffer *work, r2_slice session_token, r2_jwt *jwt) {
    static const char no_token[] =
        "must be a session token of R2: canonical base64 of jwt/ and a JWT";
    static const char no_jwt[] =
        "must hold a JWT: header, claims and a signature of 32 bytes, each canonical base64url";
    /* Room for the token decoded, and behind it for its three parts: nothing moves below. */
    size_t room = R2_BASE64_DECODED_MAX(session_token.length);
    room += R2_BASE64_DECODED_MAX(room) + 2 * R2_BASE64_DECODED_MAX(0);
    if (!r2_buffer_reserve(work, room) ||
        !r2_base64_decode(work, session_token, R2_BASE64_STANDARD)) {
        return no_token;
    }
    r2_slice rest = {work->data, work->length};
    if (rest.length < PREFIX_LENGTH || memcmp(rest.data, PREFIX, PREFIX_LENGTH) != 0) {
        return no_token;
    }
    rest = (r2_slice){rest.data + PREFIX_LENGTH, rest.length - PREFIX_LENGTH};
    r2_slice whole = rest;
    r2_slice header;
    r2_slice payload;
    if (!cut_part(&rest, &header) || !cut_part(&rest, &payload)) {
        return no_jwt;
    }
    jwt->signing_input = (r2_slice){whole.data, header.length + 1 + payload.length};
    r2_slice signature;
    if (!decode_part(work, header, &jwt->header) || !decode_part(work, payload, &jwt->payload) ||
        !decode_part(work, rest, &signature) || signature.length != R2_SHA256_SIZE) {
        return no_jwt;
    }
    memcpy(jwt->signature, signature.data, R2_SHA256_SIZE);
    return NULL;
}

bool r2_token_is_signed_by(const r2_jwt *jwt, const r2_hmac_key *key) {
    unsigned char expected[R2_SHA256_SIZE];
    r2_hmac(key, expected, jwt->signing_input.data, jwt->signing_input.length);
    bool equal = r2_equal_secret(expected, jwt->signature, sizeof expected);
    r2_wipe(expected, sizeof expected);
    return equal;
}

int64_t r2_jwt_time(r2_slice claim) {
    static const int64_t largest = INT64_C(1) << 53; /* what a number of JSON holds exactly */
    return r2_json_whole(claim, largest);
}

int64_t r2_jwt_expiry(const r2_jwt *jwt) {
    static const r2_slice name = R2_SLICE_OF("exp");
    r2_slice exp;
    if (!r2_json_is_valid(jwt->payload)) {
        return -1;
    }
    r2_json_find(r2_json_trim(jwt->payload), &name, 1, &exp);
    return r2_jwt_time(exp);
}
