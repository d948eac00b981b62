/* What a client is made of: which fields a configuration has and what each may hold. */
#include "config.h"

#include <string.h>

#include "../base/ascii.h"
#include "../base/buffer.h"
#include "../base/jwt.h"
#include "../base/secret.h"
#include "../base/version.h"

enum { DEFAULT_TOKEN_BYTES = 8000 }; /* common proxies stop at 8 KB a header line */

#define FIELDS(X)                                                                                  \
    X(ACCOUNT_ID, "account_id")                                                                    \
    X(PARENT_ACCESS_KEY_ID, "parent_access_key_id")                                                \
    X(PARENT_SECRET_ACCESS_KEY, "parent_secret_access_key")                                        \
    X(API_TOKEN, "api_token")                                                                      \
    X(JURISDICTION, "jurisdiction")                                                                \
    X(ENDPOINT, "endpoint")                                                                        \
    X(WHOLE_BUCKET, "whole_bucket")                                                                \
    X(MAX_TOKEN_BYTES, "max_token_bytes")                                                          \
    X(API_BASE_URL, "api_base_url")                                                                \
    X(USER_AGENT, "user_agent")

enum field { FIELDS(R2_AS_FIELD) FIELD_COUNT };

static const r2_slice names[FIELD_COUNT] = {FIELDS(R2_AS_FIELD_NAME)};
const r2_names r2_config_names = {"configuration", names, FIELD_COUNT, R2_INVALID_CONFIG};

typedef struct reader {
    r2_reader fields;
    r2_config *config;
} reader;

static bool is_token_character(char c) {
    return r2_is_alphanumeric(c) || c == '_' || c == '-';
}

/* A Cloudflare API token by its form: 40 characters, or one of the prefixes of the page "Token
 * formats" (developers.cloudflare.com/fundamentals/api/get-started/token-formats/). */
static bool looks_like_api_token(r2_slice text) {
    static const r2_slice prefixes[] = {R2_SLICE_OF("cfut_"), R2_SLICE_OF("cfat_"),
                                        R2_SLICE_OF("cfk_")};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (text.length > prefixes[i].length && r2_begins_with(text, prefixes[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < text.length; i++) {
        if (!is_token_character(text.data[i])) {
            return false;
        }
    }
    return text.length == 40;
}

const char *r2_check_api_token(r2_slice token) {
    static const char must_be[] =
        "must be an API token: 1 to 512 visible ASCII characters without spaces";
    bool good = token.length >= 1 && token.length <= R2_API_TOKEN_MAX && r2_is_visible(token);
    return good ? NULL : must_be;
}

const char *r2_check_access_key_id(r2_slice id) {
    return r2_is_lower_hex(id, R2_ID_SIZE) ? NULL : "must be 32 lower-case hex characters";
}

static bool read_ids(reader *r) {
    r2_slice text;
    if (!r2_field_string(&r->fields, ACCOUNT_ID, &text) || !r2_is_lower_hex(text, R2_ID_SIZE)) {
        return r2_field_require(&r->fields, ACCOUNT_ID, "must be 32 lower-case hex characters");
    }
    memcpy(r->config->account_id, text.data, R2_ID_SIZE);
    if (!r2_field_is_set(&r->fields, PARENT_ACCESS_KEY_ID)) {
        return true;
    }
    const char *wrong = r2_field_string(&r->fields, PARENT_ACCESS_KEY_ID, &text)
                            ? r2_check_access_key_id(text)
                            : r2_check_access_key_id((r2_slice){0});
    if (wrong != NULL) {
        return r2_field_refuse(&r->fields, PARENT_ACCESS_KEY_ID, wrong);
    }
    memcpy(r->config->parent_access_key_id, text.data, R2_ID_SIZE);
    r->config->has_parent = true;
    return true;
}

static bool read_secret(reader *r) {
    r2_slice text;
    if (!r2_field_is_set(&r->fields, PARENT_SECRET_ACCESS_KEY)) {
        return true;
    }
    bool string = r2_field_string(&r->fields, PARENT_SECRET_ACCESS_KEY, &text);
    if (string && looks_like_api_token(text)) {
        return r2_field_refuse(
            &r->fields, PARENT_SECRET_ACCESS_KEY,
            "must be 64 lower-case hex characters; this looks like an API token's value: "
            "the secret is what r2.secret_from_api_token, or `printf %s TOKEN | sha256sum`, makes "
            "of it");
    }
    if (!string || !r2_is_lower_hex(text, R2_SECRET_SIZE)) {
        return r2_field_refuse(&r->fields, PARENT_SECRET_ACCESS_KEY,
                               "must be 64 lower-case hex characters");
    }
    if (!r->config->has_parent) {
        return r2_field_refuse(&r->fields, PARENT_ACCESS_KEY_ID,
                               "is required beside its secret: 32 lower-case hex characters");
    }
    /* R2 signs with the characters themselves, not with the 32 bytes that they encode. */
    r2_hmac_prepare(&r->config->key, text.data, text.length);
    r->config->can_sign = true;
    return true;
}

static bool read_api_token(reader *r) {
    r2_slice text = {0};
    if (!r2_field_is_set(&r->fields, API_TOKEN)) {
        return r->config->can_sign ||
               r2_field_refuse(
                   &r->fields, PARENT_SECRET_ACCESS_KEY,
                   "is required, or an API token: the first signs locally, the second asks "
                   "Cloudflare's API");
    }
    const char *wrong =
        r2_check_api_token(r2_field_string(&r->fields, API_TOKEN, &text) ? text : (r2_slice){0});
    if (wrong != NULL) {
        return r2_field_refuse(&r->fields, API_TOKEN, wrong);
    }
    memcpy(r->config->api_token, text.data, text.length);
    r->config->api_token_length = text.length;
    return true;
}

/* https://<account>[.<jurisdiction>].r2.cloudflarestorage.com */
static void make_endpoint(r2_config *config, r2_slice jurisdiction) {
    char text[R2_URL_MAX];
    r2_buffer url = {.data = text, .capacity = sizeof text};
    r2_buffer_add(&url, R2_SLICE("https://"));
    r2_buffer_append(&url, config->account_id, R2_ID_SIZE);
    if (jurisdiction.length > 0) {
        r2_buffer_add(&url, R2_SLICE("."));
        r2_buffer_add(&url, jurisdiction);
    }
    r2_buffer_add(&url, R2_SLICE(".r2.cloudflarestorage.com"));
    (void)r2_url_parse(&config->endpoint, (r2_slice){url.data, url.length});
}

static bool read_endpoint(reader *r) {
    r2_slice jurisdiction = {0};
    r2_slice text;
    if (r2_field_is_set(&r->fields, JURISDICTION) &&
        (!r2_field_string(&r->fields, JURISDICTION, &jurisdiction) ||
         !r2_is_label(jurisdiction, 1, 63))) {
        return r2_field_refuse(
            &r->fields, JURISDICTION,
            "must be a lower-case DNS label, such as eu or fedramp: 1 to 63 letters, "
            "digits and inner hyphens");
    }
    if (!r2_field_is_set(&r->fields, ENDPOINT)) {
        make_endpoint(r->config, jurisdiction);
        return true;
    }
    if (r2_field_is_set(&r->fields, JURISDICTION)) {
        return r2_field_refuse(&r->fields, ENDPOINT,
                               "must not be given beside jurisdiction: either one makes the host");
    }
    if (!r2_field_string(&r->fields, ENDPOINT, &text)) {
        return r2_field_refuse(&r->fields, ENDPOINT,
                               "must be a string: https://host or https://host:port");
    }
    const char *wrong = r2_url_parse(&r->config->endpoint, text);
    if (wrong == NULL && text.data[text.length - 1] == '/') {
        wrong = "must not end in a slash: https://host or https://host:port";
    }
    if (wrong == NULL && r2_url_has_path(&r->config->endpoint)) {
        wrong = "must not have a path: https://host or https://host:port";
    }
    return wrong == NULL || r2_field_refuse(&r->fields, ENDPOINT, wrong);
}

static bool read_api_base_url(reader *r) {
    r2_slice text = R2_SLICE("https://api.cloudflare.com/client/v4");
    if (r2_field_is_set(&r->fields, API_BASE_URL) &&
        !r2_field_string(&r->fields, API_BASE_URL, &text)) {
        return r2_field_refuse(&r->fields, API_BASE_URL, "must be a string: https://host/path");
    }
    const char *wrong = r2_url_parse(&r->config->api_base_url, text);
    return wrong == NULL || r2_field_refuse(&r->fields, API_BASE_URL, wrong);
}

static bool read_limits(reader *r) {
    int64_t bytes = DEFAULT_TOKEN_BYTES;
    lua_State *L = r->fields.L;
    int whole_bucket = r->fields.base + WHOLE_BUCKET;
    if (r2_field_is_set(&r->fields, WHOLE_BUCKET) && !lua_isboolean(L, whole_bucket)) {
        return r2_field_refuse(&r->fields, WHOLE_BUCKET, "must be true or false");
    }
    r->config->whole_bucket =
        !r2_field_is_set(&r->fields, WHOLE_BUCKET) || lua_toboolean(L, whole_bucket);
    if (r2_field_is_set(&r->fields, MAX_TOKEN_BYTES) &&
        !r2_get_whole(L, r->fields.base + MAX_TOKEN_BYTES, 1, R2_TOKEN_BYTES_MAX, &bytes)) {
        return r2_field_refuse(&r->fields, MAX_TOKEN_BYTES,
                               "must be a whole number from 1 to 1048576");
    }
    r->config->max_token_bytes = (size_t)bytes;
    return true;
}

static bool read_user_agent(reader *r) {
    static const char must_be[] = "must be 1 to 256 printable ASCII characters";
    r2_slice text = R2_SLICE("r2-temp-credentials/" R2_VERSION);
    if (r2_field_is_set(&r->fields, USER_AGENT) &&
        !r2_field_string(&r->fields, USER_AGENT, &text)) {
        return r2_field_refuse(&r->fields, USER_AGENT, must_be);
    }
    if (text.length < 1 || text.length > R2_USER_AGENT_MAX) {
        return r2_field_refuse(&r->fields, USER_AGENT, must_be);
    }
    for (size_t i = 0; i < text.length; i++) {
        if (!r2_is_printable(text.data[i])) {
            return r2_field_refuse(&r->fields, USER_AGENT, must_be);
        }
    }
    memcpy(r->config->user_agent, text.data, text.length);
    r->config->user_agent_length = text.length;
    return true;
}

bool r2_config_read(lua_State *L, int table, const r2_names *ignored, r2_config *config,
                    r2_error *error) {
    reader r = {{L, lua_gettop(L) + 1, &r2_config_names, error}, config};
    bool good = r2_spread(L, table, &r2_config_names, ignored, error) && read_ids(&r) &&
                read_secret(&r) && read_api_token(&r) && read_endpoint(&r) &&
                read_api_base_url(&r) && read_limits(&r) && read_user_agent(&r);
    if (!good) {
        r2_wipe(config, sizeof *config);
    }
    return good;
}
