/* What a server sends, through libcurl: whatever it is, what comes of it is an
 * answer within the bounds, whose headers could stand in another message, or an error in one line.
 * Lines: method, bound of headers, bound of the body; then all bytes of the server. */
#define _GNU_SOURCE /* SOCK_NONBLOCK */
#include <lauxlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../src/base/header.h"
#include "../../src/http/http_result.h"
#include "../../src/http/transfer.h"
#include "../../src/http/transfer_error.h"
#include "../../src/http/transfer_setup.h"
#include "plain.h"

/* ---- the server ---- */

/* A socket in Linux's abstract space: it leaves no file behind, and uses up no ports. */
static int listen_here(char *name, size_t room) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(name, room, "r2-fuzz-%ld", (long)getpid());
    memcpy(address.sun_path + 1, name, (size_t)length);
    int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    HOLDS(bind(listening, (struct sockaddr *)&address, size) == 0 && listen(listening, 8) == 0);
    return listening;
}

/* The server says all that it has to say, and nothing more; it listens to nobody. */
static int serve(int listening, r2_slice answer) {
    int client = accept(listening, NULL, NULL);
    if (client >= 0) {
        (void)send(client, answer.length > 0 ? answer.data : "", answer.length, MSG_NOSIGNAL);
        (void)shutdown(client, SHUT_WR);
    }
    return client;
}

static CURLcode exchange(CURL *easy, int listening, r2_slice answer) {
    CURLM *multi = curl_multi_init();
    int client = -1;
    int left = 0;
    HOLDS(multi != NULL && curl_multi_add_handle(multi, easy) == CURLM_OK);
    do {
        HOLDS(curl_multi_perform(multi, &left) == CURLM_OK);
        client = client < 0 ? serve(listening, answer) : client;
        HOLDS(left == 0 || curl_multi_poll(multi, NULL, 0, 1000, NULL) == CURLM_OK);
    } while (left > 0);
    const CURLMsg *message = curl_multi_info_read(multi, &left);
    HOLDS(message != NULL && message->msg == CURLMSG_DONE);
    CURLcode code = message->data.result;
    (void)curl_multi_remove_handle(multi, easy);
    (void)curl_multi_cleanup(multi);
    (void)close(client);
    return code;
}

static void transfer(r2_transfer *t, r2_slice answer) {
    static char name[32];
    static int listening = -1;
    listening = listening < 0 ? listen_here(name, sizeof name) : listening;
    t->easy = curl_easy_init();
    HOLDS(t->easy != NULL && r2_transfer_prepare(t));
    (void)curl_easy_setopt(t->easy, CURLOPT_ABSTRACT_UNIX_SOCKET, name);
    r2_transfer_finish(t, exchange(t->easy, listening, answer));
}

/* ---- what came of it ---- */

static r2_slice text_at(lua_State *L, int index) {
    size_t length;
    HOLDS(lua_type(L, index) == LUA_TSTRING);
    const char *text = lua_tolstring(L, index, &length);
    return (r2_slice){text, length};
}

static bool is_in_lower_case(r2_slice text) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] >= 'A' && text.data[i] <= 'Z') {
            return false;
        }
    }
    return true;
}

/* Nothing in a value can end a line, or end a string of C. */
static void check_headers(lua_State *L) {
    lua_getfield(L, -1, "headers");
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        r2_slice name = text_at(L, -2);
        r2_slice value = text_at(L, -1);
        HOLDS(r2_is_token(name) && is_in_lower_case(name));
        HOLDS(value.length == 0 || (memchr(value.data, '\r', value.length) == NULL &&
                                    memchr(value.data, '\n', value.length) == NULL &&
                                    memchr(value.data, '\0', value.length) == NULL));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void check_answer(lua_State *L, r2_transfer *t) {
    r2_http_push_response(L, t, false);
    lua_getfield(L, -1, "status");
    HOLDS(lua_tointeger(L, -1) >= 100 && lua_tointeger(L, -1) <= 999);
    lua_getfield(L, -2, "body");
    HOLDS(text_at(L, -1).length <= t->ask.max_body_bytes);
    lua_pop(L, 2);
    check_headers(L);
    HOLDS(t->header_bytes <= t->ask.max_header_bytes && t->header_lines <= 1000);
}

static void check_outcome(r2_transfer *t) {
    static lua_State *L;
    const char *text = NULL;
    bool retryable;
    L = L != NULL ? L : luaL_newstate();
    r2_kind kind = r2_transfer_error(t, &text, &retryable);
    if (kind == R2_NO_ERROR) {
        check_answer(L, t);
    } else {
        HOLDS(kind == R2_BAD_RESPONSE || kind == R2_NETWORK || kind == R2_TIMEOUT);
        HOLDS(text != NULL && text[0] != '\0');
        HOLDS(retryable == (kind != R2_BAD_RESPONSE));
    }
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
}

static size_t bound(r2_slice line, int64_t otherwise) {
    int64_t number = r2_read_decimal(line, 4096);
    return (size_t)(number < 0 ? otherwise : number);
}

static void fuzz(r2_slice input) {
    static const r2_hooks none;
    r2_flow flow = {0};
    r2_transfer t = {.hooks = &none, .flow = &flow};
    r2_slice method = fuzz_line(&input);
    t.ask = (r2_ask){
        .method = r2_slice_is(method, R2_SLICE("HEAD")) ? "HEAD" : "GET",
        .url = "http://127.0.0.1:8787/",
        .loopback = true,
        .compressed = r2_slice_is(method, R2_SLICE("compressed")),
        .timeout_ms = 60000,
        .connect_timeout_ms = 60000,
        .max_header_bytes = bound(fuzz_line(&input), 1024),
        .max_body_bytes = bound(fuzz_line(&input), 1024),
    };
    transfer(&t, input);
    check_outcome(&t);
    r2_transfer_free(&t);
}
