/* The URLs of a configuration, beside a second reader: a regular expression, and the rules for
 * hosts one by one. What the one takes the other takes, and nothing else. */
#include "../../src/base/url.h"

#include <regex.h>
#include <strings.h>

#include "plain.h"

/* The groups of the expression. */
enum { ALL, SCHEME, HOST, HOST_CHARACTERS, COLON_PORT, PORT, PATH, SEGMENT, GROUPS };

static const char of_url[] = "^(https?)://(\\[::1\\]|([A-Za-z0-9_.-]+))(:([1-9][0-9]{0,4}))?"
                             "((/[A-Za-z0-9._~-]+)*)/?$";

#define NUMBER "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
static const char of_dotted[] = "^" NUMBER "\\." NUMBER "\\." NUMBER "\\." NUMBER "$";

/* Each expression is compiled once. */
static const regex_t *compiled(const char *expression) {
    static const char *expressions[2];
    static regex_t kept[2];
    size_t i = 0;
    while (expressions[i] != NULL && expressions[i] != expression) {
        i++;
    }
    HOLDS(expressions[i] != NULL || regcomp(&kept[i], expression, REG_EXTENDED) == 0);
    expressions[i] = expression;
    return &kept[i];
}

static bool matches(const char *text, const char *expression, regmatch_t *match) {
    return regexec(compiled(expression), text, match == NULL ? 0 : GROUPS, match, 0) == 0;
}

static bool is_dotted(const char *host) {
    return matches(host, of_dotted, NULL);
}

static const char *group(const char *text, const regmatch_t *match) {
    return match->rm_so < 0 ? ""
                            : fuzz_string((r2_slice){text + match->rm_so,
                                                     (size_t)(match->rm_eo - match->rm_so)});
}

static bool is_label(const char *label, size_t length) {
    return length >= 1 && length <= 63 && label[0] != '-' && label[length - 1] != '-';
}

/* Labels, of which the last is no number in any base. */
static bool is_name(const char *host) {
    const char *label = host;
    for (;;) {
        size_t length = strcspn(label, ".");
        if (!is_label(label, length)) {
            return false;
        }
        if (label[length] == '\0') {
            break;
        }
        label += length + 1;
    }
    bool hex = strncasecmp(label, "0x", 2) == 0 &&
               strspn(label + 2, "0123456789abcdefABCDEF") == strlen(label + 2);
    return !hex && strspn(label, "0123456789") != strlen(label) && strlen(host) <= 253;
}

static bool has_dots(const char *path) {
    char *framed = fuzz_room(strlen(path) + 2);
    sprintf(framed, "%s/", path);
    return strstr(framed, "/./") != NULL || strstr(framed, "/../") != NULL;
}

/* What the library makes of the URL, or NULL where it should refuse it. */
static const char *plain_parse(const char *text, const regmatch_t *match, bool *loopback) {
    const char *scheme = group(text, &match[SCHEME]);
    const char *host = group(text, &match[HOST]);
    const char *port = group(text, &match[PORT]);
    bool secure = strcmp(scheme, "https") == 0;
    *loopback = strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
                (is_dotted(host) && strncmp(host, "127.", 4) == 0);
    bool good = (host[0] == '[' || is_dotted(host) || is_name(host)) && (secure || *loopback) &&
                (port[0] == '\0' || strtol(port, NULL, 10) <= 65535) &&
                !has_dots(group(text, &match[PATH]));
    if (!good) {
        return NULL;
    }
    char *out = fuzz_room(strlen(text) + 1);
    bool own = strcmp(port, secure ? "443" : "80") == 0;
    int length =
        sprintf(out, "%s://%s%s", scheme, host, own ? "" : group(text, &match[COLON_PORT]));
    for (int i = 0; i < length; i++) {
        out[i] = (char)(out[i] >= 'A' && out[i] <= 'Z' ? out[i] + 32 : out[i]);
    }
    sprintf(out + length, "%s", group(text, &match[PATH]));
    return out;
}

static const char *plain_url(r2_slice text, bool *loopback) {
    regmatch_t match[GROUPS];
    const char *string = fuzz_string(text);
    *loopback = false;
    if (text.length > R2_URL_MAX || strlen(string) != text.length ||
        !matches(string, of_url, match)) {
        return NULL;
    }
    return plain_parse(string, match, loopback);
}

/* What was made of a URL is read again as the same. */
static void check_again(const r2_url *url) {
    r2_url again;
    HOLDS(r2_url_parse(&again, (r2_slice){url->text, url->length}) == NULL);
    HOLDS(again.length == url->length && memcmp(again.text, url->text, url->length) == 0);
    HOLDS(again.host == url->host && again.host_end == url->host_end);
    HOLDS(again.loopback == url->loopback);
}

static void check_parse(r2_slice text) {
    r2_url url;
    bool loopback;
    const char *expected = plain_url(text, &loopback);
    HOLDS((r2_url_parse(&url, text) == NULL) == (expected != NULL));
    if (expected == NULL) {
        return;
    }
    HOLDS(url.length == strlen(expected) && memcmp(url.text, expected, url.length) == 0);
    HOLDS(url.loopback == loopback);
    size_t host = url.text[4] == 's' ? 8 : 7;
    const char *path = strchr(expected + host, '/');
    size_t host_end = path != NULL ? (size_t)(path - expected) : url.length;
    HOLDS(url.host == host && url.host_end == host_end);
    HOLDS(r2_url_has_path(&url) == (path != NULL));
    check_again(&url);
}

/* A target is an origin and what is behind it: no byte of that may end a line or hide a host. */
static void check_target(r2_slice text) {
    bool loopback = false;
    bool expected_loopback;
    size_t end = 0;
    const char *string = fuzz_string(text);
    const char *scheme = strstr(string, "://");
    if (scheme != NULL) {
        end = (size_t)(scheme + 3 - string) + strcspn(scheme + 3, "/?");
    }
    bool good = plain_url((r2_slice){string, end}, &expected_loopback) != NULL;
    for (size_t i = end; i < text.length; i++) {
        good = good && string[i] > ' ' && string[i] <= '~' && string[i] != '\\' && string[i] != '#';
    }
    HOLDS((r2_url_check_target(text, &loopback) == NULL) == good);
    HOLDS(!good || loopback == expected_loopback);
}

static void fuzz(r2_slice input) {
    r2_slice text = fuzz_copy(input);
    check_parse(text);
    check_target(text);
}
