/* A strict reader for the URLs of a configuration. Its grammar is a part of RFC 3986's: scheme
 * "https" or "http", a DNS name, a dotted IPv4 address or [::1], a port, plain path segments. */
#include "url.h"

#include <string.h>

#include "ascii.h"

enum { LABEL_MAX = 63, NAME_MAX_BYTES = 253 }; /* RFC 1035, section 2.3.4 */

typedef struct host_info {
    bool loopback;
    size_t end;
} host_info;

static const char must_be_https[] =
    "must begin with https:// (http:// is for localhost, 127.0.0.0/8 and [::1] only)";
static const char must_have_host[] =
    "must have a host behind https://: a DNS name, an IPv4 address of four decimal numbers or [::1]";

static bool is_label_character(char c) {
    return r2_is_alphanumeric(c) || c == '-' || c == '_';
}

static bool is_path_character(char c) {
    return is_label_character(c) || c == '.' || c == '~';
}

/* Bytes that no part of the grammar takes, each with its own word of help. */
static const char *refused_byte(r2_slice text) {
    for (size_t i = 0; i < text.length; i++) {
        switch (text.data[i]) {
        case '@':
            return "must be an https:// URL without a user name or password";
        case '?':
            return "must be an https:// URL without a query";
        case '#':
            return "must be an https:// URL without a fragment";
        case '\\':
            return "must be an https:// URL without a backslash";
        case '%':
            return "must be an https:// URL without a percent sign";
        default:
            if (!r2_is_visible_character(text.data[i])) {
                return "must be an https:// URL of visible ASCII characters (a host in its xn-- form)";
            }
        }
    }
    return NULL;
}

/* Four decimal numbers from 0 to 255 without leading zeros; 127.1 or 0177.0.0.1 are read
 * differently by different programs. */
static bool is_ipv4(r2_slice host) {
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        if (part > 0 && (at >= host.length || host.data[at++] != '.')) {
            return false;
        }
        size_t start = at;
        while (at < host.length && r2_is_digit(host.data[at])) {
            at++;
        }
        r2_slice digits = {host.data + start, at - start};
        if (r2_read_decimal(digits, 255) < 0 || (digits.length > 1 && digits.data[0] == '0')) {
            return false;
        }
    }
    return at == host.length;
}

/* Whether other parsers may take the name for an IPv4 address: its last label is a number,
 * decimal or after 0x (WHATWG URL, "ends in a number"). */
static bool ends_in_number(r2_slice host) {
    size_t start = host.length;
    while (start > 0 && host.data[start - 1] != '.') {
        start--;
    }
    r2_slice label = {host.data + start, host.length - start};
    bool hex = label.length >= 2 && label.data[0] == '0' && r2_lower(label.data[1]) == 'x';
    for (size_t i = hex ? 2 : 0; i < label.length; i++) {
        char c = r2_lower(label.data[i]);
        if (!r2_is_digit(c) && !(hex && c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    return true;
}

static bool is_name(r2_slice host) {
    if (host.length == 0 || host.length > NAME_MAX_BYTES || ends_in_number(host)) {
        return false;
    }
    size_t start = 0;
    for (size_t i = 0; i <= host.length; i++) {
        if (i < host.length && host.data[i] != '.') {
            if (!is_label_character(host.data[i])) {
                return false;
            }
            continue;
        }
        size_t length = i - start;
        if (length == 0 || length > LABEL_MAX || host.data[start] == '-' ||
            host.data[i - 1] == '-') {
            return false;
        }
        start = i + 1;
    }
    return true;
}

/* Reads the host at the start of `rest`; false when it is none. */
static bool read_host(r2_slice rest, host_info *info) {
    r2_slice ipv6_loopback = R2_SLICE("[::1]");
    if (r2_begins_with(rest, ipv6_loopback)) {
        *info = (host_info){.loopback = true, .end = ipv6_loopback.length};
        return true;
    }
    size_t end = 0;
    while (end < rest.length && rest.data[end] != ':' && rest.data[end] != '/') {
        end++;
    }
    r2_slice host = {rest.data, end};
    bool ipv4 = is_ipv4(host);
    if (!ipv4 && !is_name(host)) {
        return false;
    }
    char name[sizeof "localhost"] = {0};
    for (size_t i = 0; i < end && i < sizeof name; i++) {
        name[i] = r2_lower(host.data[i]);
    }
    r2_slice localhost = R2_SLICE("localhost");
    bool local = end == localhost.length && memcmp(name, localhost.data, end) == 0;
    info->loopback = local || (ipv4 && r2_begins_with(host, R2_SLICE("127.")));
    info->end = end;
    return true;
}

/* Reads ":port" at the start of `rest`: how long it is, and the number; 0 where it is none. */
static size_t read_port(r2_slice rest, unsigned int *port) {
    size_t at = 1;
    while (at < rest.length && r2_is_digit(rest.data[at])) {
        at++;
    }
    int64_t number = r2_read_decimal((r2_slice){rest.data + 1, at - 1}, 65535);
    *port = number < 0 ? 0 : (unsigned int)number;
    return number < 0 || rest.data[1] == '0' ? 0 : at;
}

static bool is_path(r2_slice path) {
    size_t start = 1;
    for (size_t i = 1; i <= path.length; i++) {
        if (i < path.length && path.data[i] != '/') {
            if (!is_path_character(path.data[i])) {
                return false;
            }
            continue;
        }
        r2_slice segment = {path.data + start, i - start};
        if (segment.length == 0 || r2_slice_is(segment, R2_SLICE(".")) ||
            r2_slice_is(segment, R2_SLICE(".."))) {
            return false;
        }
        start = i + 1;
    }
    return true;
}

static void add(r2_url *url, r2_slice part, bool in_lower_case) {
    for (size_t i = 0; i < part.length; i++) {
        url->text[url->length++] = in_lower_case ? r2_lower(part.data[i]) : part.data[i];
    }
}

static r2_slice cut(r2_slice text, size_t at) {
    return (r2_slice){text.data + at, text.length - at};
}

/* Takes the port off the front of *rest; one that is not the scheme's own is added to the URL. */
static const char *parse_port(r2_url *url, r2_slice *rest, unsigned int own) {
    if (rest->length == 0 || rest->data[0] != ':') {
        return NULL;
    }
    unsigned int port = 0;
    size_t length = read_port(*rest, &port);
    if (length == 0) {
        return "must be an https:// URL with a port from 1 to 65535 behind its colon";
    }
    if (port != own) {
        add(url, (r2_slice){rest->data, length}, false);
    }
    *rest = cut(*rest, length);
    return NULL;
}

/* What is left behind host and port; a final slash is dropped. */
static const char *parse_path(r2_url *url, r2_slice rest) {
    if (rest.length > 0 && rest.data[0] != '/') {
        return must_have_host;
    }
    if (rest.length > 0 && rest.data[rest.length - 1] == '/') {
        rest.length--;
    }
    if (rest.length > 0 && !is_path(rest)) {
        return "must be an https:// URL with plain path segments (A-Z a-z 0-9 - . _ ~), none empty "
               "or dots";
    }
    add(url, rest, false);
    return NULL;
}

const char *r2_url_parse(r2_url *url, r2_slice text) {
    r2_slice https = R2_SLICE("https://");
    r2_slice http = R2_SLICE("http://");
    if (text.length > R2_URL_MAX) {
        return "must be an https:// URL of at most 511 bytes";
    }
    const char *wrong = refused_byte(text);
    if (wrong != NULL) {
        return wrong;
    }
    bool secure = r2_begins_with(text, https);
    if (!secure && !r2_begins_with(text, http)) {
        return must_be_https;
    }
    r2_slice scheme = secure ? https : http;
    r2_slice rest = cut(text, scheme.length);
    host_info host;
    if (!read_host(rest, &host)) {
        return must_have_host;
    }
    if (!secure && !host.loopback) {
        return must_be_https;
    }
    *url = (r2_url){.host = scheme.length, .loopback = host.loopback};
    add(url, scheme, false);
    add(url, (r2_slice){rest.data, host.end}, true);
    rest = cut(rest, host.end);
    wrong = parse_port(url, &rest, secure ? 443 : 80);
    url->host_end = url->length;
    return wrong != NULL ? wrong : parse_path(url, rest);
}

size_t r2_url_origin_length(r2_slice text) {
    size_t scheme = r2_begins_with(text, R2_SLICE("https://")) ? 8 : 7;
    size_t end = scheme < text.length ? scheme : text.length;
    while (end < text.length && text.data[end] != '/' && text.data[end] != '?') {
        end++;
    }
    return end;
}

const char *r2_url_check_target(r2_slice text, bool *loopback) {
    r2_url origin;
    size_t end = r2_url_origin_length(text);
    const char *wrong = r2_url_parse(&origin, (r2_slice){text.data, end});
    if (wrong != NULL) {
        return wrong;
    }
    for (size_t i = end; i < text.length; i++) {
        char c = text.data[i];
        if (!r2_is_visible_character(c) || c == '\\' || c == '#') {
            return "must be an https:// URL whose path and query are visible ASCII without \\ and #";
        }
    }
    *loopback = origin.loopback;
    return NULL;
}

r2_slice r2_url_host(const r2_url *url) {
    return (r2_slice){url->text + url->host, url->host_end - url->host};
}

bool r2_url_has_path(const r2_url *url) {
    return url->length > url->host_end;
}
