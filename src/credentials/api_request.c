/* Requests to Cloudflare's API, as bytes. */
#include "api_request.h"

#include "../base/lua_compat.h"
#include "../base/text.h"

static void add_member(r2_buffer *out, r2_slice name, r2_slice json) {
    if (json.length > 0) {
        r2_buffer_add(out, name);
        r2_buffer_add(out, json);
    }
}

/* Only checked values are written: bucket, key id and permission need no escape. */
static void write_body(r2_buffer *out, const r2_request *request) {
    r2_buffer_add(out, R2_SLICE("{\"bucket\":\""));
    r2_buffer_add(out, request->bucket);
    r2_buffer_add(out, R2_SLICE("\",\"parentAccessKeyId\":\""));
    r2_buffer_add(out, request->parent_access_key_id);
    r2_buffer_add(out, R2_SLICE("\",\"permission\":\""));
    r2_buffer_add(out, request->permission);
    r2_buffer_add(out, R2_SLICE("\",\"ttlSeconds\":"));
    r2_buffer_add_decimal(out, request->ttl_seconds);
    add_member(out, R2_SLICE(",\"prefixes\":"), request->prefixes);
    add_member(out, R2_SLICE(",\"objects\":"), request->objects);
    r2_buffer_add(out, R2_SLICE("}"));
}

static void set_string(lua_State *L, const char *key, r2_slice text) {
    lua_pushlstring(L, text.data, text.length);
    lua_setfield(L, -2, key);
}

/* Where the parts of a request end in the buffer that they are written to, one behind the other. */
typedef struct ends {
    size_t url;
    size_t authorization;
    size_t user_agent;
    size_t body;
} ends;

static ends write_request(r2_buffer *out, const r2_config *config, const r2_request *request) {
    ends end;
    r2_buffer_append(out, config->api_base_url.text, config->api_base_url.length);
    r2_buffer_add(out, R2_SLICE("/accounts/"));
    r2_buffer_append(out, config->account_id, R2_ID_SIZE);
    r2_buffer_add(out, R2_SLICE("/r2/temp-access-credentials"));
    end.url = out->length;
    r2_buffer_add(out, R2_SLICE("Bearer "));
    r2_buffer_append(out, config->api_token, config->api_token_length);
    end.authorization = out->length;
    r2_buffer_append(out, config->user_agent, config->user_agent_length);
    end.user_agent = out->length;
    write_body(out, request);
    end.body = out->length;
    return end;
}

static r2_slice between(const r2_buffer *buffer, size_t start, size_t end) {
    return (r2_slice){buffer->data + start, end - start};
}

void r2_api_push_request(lua_State *L, const r2_config *config, const r2_request *request,
                         r2_buffer *work) {
    /* All bytes first, then all pushes: a push may run a finalizer that closes the client. */
    size_t start = work->length;
    ends end = write_request(work, config, request);
    if (work->failed) {
        luaL_error(L, "not enough memory");
    }
    lua_createtable(L, 0, 4);
    set_string(L, "method", R2_SLICE("POST"));
    set_string(L, "url", between(work, start, end.url));
    set_string(L, "body", between(work, end.user_agent, end.body));
    lua_createtable(L, 0, 4);
    set_string(L, "authorization", between(work, end.url, end.authorization));
    set_string(L, "content-type", R2_SLICE("application/json"));
    set_string(L, "accept", R2_SLICE("application/json"));
    set_string(L, "user-agent", between(work, end.authorization, end.user_agent));
    lua_setfield(L, -2, "headers");
}
