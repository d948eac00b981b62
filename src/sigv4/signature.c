/* Canonical request -> string to sign -> signature. */
#define _POSIX_C_SOURCE 200809L /* gmtime_r */
#include "signature.h"

#include <time.h>

#include "../base/header.h"
#include "../base/percent.h"
#include "../base/secret.h"
#include "../base/sha256.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

enum {
    /* Algorithm, timestamp, scope and hash, each but the last with a line break. */
    STRING_TO_SIGN_MAX = sizeof ALGORITHM + R2_TIMESTAMP_SIZE + R2_DATE_LENGTH +
                         2 * R2_SCOPE_PART_MAX + sizeof "///aws4_request" + R2_SHA256_HEX,
    OWN_HEADERS = 4, /* that r2_sign adds: host, x-amz-content-sha256, -date, -security-token */
    SECONDS_A_DAY = 86400,
    PRESIGNED_METHOD_MAX = sizeof "DELETE" - 1
};

/* ---- the URL ---- */

static bool ends_origin(r2_slice url, size_t at) {
    return at == url.length || url.data[at] == '/' || url.data[at] == '?';
}

/* Reads the origin, and how long it is as it was written. It is parsed once for as long as it stays
 * the same: most programs have one. */
static const char *read_origin(r2_signer *s, r2_slice url) {
    r2_slice last = {s->written, s->written_length};
    if (last.length > 0 && r2_begins_with(url, last) && ends_origin(url, last.length)) {
        return NULL;
    }
    r2_slice written = {url.data, r2_url_origin_length(url)};
    s->written_length = 0;
    const char *wrong = r2_url_parse(&s->origin, written);
    if (wrong == NULL) {
        memcpy(s->written, written.data, written.length);
        s->written_length = written.length;
    }
    return wrong;
}

static r2_slice origin_of(const r2_signer *s) {
    return (r2_slice){s->origin.text, s->origin.length};
}

static r2_slice path_of(const r2_signer *s) {
    return (r2_slice){s->parts.data, s->path_length};
}

bool r2_is_signature_parameter(r2_slice name) {
    r2_slice reserved = R2_SLICE("x-amz-");
    return name.length >= reserved.length &&
           r2_header_is((r2_slice){name.data, reserved.length}, reserved);
}

static const char *check_parameters(const r2_signer *s) {
    for (size_t i = 0; i < s->parameters.count; i++) {
        if (r2_is_signature_parameter(r2_parameter_name(&s->parts, &s->parameters.list[i]))) {
            return "must be without parameters that begin with X-Amz-: signing makes them";
        }
    }
    return NULL;
}

static const char *read_path_and_query(r2_signer *s, r2_slice rest) {
    const char *mark = rest.length > 0 ? memchr(rest.data, '?', rest.length) : NULL;
    size_t path_length = mark != NULL ? (size_t)(mark - rest.data) : rest.length;
    r2_slice path = path_length > 0 ? (r2_slice){rest.data, path_length} : R2_SLICE("/");
    const char *wrong = r2_percent_normalize(&s->parts, path, R2_IN_PATH);
    s->path_length = s->parts.length;
    if (wrong == NULL && mark != NULL) {
        r2_slice query = {mark + 1, rest.length - path_length - 1};
        wrong = r2_parameters_read(&s->parameters, &s->parts, query);
    }
    if (wrong != NULL || s->parts.failed) {
        return wrong;
    }
    r2_parameters_sort(&s->parameters, &s->parts);
    return check_parameters(s);
}

const char *r2_signer_set_url(r2_signer *s, r2_slice url, bool rewritten) {
    s->headers.count = 0;
    s->parameters.count = 0;
    s->path_length = 0;
    s->rewritten = rewritten;
    s->host_given = false;
    if (url.length > R2_TARGET_MAX) {
        return "must be a URL of at most 16384 bytes";
    }
    const char *wrong = read_origin(s, url);
    if (wrong != NULL) {
        return wrong;
    }
    size_t length = s->written_length;
    if (!rewritten && !r2_slice_is((r2_slice){url.data, length}, origin_of(s))) {
        return "must have its host in lower case, and no port that is the scheme's own: clients "
               "differ in what they send for these";
    }
    return read_path_and_query(s, (r2_slice){url.data + length, url.length - length});
}

/* ---- headers ---- */

static const char same_name[] = "must not have two names that differ in case only";

static const char *add_host(r2_signer *s, r2_slice value) {
    if (s->host_given) {
        return "must not be there twice, in names that differ in case only";
    }
    s->host_given = true; /* it is added when signing */
    return r2_slice_is(value, r2_url_host(&s->origin)) ? NULL : "must be the URL's host";
}

const char *r2_signer_add_header(r2_signer *s, r2_slice name, r2_slice value) {
    static const r2_slice made_here[] = {
        R2_SLICE_OF("authorization"), R2_SLICE_OF("x-amz-content-sha256"),
        R2_SLICE_OF("x-amz-date"), R2_SLICE_OF("x-amz-security-token")};
    if (!r2_is_token(name)) {
        return "must have a name of letters, digits and !#$%&'*+-.^_`|~";
    }
    if (!r2_is_header_value(value, false)) {
        return "must have a value of visible ASCII characters, spaces and tabs: write other text "
               "encoded, by RFC 2047 in x-amz-meta- headers, as filename*=UTF-8'' and %-escapes "
               "in content-disposition";
    }
    for (size_t i = 0; i < sizeof made_here / sizeof made_here[0]; i++) {
        if (r2_header_is(name, made_here[i])) {
            return s->rewritten ? "must be left out: a presigned URL has its signature in its "
                                  "query, and signs no payload"
                                : "must be left out: signing makes it";
        }
    }
    if (r2_header_is(name, R2_SLICE("host"))) {
        return add_host(s, value);
    }
    if (s->headers.count >= R2_HEADERS_MAX - OWN_HEADERS) {
        return "must not be one more than 124";
    }
    (void)r2_headers_add(&s->headers, (r2_header){.name = name, .value = value});
    return NULL;
}

/* There is room: r2_signer_add_header leaves it. */
static void add_own_header(r2_signer *s, r2_slice name, r2_slice value) {
    (void)r2_headers_add(&s->headers, (r2_header){name, value, .canonical = true});
}

static bool sort_headers(r2_signer *s) {
    bool good = r2_headers_sort(&s->headers);
    s->names = s->parts.length;
    r2_headers_write_names(&s->headers, &s->parts);
    return good;
}

static r2_slice names_of(const r2_signer *s) {
    return (r2_slice){s->parts.data + s->names, s->parts.length - s->names};
}

/* ---- the signature ---- */

static void write_two_digits(char *out, int64_t number) {
    out[0] = (char)('0' + number / 10);
    out[1] = (char)('0' + number % 10);
}

/* The time as Signature V4 writes it. The date is worked out once a day. */
static r2_slice set_timestamp(r2_signer *s, int64_t now) {
    int64_t day = now / SECONDS_A_DAY;
    int64_t second = now % SECONDS_A_DAY;
    char *text = s->timestamp;
    if (text[0] == '\0' || day != s->day) {
        struct tm utc = {0};
        time_t time = (time_t)now;
        (void)gmtime_r(&time, &utc);
        (void)strftime(text, sizeof s->timestamp, "%Y%m%dT000000Z", &utc);
        s->day = day;
    }
    write_two_digits(text + 9, second / 3600);
    write_two_digits(text + 11, second / 60 % 60);
    write_two_digits(text + 13, second % 60);
    return (r2_slice){text, R2_TIMESTAMP_SIZE - 1};
}

/* "20260102/auto/s3/aws4_request", with another sign for the slash where that must be encoded. */
static void write_scope(r2_buffer *out, const r2_signer *s, const r2_signing *g, r2_slice slash) {
    r2_buffer_append(out, s->timestamp, R2_DATE_LENGTH);
    r2_buffer_add(out, slash);
    r2_buffer_add(out, g->region);
    r2_buffer_add(out, slash);
    r2_buffer_add(out, g->service);
    r2_buffer_add(out, slash);
    r2_buffer_add(out, R2_SLICE("aws4_request"));
}

/* The signature, in hex, of a canonical request. */
static void sign_canonical(r2_signer *s, const r2_signing *g, r2_slice canonical,
                           char hex[R2_SHA256_HEX]) {
    char text[STRING_TO_SIGN_MAX];
    char hash[R2_SHA256_HEX];
    unsigned char mac[R2_SHA256_SIZE];
    r2_buffer out = {.data = text, .capacity = sizeof text};
    r2_sha256_hex(hash, canonical.data, canonical.length);
    r2_buffer_add(&out, R2_SLICE(ALGORITHM "\n"));
    r2_buffer_append(&out, s->timestamp, R2_TIMESTAMP_SIZE - 1);
    r2_buffer_add(&out, R2_SLICE("\n"));
    write_scope(&out, s, g, R2_SLICE("/"));
    r2_buffer_add(&out, R2_SLICE("\n"));
    r2_buffer_append(&out, hash, sizeof hash);
    r2_key_source source = {.secret = g->secret_access_key,
                            .date = {s->timestamp, R2_DATE_LENGTH},
                            .region = g->region,
                            .service = g->service};
    r2_hmac(r2_signing_key_of(&s->keys, &source), mac, out.data, out.length);
    r2_hex_encode(hex, mac, sizeof mac);
    r2_wipe(mac, sizeof mac);
}

/* What stands behind the query in a canonical request. */
static void write_headers_and_payload(r2_signer *s, r2_slice payload_hash) {
    r2_buffer *out = &s->work;
    r2_buffer_add(out, R2_SLICE("\n"));
    r2_headers_write(&s->headers, out);
    r2_buffer_add(out, R2_SLICE("\n"));
    r2_buffer_add(out, names_of(s));
    r2_buffer_add(out, R2_SLICE("\n"));
    r2_buffer_add(out, payload_hash);
}

static void begin_canonical(r2_signer *s, const r2_signing *g) {
    r2_buffer *out = &s->work;
    r2_buffer_add(out, g->method);
    r2_buffer_add(out, R2_SLICE("\n"));
    r2_buffer_add(out, path_of(s));
    r2_buffer_add(out, R2_SLICE("\n"));
}

static bool add_own_headers(r2_signer *s, const r2_signing *g, r2_slice timestamp) {
    add_own_header(s, R2_SLICE("host"), r2_url_host(&s->origin));
    add_own_header(s, R2_SLICE("x-amz-content-sha256"), g->payload_hash);
    add_own_header(s, R2_SLICE("x-amz-date"), timestamp);
    if (g->session_token.length > 0) {
        add_own_header(s, R2_SLICE("x-amz-security-token"), g->session_token);
    }
    return sort_headers(s);
}

static void write_authorization(r2_signer *s, const r2_signing *g,
                                const char signature[R2_SHA256_HEX]) {
    r2_buffer *out = &s->work;
    r2_buffer_add(out, R2_SLICE(ALGORITHM " Credential="));
    r2_buffer_add(out, g->access_key_id);
    r2_buffer_add(out, R2_SLICE("/"));
    write_scope(out, s, g, R2_SLICE("/"));
    r2_buffer_add(out, R2_SLICE(", SignedHeaders="));
    r2_buffer_add(out, names_of(s));
    r2_buffer_add(out, R2_SLICE(", Signature="));
    r2_buffer_append(out, signature, R2_SHA256_HEX);
}

bool r2_sign(r2_signer *s, const r2_signing *g, r2_signed *result) {
    r2_buffer *out = &s->work;
    char signature[R2_SHA256_HEX] = {0};
    *result = (r2_signed){.timestamp = set_timestamp(s, g->now)};
    if (!add_own_headers(s, g, result->timestamp)) {
        result->wrong = same_name;
        return false;
    }
    if (r2_signer_failed(s)) { /* the parts are not there to be read */
        return false;
    }
    begin_canonical(s, g);
    r2_parameters_write(&s->parameters, 0, s->parameters.count, &s->parts, out, out->length);
    write_headers_and_payload(s, g->payload_hash);
    if (r2_signer_failed(s)) {
        return false;
    }
    sign_canonical(s, g, (r2_slice){out->data, out->length}, signature);
    size_t authorization = out->length;
    write_authorization(s, g, signature);
    result->authorization = (r2_slice){out->data + authorization, out->length - authorization};
    return !r2_signer_failed(s);
}

/* ---- presigned URLs ---- */

/* The parameters that a signature adds, in their order. */
static void write_own_parameters(r2_signer *s, const r2_signing *g) {
    r2_buffer *out = &s->work;
    r2_buffer_add(out, R2_SLICE("X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential="));
    r2_percent_encode(out, g->access_key_id, R2_IN_QUERY);
    r2_buffer_add(out, R2_SLICE("%2F"));
    write_scope(out, s, g, R2_SLICE("%2F"));
    r2_buffer_add(out, R2_SLICE("&X-Amz-Date="));
    r2_buffer_append(out, s->timestamp, R2_TIMESTAMP_SIZE - 1);
    r2_buffer_add(out, R2_SLICE("&X-Amz-Expires="));
    r2_buffer_add_decimal(out, g->expires_seconds);
    if (g->session_token.length > 0) {
        r2_buffer_add(out, R2_SLICE("&X-Amz-Security-Token="));
        r2_percent_encode(out, g->session_token, R2_IN_QUERY);
    }
    r2_buffer_add(out, R2_SLICE("&X-Amz-SignedHeaders="));
    r2_percent_encode(out, names_of(s), R2_IN_QUERY);
}

/* How many of the parameters, which are sorted, stand before those that a signature adds. */
static size_t count_before_own(const r2_signer *s) {
    size_t count = 0;
    r2_slice own = R2_SLICE("X-Amz-");
    for (; count < s->parameters.count; count++) {
        r2_slice name = r2_parameter_name(&s->parts, &s->parameters.list[count]);
        size_t common = name.length < own.length ? name.length : own.length;
        if (memcmp(name.data, own.data, common) > 0) {
            break;
        }
    }
    return count;
}

static void write_presigned_query(r2_signer *s, const r2_signing *g) {
    r2_buffer *out = &s->work;
    size_t before = count_before_own(s);
    size_t start = out->length;
    r2_parameters_write(&s->parameters, 0, before, &s->parts, out, start);
    if (before > 0) {
        r2_buffer_add(out, R2_SLICE("&"));
    }
    write_own_parameters(s, g);
    r2_parameters_write(&s->parameters, before, s->parameters.count, &s->parts, out, start);
}

/* Canonical request and URL have path and query in common, the bulk of both: the one is written
 * where the other is to stand, and then made the other. Its first line lies over the end of the
 * origin, which is longer ("http://" and a host; DELETE and a line break). Returns its start. */
_Static_assert(sizeof "http://" - 1 > PRESIGNED_METHOD_MAX, "the first line fits over any origin");

static size_t write_presigned_canonical(r2_signer *s, const r2_signing *g, size_t *query,
                                        size_t *query_end) {
    r2_buffer *out = &s->work;
    r2_buffer_append(out, s->origin.text, s->origin.length - g->method.length - 1);
    size_t start = out->length;
    begin_canonical(s, g);
    *query = out->length;
    write_presigned_query(s, g);
    *query_end = out->length;
    write_headers_and_payload(s, R2_UNSIGNED_PAYLOAD);
    return start;
}

bool r2_presign(r2_signer *s, const r2_signing *g, r2_signed *result) {
    r2_buffer *out = &s->work;
    char signature[R2_SHA256_HEX] = {0};
    size_t query;
    size_t query_end;
    *result = (r2_signed){.timestamp = set_timestamp(s, g->now)};
    if (g->method.length > PRESIGNED_METHOD_MAX) {
        result->wrong = "must be of a request whose method is GET, HEAD, PUT or DELETE";
        return false;
    }
    add_own_header(s, R2_SLICE("host"), r2_url_host(&s->origin));
    if (!sort_headers(s)) {
        result->wrong = same_name;
        return false;
    }
    if (r2_signer_failed(s)) {
        return false;
    }
    size_t start = write_presigned_canonical(s, g, &query, &query_end);
    if (r2_signer_failed(s)) {
        return false;
    }
    sign_canonical(s, g, (r2_slice){out->data + start, out->length - start}, signature);
    memcpy(out->data, s->origin.text, s->origin.length);
    out->data[query - 1] = '?';
    r2_wipe(out->data + query_end, out->length - query_end);
    out->length = query_end;
    r2_buffer_add(out, R2_SLICE("&X-Amz-Signature="));
    r2_buffer_append(out, signature, sizeof signature);
    result->url = (r2_slice){out->data, out->length};
    return !r2_signer_failed(s);
}

/* ---- a signer's life ---- */

bool r2_signer_failed(const r2_signer *s) {
    return s->parts.failed || s->work.failed;
}

void r2_signer_release(r2_signer *s) {
    r2_buffer_reset(&s->parts);
    r2_buffer_reset(&s->work);
}

void r2_signer_free(r2_signer *s) {
    r2_buffer_free(&s->parts);
    r2_buffer_free(&s->work);
    r2_wipe(s, sizeof *s);
}
