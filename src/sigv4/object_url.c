/* endpoint/bucket/key?query as it goes on the wire. */
#include "object_url.h"

#include "../base/fields.h"
#include "../base/percent.h"
#include "../base/s3_names.h"
#include "../base/text.h"
#include "../base/url.h"
#include "../base/utf8.h"
#include "signature.h"

static const char endpoint_form[] = "must be a string: https://host or https://host:port";

static bool write_endpoint(lua_State *L, r2_buffer *out, r2_error *error) {
    r2_url url;
    r2_slice text;
    if (!r2_get_string(L, R2_URL_ENDPOINT, &text)) {
        return r2_refuse(error, R2_INVALID_REQUEST, "endpoint", 0, "%s", endpoint_form);
    }
    const char *wrong = r2_url_parse(&url, text);
    if (wrong == NULL && r2_url_has_path(&url)) {
        wrong = "must not have a path: https://host or https://host:port";
    }
    if (wrong != NULL) {
        return r2_refuse(error, R2_INVALID_REQUEST, "endpoint", 0, "%s", wrong);
    }
    r2_buffer_append(out, url.text, url.length);
    return true;
}

static bool write_path(lua_State *L, r2_buffer *out, r2_error *error) {
    r2_slice bucket = {0};
    r2_slice key = {0};
    (void)r2_get_string(L, R2_URL_BUCKET, &bucket);
    const char *wrong = r2_check_bucket(bucket);
    if (wrong != NULL) {
        return r2_refuse(error, R2_INVALID_REQUEST, "bucket", 0, "%s%s",
                         lua_isnil(L, R2_URL_BUCKET) ? "is required and " : "", wrong);
    }
    r2_buffer_add(out, R2_SLICE("/"));
    r2_buffer_add(out, bucket);
    if (lua_isnil(L, R2_URL_KEY)) {
        return true;
    }
    /* "" is no key, and no bucket either: who has lost a key must not get what acts on all. */
    if (!r2_get_string(L, R2_URL_KEY, &key) || r2_check_key(key) != NULL) {
        return r2_refuse(error, R2_INVALID_REQUEST, "key", 0,
                         "must be 1 to 1024 bytes of UTF-8 without NUL, or nil for the bucket");
    }
    r2_buffer_add(out, R2_SLICE("/"));
    r2_percent_encode(out, key, R2_IN_PATH);
    return true;
}

/* ---- the query ---- */

typedef struct query {
    lua_State *L;
    r2_parameters *parameters;
    r2_buffer *parts;
    r2_error *error;
} query;

static bool refuse(const query *q, const char *what) {
    return r2_refuse(q->error, R2_INVALID_REQUEST, "query", 0, "%s", what);
}

static bool is_text(r2_slice text) {
    return r2_is_utf8(text) && (text.length == 0 || memchr(text.data, '\0', text.length) == NULL);
}

/* Adds the value on top of the stack: a string or a whole number. */
static bool add_value(query *q, r2_slice name) {
    static const double largest = 9007199254740991.0; /* 2^53 - 1: all below are exact */
    char digits[24];
    r2_slice value;
    int64_t whole;
    if (r2_get_whole(q->L, -1, -(int64_t)largest, (int64_t)largest, &whole)) {
        r2_buffer decimal = {.data = digits, .capacity = sizeof digits};
        r2_buffer_add_decimal(&decimal, whole);
        value = (r2_slice){digits, decimal.length};
    } else if (!r2_get_string(q->L, -1, &value) || !is_text(value)) {
        return refuse(q,
                      "must have values that are strings of UTF-8 without NUL, whole numbers, or "
                      "lists of these");
    }
    return r2_parameters_add(q->parameters, q->parts, name, value) ||
           refuse(q, "must not have more than 256 parameters");
}

/* Adds each value of the list on top of the stack. */
static bool add_list(query *q, r2_slice name) {
    lua_State *L = q->L;
    int list = lua_gettop(L);
    int64_t last = 0;
    int64_t seen = 0;
    if (!r2_check_plain(L, list, R2_INVALID_REQUEST, "query", q->error)) {
        return false;
    }
    lua_pushnil(L);
    while (lua_next(L, list)) {
        int64_t index;
        if (!r2_get_whole(L, -2, 1, R2_PARAMETERS_MAX, &index)) {
            return refuse(q, "must have lists of 1 to 256 values, without holes or other keys");
        }
        if (!add_value(q, name)) {
            return false;
        }
        seen++;
        last = index > last ? index : last;
        lua_pop(L, 1);
    }
    return (seen > 0 && seen == last) ||
           refuse(q, "must have lists of 1 to 256 values, without holes or other keys");
}

static bool read_query(query *q) {
    lua_State *L = q->L;
    if (lua_isnil(L, R2_URL_QUERY)) {
        return true;
    }
    if (!lua_istable(L, R2_URL_QUERY)) {
        return refuse(q, "must be a table of names and values");
    }
    if (!r2_check_plain(L, R2_URL_QUERY, R2_INVALID_REQUEST, "query", q->error)) {
        return false;
    }
    lua_pushnil(L);
    while (lua_next(L, R2_URL_QUERY)) {
        r2_slice name;
        if (!r2_get_string(L, -2, &name) || name.length == 0 || !is_text(name)) {
            return refuse(q, "must have names that are strings of UTF-8, not empty, without NUL");
        }
        if (r2_is_signature_parameter(name)) {
            return refuse(q, "must be without names that begin with X-Amz-: signing makes them");
        }
        if (!(lua_istable(L, -1) ? add_list(q, name) : add_value(q, name))) {
            return false;
        }
        lua_pop(L, 1);
    }
    return true;
}

bool r2_object_url_write(lua_State *L, r2_parameters *parameters, r2_buffer *parts, r2_buffer *out,
                         r2_error *error) {
    query q = {L, parameters, parts, error};
    if (!write_endpoint(L, out, error) || !write_path(L, out, error) || !read_query(&q)) {
        return false;
    }
    if (parameters->count > 0 && !parts->failed) {
        r2_buffer_add(out, R2_SLICE("?"));
        r2_parameters_sort(parameters, parts);
        r2_parameters_write(parameters, 0, parameters->count, parts, out, out->length);
    }
    return true;
}
