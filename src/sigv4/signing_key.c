/* Deriving a signing key takes four HMACs, more than the signature itself: a server that signs many
 * requests with one credential does it once a day. */
#include "signing_key.h"

#include "../base/secret.h"

static bool holds(const char *kept, size_t length, r2_slice text) {
    return r2_slice_is((r2_slice){kept, length}, text);
}

/* The lengths are no secret, nor is whether anything matches. */
static bool is_of(const r2_signing_key *k, const r2_key_source *source) {
    return k->used_at != 0 && holds(k->date, R2_DATE_LENGTH, source->date) &&
           holds(k->region, k->region_length, source->region) &&
           holds(k->service, k->service_length, source->service) &&
           k->secret_length == source->secret.length &&
           r2_equal_secret(k->secret, source->secret.data, k->secret_length);
}

/* mac = HMAC(key, text); `key` and `mac` may be the same memory. */
static void hmac_step(unsigned char mac[R2_SHA256_SIZE], const void *key, size_t key_length,
                      r2_slice text) {
    r2_hmac_key prepared;
    r2_hmac_prepare(&prepared, key, key_length);
    r2_hmac(&prepared, mac, text.data, text.length);
    r2_wipe(&prepared, sizeof prepared);
}

static void derive(r2_hmac_key *key, const r2_key_source *source) {
    r2_slice prefix = R2_SLICE("AWS4");
    char first[sizeof "AWS4" - 1 + R2_SIGNING_SECRET_MAX];
    unsigned char mac[R2_SHA256_SIZE];
    memcpy(first, prefix.data, prefix.length);
    memcpy(first + prefix.length, source->secret.data, source->secret.length);
    hmac_step(mac, first, prefix.length + source->secret.length, source->date);
    hmac_step(mac, mac, sizeof mac, source->region);
    hmac_step(mac, mac, sizeof mac, source->service);
    hmac_step(mac, mac, sizeof mac, R2_SLICE("aws4_request"));
    r2_hmac_prepare(key, mac, sizeof mac);
    r2_wipe(first, sizeof first);
    r2_wipe(mac, sizeof mac);
}

static void fill(r2_signing_key *k, const r2_key_source *source) {
    r2_wipe(k, sizeof *k);
    memcpy(k->date, source->date.data, R2_DATE_LENGTH);
    memcpy(k->region, source->region.data, source->region.length);
    memcpy(k->service, source->service.data, source->service.length);
    memcpy(k->secret, source->secret.data, source->secret.length);
    k->region_length = source->region.length;
    k->service_length = source->service.length;
    k->secret_length = source->secret.length;
    derive(&k->key, source);
}

const r2_hmac_key *r2_signing_key_of(r2_signing_keys *keys, const r2_key_source *source) {
    r2_signing_key *found = &keys->kept[0];
    for (size_t i = 0; i < R2_SIGNING_KEYS; i++) {
        r2_signing_key *k = &keys->kept[i];
        if (is_of(k, source)) {
            k->used_at = ++keys->calls;
            return &k->key;
        }
        found = k->used_at < found->used_at ? k : found;
    }
    fill(found, source);
    found->used_at = ++keys->calls;
    return &found->key;
}
