/* Which fields a request has, and what each may hold. */
#include "request.h"

#include "../base/nfc.h"
#include "../base/s3_names.h"
#include "permissions.h"
#include "token.h"

#define FIELDS(X)                                                                                  \
    X(BUCKET, "bucket")                                                                            \
    X(PERMISSION, "permission")                                                                    \
    X(ACTIONS, "actions")                                                                          \
    X(TTL_SECONDS, "ttl_seconds")                                                                  \
    X(PREFIXES, "prefixes")                                                                        \
    X(OBJECTS, "objects")                                                                          \
    X(PARENT_ACCESS_KEY_ID, "parent_access_key_id")

enum field { FIELDS(R2_AS_FIELD) FIELD_COUNT };

static const r2_slice names[FIELD_COUNT] = {FIELDS(R2_AS_FIELD_NAME)};
const r2_names r2_request_names = {"request", names, FIELD_COUNT, R2_INVALID_REQUEST};

typedef struct reader {
    r2_reader fields;
    const r2_request_rules *rules;
    const r2_config *config;
    r2_buffer *lists;
    r2_request *request;
} reader;

static bool read_bucket(reader *r) {
    r->request->bucket_index = r->fields.base + BUCKET;
    /* It stays empty, and so wrong, when it is no string. */
    (void)r2_field_string(&r->fields, BUCKET, &r->request->bucket);
    const char *wrong = r2_check_bucket(r->request->bucket);
    return wrong == NULL || r2_field_require(&r->fields, BUCKET, wrong);
}

static bool read_ttl(reader *r) {
    return r2_get_whole(r->fields.L, r->fields.base + TTL_SECONDS, 1, R2_TTL_MAX,
                        &r->request->ttl_seconds) ||
           r2_field_require(&r->fields, TTL_SECONDS,
                            "must be a whole number of seconds from 1 to 604800");
}

static bool read_parent(reader *r) {
    const r2_config *config = r->config;
    if (r2_field_is_set(&r->fields, PARENT_ACCESS_KEY_ID)) {
        r2_slice id = {0};
        const char *wrong = r2_field_string(&r->fields, PARENT_ACCESS_KEY_ID, &id)
                                ? r2_check_access_key_id(id)
                                : r2_check_access_key_id((r2_slice){0});
        r->request->parent_access_key_id = id;
        return wrong == NULL || r2_field_refuse(&r->fields, PARENT_ACCESS_KEY_ID, wrong);
    }
    if (!config->has_parent) {
        return r2_field_refuse(
            &r->fields, PARENT_ACCESS_KEY_ID,
            "is required, here or in the configuration: 32 lower-case hex characters");
    }
    r->request->parent_access_key_id = (r2_slice){config->parent_access_key_id, R2_ID_SIZE};
    return true;
}

/* Appends a list to r->lists and tells where it is, as an offset: the buffer may still move. */
static bool read_list(reader *r, int field, r2_check_item *check, size_t *start) {
    bool too_long = false;
    *start = r->lists->length;
    if (!r2_field_is_set(&r->fields, (int)field)) {
        return true;
    }
    /* The session token is longer than the claims, and the claims are longer than the list. */
    bool good =
        r2_add_json_list(r->fields.L, r->fields.base + field, names[field].data, check, r->lists,
                         *start + r->config->max_token_bytes, &too_long, r->fields.error);
    if (too_long) {
        return r2_refuse(r->fields.error, R2_INVALID_REQUEST, names[field].data, 0,
                         "would make the session token longer than max_token_bytes (%zu)",
                         r->config->max_token_bytes);
    }
    return good;
}

static bool read_permission(reader *r) {
    r2_slice text;
    if (r2_field_string(&r->fields, PERMISSION, &text)) {
        r->request->permission = r2_find_permission(text);
    }
    if (r->request->permission.length == 0) {
        return r2_refuse(r->fields.error, R2_INVALID_REQUEST, names[PERMISSION].data, 0,
                         "must be %s", r2_known_permissions);
    }
    if (r2_is_write_only(r->request->permission)) {
        r2_add_write_only_actions(r->lists);
    }
    return true;
}

static bool read_operations(reader *r, size_t *start) {
    *start = r->lists->length;
    if (r2_field_is_set(&r->fields, PERMISSION) && r2_field_is_set(&r->fields, ACTIONS)) {
        return r2_field_refuse(&r->fields, ACTIONS,
                               "must not be given beside a permission: R2 refuses both together");
    }
    if (r2_field_is_set(&r->fields, PERMISSION)) {
        return read_permission(r);
    }
    if (!r2_field_is_set(&r->fields, ACTIONS)) {
        return r2_refuse(r->fields.error, R2_INVALID_REQUEST, names[PERMISSION].data, 0,
                         "is required, or actions in its place; it must be %s",
                         r2_known_permissions);
    }
    r->request->chose_actions = true;
    return read_list(r, ACTIONS, r2_check_action, start);
}

static r2_slice part(const r2_buffer *buffer, size_t start, size_t end) {
    return start == end ? (r2_slice){0} : (r2_slice){buffer->data + start, end - start};
}

/* NFC first: a pattern tells what it says in terms of its own argument, whose bounds may be
 * narrower than a key's. What is longer than any key is not looked through. */
static const char *check_normalized_key(r2_slice key) {
    const char *wrong = key.length <= R2_KEY_BYTES_MAX ? r2_check_nfc(key) : NULL;
    return wrong == NULL ? r2_check_key(key) : wrong;
}

static bool read_lists(reader *r) {
    r2_check_item *check = r->rules->nfc ? check_normalized_key : r2_check_key;
    size_t actions;
    size_t prefixes;
    size_t objects;
    if (!read_operations(r, &actions) || !read_list(r, PREFIXES, check, &prefixes) ||
        !read_list(r, OBJECTS, check, &objects)) {
        return false;
    }
    r->request->actions = part(r->lists, actions, prefixes);
    r->request->prefixes = part(r->lists, prefixes, objects);
    r->request->objects = part(r->lists, objects, r->lists->length);
    if (!r->config->whole_bucket && !r2_field_is_set(&r->fields, PREFIXES) &&
        !r2_field_is_set(&r->fields, OBJECTS)) {
        return r2_field_refuse(&r->fields, PREFIXES,
                               "or objects is required: whole_bucket is false");
    }
    return true;
}

bool r2_request_read(lua_State *L, int table, const r2_request_rules *rules,
                     const r2_config *config, r2_buffer *lists, r2_request *request,
                     r2_error *error) {
    reader r = {{L, lua_gettop(L) + 1, &r2_request_names, error}, rules, config, lists, request};
    *request = (r2_request){0};
    return r2_spread(L, table, &r2_request_names, rules->ignored, error) && read_bucket(&r) &&
           read_lists(&r) && read_ttl(&r) && read_parent(&r);
}

bool r2_request_refuse_length(const r2_request *request, const r2_config *config, r2_error *error) {
    enum field larger = request->prefixes.length >= request->objects.length ? PREFIXES : OBJECTS;
    bool restricted = request->prefixes.length + request->objects.length > 0;
    if (!restricted) {
        return r2_refuse(error, R2_INVALID_REQUEST, "max_token_bytes", 0,
                         "must be larger: no session token for this request fits into %zu bytes",
                         config->max_token_bytes);
    }
    return r2_refuse(error, R2_INVALID_REQUEST, names[larger].data, 0,
                     "would make the session token longer than max_token_bytes (%zu)",
                     config->max_token_bytes);
}
