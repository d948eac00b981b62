/* A client's configuration: read from a Lua table, checked, and kept in one flat block without
 * pointers, so that wiping the block wipes every key in it. */
#ifndef R2_CONFIG_H
#define R2_CONFIG_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "../base/error.h"
#include "../base/fields.h"
#include "../base/sha256.h"
#include "../base/text.h"
#include "../base/url.h"

#pragma GCC visibility push(hidden)

enum {
    R2_ID_SIZE = 32,        /* account and access key ids: hex characters */
    R2_SECRET_SIZE = 64,    /* a secret access key: hex characters */
    R2_API_TOKEN_MAX = 512, /* Cloudflare's have 40 to 53 characters */
    R2_USER_AGENT_MAX = 256
};

typedef struct r2_config {
    bool can_sign;   /* there was a parent secret: `key` is prepared */
    bool has_parent; /* parent_access_key_id is set */
    bool whole_bucket;
    char account_id[R2_ID_SIZE];
    char parent_access_key_id[R2_ID_SIZE];
    r2_hmac_key key;
    r2_url endpoint;
    r2_url api_base_url;
    size_t max_token_bytes;
    size_t api_token_length; /* 0 = none */
    char api_token[R2_API_TOKEN_MAX];
    size_t user_agent_length;
    char user_agent[R2_USER_AGENT_MAX];
} r2_config;

extern const r2_names r2_config_names;

/* Fills a zeroed config from the table. `ignored` as in r2_spread. On failure nothing secret is
 * left in `config`. */
bool r2_config_read(lua_State *L, int table, const r2_names *ignored, r2_config *config,
                    r2_error *error);

/* NULL, or what an API token must be that this text is not. */
const char *r2_check_api_token(r2_slice token);
const char *r2_check_access_key_id(r2_slice id);

#pragma GCC visibility pop
#endif
