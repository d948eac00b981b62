/* Signature V4 beside a second one, written from Amazon's text
 * (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html,
 * sigv4-query-string-auth.html) as a service would check it: it takes the request apart as it goes
 * on the wire, decodes all, and encodes it again. Lines: method, URL, a URL signed before, key id,
 * secret, session token, region, service, time, then headers. What a caller of the signer must have
 * checked is replaced where it is not good. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "../../src/sigv4/signature.h"

#include "../../src/base/utc.h"
#include "plain.h"

/* ---- strings ---- */

typedef struct pair {
    char *name;
    char *value;
} pair;

typedef struct pairs {
    size_t count;
    pair list[R2_PARAMETERS_MAX + 16];
} pairs;

static void add(pairs *p, const char *name, const char *value) {
    HOLDS(p->count < sizeof p->list / sizeof *p->list);
    p->list[p->count++] = (pair){fuzz_string((r2_slice){name, strlen(name)}),
                                 fuzz_string((r2_slice){value, strlen(value)})};
}

static int compare(const void *left, const void *right) {
    const pair *a = left;
    const pair *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->value, b->value);
}

static void sort(pairs *p) {
    qsort(p->list, p->count, sizeof *p->list, compare);
}

static char *encode(const char *text, const char *also_plain) {
    char *out = fuzz_room(3 * strlen(text) + 1);
    char *end = out;
    for (; *text != '\0'; text++) {
        bool plain = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
                            *text) != NULL ||
                     strchr(also_plain, *text) != NULL;
        end += plain ? sprintf(end, "%c", *text) : sprintf(end, "%%%02X", (unsigned char)*text);
    }
    *end = '\0';
    return out;
}

static char *decode(const char *text) {
    char *out = fuzz_string((r2_slice){text, strlen(text)});
    char *end = out;
    for (; *text != '\0'; text++) {
        char hex[3] = {0};
        if (*text == '%') {
            memcpy(hex, text + 1, 2);
            *end++ = (char)strtoul(hex, NULL, 16);
            text += 2;
        } else {
            *end++ = *text;
        }
    }
    *end = '\0';
    return out;
}

/* ---- the request ---- */

typedef struct request {
    r2_slice method;
    r2_slice url;
    r2_slice earlier;
    r2_signing signing;
    size_t headers;
    r2_slice names[R2_HEADERS_MAX];
    r2_slice values[R2_HEADERS_MAX];
} request;

static bool is_made_of(r2_slice text, const char *set, size_t longest) {
    const char *string = fuzz_string(text);
    return text.length > 0 && text.length <= longest && strspn(string, set) == text.length;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define MARKS "!\"#$%&'()*+-.:;<>?@[\\]^_`{|}~"

static r2_slice good_or(r2_slice text, const char *set, size_t longest, const char *otherwise) {
    return is_made_of(text, set, longest) ? text : (r2_slice){otherwise, strlen(otherwise)};
}

static void read_request(request *r, r2_slice input) {
    r2_signing *g = &r->signing;
    g->method = good_or(fuzz_line(&input), UPPER, 16, "GET");
    r->url = fuzz_line(&input);
    r->earlier = fuzz_line(&input);
    g->access_key_id = good_or(fuzz_line(&input), LOWER UPPER MARKS, 128, "key");
    g->secret_access_key = good_or(fuzz_line(&input), LOWER UPPER MARKS "/=,", 256, "secret");
    g->session_token = good_or(fuzz_line(&input), LOWER UPPER MARKS "/=,", 4096, "");
    g->region = good_or(fuzz_line(&input), LOWER, 63, "auto");
    g->service = good_or(fuzz_line(&input), LOWER, 63, "s3");
    g->now = r2_read_decimal(fuzz_line(&input), R2_LAST_SECOND);
    g->now = g->now < 0 ? 1767323045 : g->now;
    g->expires_seconds = g->now % 604800 + 1;
    g->payload_hash = R2_UNSIGNED_PAYLOAD;
    while (input.length > 0 && r->headers < R2_HEADERS_MAX) {
        r2_slice line = fuzz_cut(&input, '\n');
        r->names[r->headers] = fuzz_copy(fuzz_cut(&line, ':'));
        r->values[r->headers++] = fuzz_copy(line);
    }
}

/* ---- the second implementation ---- */

typedef struct plain_url {
    char *origin; /* as clients send it */
    char *host;
    char *path;
    pairs query; /* encoded */
} plain_url;

/* Lower case, without the scheme's own port. */
static char *plain_origin(r2_slice text) {
    char *origin = fuzz_string(text);
    const char *own = strncmp(origin, "https", 5) == 0 ? ":443" : ":80";
    for (char *c = origin; *c != '\0'; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    }
    size_t length = strlen(origin);
    if (length > strlen(own) && strcmp(origin + length - strlen(own), own) == 0) {
        origin[length - strlen(own)] = '\0';
    }
    return origin;
}

static void read_query(pairs *query, const char *text) {
    r2_slice rest = {text, strlen(text)};
    while (rest.length > 0) {
        r2_slice value = fuzz_cut(&rest, '&');
        r2_slice name = fuzz_cut(&value, '=');
        add(query, encode(decode(fuzz_string(name)), ""), encode(decode(fuzz_string(value)), ""));
    }
}

static void take_apart(plain_url *url, r2_slice text) {
    char *string = fuzz_string(text);
    char *host = strstr(string, "://") + 3;
    char *path = host + strcspn(host, "/?");
    url->origin = plain_origin((r2_slice){string, (size_t)(path - string)});
    url->host = strstr(url->origin, "://") + 3;
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query = '\0';
        read_query(&url->query, query + 1);
    }
    url->path = *path == '\0' ? "/" : encode(decode(path), "/");
}

/* Blanks at the ends are left out, runs of them made one. */
static char *trim(const char *value) {
    char *out = fuzz_string((r2_slice){value, strlen(value)});
    char *end = out;
    for (const char *word = value + strspn(value, " \t"); *word != '\0';) {
        size_t length = strcspn(word, " \t");
        end += sprintf(end, "%s%.*s", end > out ? " " : "", (int)length, word);
        word += length;
        word += strspn(word, " \t");
    }
    *end = '\0';
    return out;
}

static void read_headers(pairs *headers, const request *r) {
    for (size_t i = 0; i < r->headers; i++) {
        char *name = fuzz_string(r->names[i]);
        for (char *c = name; *c != '\0'; c++) {
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
        }
        if (strcmp(name, "host") != 0) {
            add(headers, name, trim(fuzz_string(r->values[i])));
        }
    }
}

static char *join(const pairs *p, const char *equals, const char *separator) {
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    for (size_t i = 0; i < p->count; i++) {
        fprintf(out, "%s%s", i > 0 ? separator : "", p->list[i].name);
        if (equals != NULL) {
            fprintf(out, "%s%s", equals, p->list[i].value);
        }
    }
    fclose(out);
    return fuzz_keep(text);
}

static char *format_time(int64_t now) {
    struct tm t = plain_calendar(now);
    char *text = fuzz_room(64);
    snprintf(text, 64, "%04d%02d%02dT%02d%02d%02dZ", t.tm_year, t.tm_mon, t.tm_mday, t.tm_hour,
             t.tm_min, t.tm_sec);
    return text;
}

static char *scope(const r2_signing *g) {
    char *text = fuzz_room(512);
    snprintf(text, 512, "%.8s/%s/%s/aws4_request", format_time(g->now), fuzz_string(g->region),
             fuzz_string(g->service));
    return text;
}

static r2_slice mac_of(r2_slice key, r2_slice text) {
    unsigned char *mac = fuzz_room(32);
    plain_hmac(mac, key, text);
    return (r2_slice){(char *)mac, 32};
}

static r2_slice slice(const char *text) {
    return (r2_slice){text, strlen(text)};
}

static const char *plain_signature(const r2_signing *g, const char *canonical) {
    unsigned char hash[32];
    char *secret = fuzz_room(g->secret_access_key.length + 8);
    char *text = fuzz_room(1024);
    SHA256((const unsigned char *)canonical, strlen(canonical), hash);
    snprintf(text, 1024, "AWS4-HMAC-SHA256\n%s\n%s\n%s", format_time(g->now), scope(g),
             plain_hex(hash, sizeof hash));
    sprintf(secret, "AWS4%s", fuzz_string(g->secret_access_key));
    r2_slice key = mac_of(slice(secret), (r2_slice){format_time(g->now), 8});
    key = mac_of(key, g->region);
    key = mac_of(key, g->service);
    key = mac_of(key, slice("aws4_request"));
    return plain_hex((const unsigned char *)mac_of(key, slice(text)).data, 32);
}

static const char *sign_plain(const r2_signing *g, const plain_url *url, const pairs *headers,
                              const char *payload) {
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    fprintf(out, "%s\n%s\n%s\n", fuzz_string(g->method), url->path, join(&url->query, "=", "&"));
    fprintf(out, "%s\n\n%s\n%s", join(headers, ":", "\n"), join(headers, NULL, ";"), payload);
    fclose(out);
    return plain_signature(g, fuzz_keep(text));
}

/* ---- both ---- */

static bool set_request(r2_signer *s, const request *r, bool presigned) {
    bool good = r2_signer_set_url(s, r->url, presigned) == NULL;
    for (size_t i = 0; good && i < r->headers; i++) {
        good = r2_signer_add_header(s, r->names[i], r->values[i]) == NULL;
    }
    return good;
}

static char *text_of(r2_slice text) {
    return fuzz_string(text);
}

static void check_headers(r2_signer *s, const request *r) {
    static plain_url url;
    static pairs headers;
    const r2_signing *g = &r->signing;
    r2_signed result;
    char *expected = fuzz_room(16384);
    if (!set_request(s, r, false) || !r2_sign(s, g, &result)) {
        HOLDS(!r2_signer_failed(s));
        return;
    }
    url.query.count = headers.count = 0;
    take_apart(&url, r->url);
    sort(&url.query);
    read_headers(&headers, r);
    add(&headers, "host", url.host);
    add(&headers, "x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    add(&headers, "x-amz-date", format_time(g->now));
    if (g->session_token.length > 0) {
        add(&headers, "x-amz-security-token", fuzz_string(g->session_token));
    }
    sort(&headers);
    snprintf(expected, 16384, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
             fuzz_string(g->access_key_id), scope(g), join(&headers, NULL, ";"),
             sign_plain(g, &url, &headers, "UNSIGNED-PAYLOAD"));
    HOLDS(strcmp(text_of(result.timestamp), format_time(g->now)) == 0);
    HOLDS(strcmp(text_of(result.authorization), expected) == 0);
    HOLDS(strncmp(text_of(r->url), url.origin, strlen(url.origin)) == 0);
}

static void add_own_parameters(pairs *query, const r2_signing *g, const pairs *headers) {
    char text[512];
    add(query, "X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    snprintf(text, sizeof text, "%s/%s", fuzz_string(g->access_key_id), scope(g));
    add(query, "X-Amz-Credential", encode(text, ""));
    add(query, "X-Amz-Date", format_time(g->now));
    snprintf(text, sizeof text, "%lld", (long long)g->expires_seconds);
    add(query, "X-Amz-Expires", text);
    if (g->session_token.length > 0) {
        add(query, "X-Amz-Security-Token", encode(fuzz_string(g->session_token), ""));
    }
    add(query, "X-Amz-SignedHeaders", encode(join(headers, NULL, ";"), ""));
    sort(query);
}

static void check_presigned(r2_signer *s, const request *r) {
    static plain_url url;
    static pairs headers;
    const r2_signing *g = &r->signing;
    r2_signed result;
    char *text;
    size_t length;
    if (!set_request(s, r, true) || !r2_presign(s, g, &result)) {
        HOLDS(!r2_signer_failed(s));
        return;
    }
    url.query.count = headers.count = 0;
    take_apart(&url, r->url);
    read_headers(&headers, r);
    add(&headers, "host", url.host);
    sort(&headers);
    add_own_parameters(&url.query, g, &headers);
    FILE *out = open_memstream(&text, &length);
    fprintf(out, "%s%s?%s&X-Amz-Signature=%s", url.origin, url.path, join(&url.query, "=", "&"),
            sign_plain(g, &url, &headers, "UNSIGNED-PAYLOAD"));
    fclose(out);
    HOLDS(r2_slice_is(result.url, (r2_slice){fuzz_keep(text), length}));
}

/* Something else, so that what a signer keeps is not this request's. */
static void sign_before(r2_signer *s, const request *r) {
    request before = {.url = r->earlier, .signing = r->signing};
    r2_signed result;
    before.signing.now = R2_LAST_SECOND - r->signing.now;
    if (set_request(s, &before, true)) {
        (void)r2_presign(s, &before.signing, &result);
    }
    r2_signer_release(s);
}

static void fuzz(r2_slice input) {
    static request r;
    r2_signer *s = fuzz_room(sizeof *s);
    r = (request){0};
    read_request(&r, input);
    memset(s, 0, sizeof *s);
    sign_before(s, &r);
    check_headers(s, &r);
    r2_signer_release(s);
    check_presigned(s, &r);
    r2_signer_free(s);
}
