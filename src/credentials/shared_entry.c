/* The MAC of entries that are shared. */
#include "shared_entry.h"

#include <string.h>

#include "../base/secret.h"

static const char PURPOSE[] = "r2 shared entry 1";

enum { BOUND_MAX = sizeof PURPOSE + 2 * R2_ID_SIZE + R2_URL_MAX };

/* What the key is bound to. Only the last has no fixed length. */
static size_t write_bound(char *to, const r2_config *config) {
    size_t length = sizeof PURPOSE;
    memcpy(to, PURPOSE, length);
    memcpy(to + length, config->account_id, R2_ID_SIZE);
    length += R2_ID_SIZE;
    memcpy(to + length, config->parent_access_key_id, R2_ID_SIZE);
    length += R2_ID_SIZE;
    memcpy(to + length, config->endpoint.text, config->endpoint.length);
    return length + config->endpoint.length;
}

bool r2_shared_entry_mac(char hex[R2_SHA256_HEX], const r2_config *config, r2_slice text) {
    char bound[BOUND_MAX];
    unsigned char mac[R2_SHA256_SIZE];
    r2_hmac_key key;
    if (config->api_token_length == 0) {
        return false;
    }
    r2_hmac_prepare(&key, config->api_token, config->api_token_length);
    r2_hmac(&key, mac, bound, write_bound(bound, config));
    r2_hmac_prepare(&key, mac, sizeof mac);
    r2_hmac(&key, mac, text.data, text.length);
    r2_sha256_hex(hex, mac, sizeof mac);
    r2_wipe(&key, sizeof key);
    r2_wipe(mac, sizeof mac);
    return true;
}
