/* Requests to Cloudflare's API, as bytes. */
#include "api_request.h"

#include "../base/lua_compat.h"
#include "../base/text.h"
#include "../base/url.h"

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

void r2_api_push_request(lua_State *L, const r2_config *config, const r2_request *request,
                         r2_buffer *work) {
    /* All bytes first, then all pushes: a push may run a finalizer that closes the client. */
    size_t room = R2_URL_MAX + R2_API_TOKEN_MAX + R2_USER_AGENT_MAX + request->prefixes.length +
                  request->objects.length + 512;
    if (!r2_buffer_reserve(work, room)) {
        luaL_error(L, "not enough memory");
    }
    size_t start = work->length;
    r2_buffer_append(work, config->api_base_url.text, config->api_base_url.length);
    r2_buffer_add(work, R2_SLICE("/accounts/"));
    r2_buffer_append(work, config->account_id, R2_ID_SIZE);
    r2_buffer_add(work, R2_SLICE("/r2/temp-access-credentials"));
    r2_slice url = r2_buffer_since(work, start);
    start = work->length;
    r2_buffer_add(work, R2_SLICE("Bearer "));
    r2_buffer_append(work, config->api_token, config->api_token_length);
    r2_slice authorization = r2_buffer_since(work, start);
    start = work->length;
    r2_buffer_append(work, config->user_agent, config->user_agent_length);
    r2_slice user_agent = r2_buffer_since(work, start);
    start = work->length;
    write_body(work, request);
    r2_slice body = r2_buffer_since(work, start);

    lua_createtable(L, 0, 4);
    set_string(L, "method", R2_SLICE("POST"));
    set_string(L, "url", url);
    set_string(L, "body", body);
    lua_createtable(L, 0, 4);
    set_string(L, "authorization", authorization);
    set_string(L, "content-type", R2_SLICE("application/json"));
    set_string(L, "accept", R2_SLICE("application/json"));
    set_string(L, "user-agent", user_agent);
    lua_setfield(L, -2, "headers");
}
