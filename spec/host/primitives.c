/* Runs the library's primitives against published vectors and against plain references of its own,
 * and prints a line for each check: "ok GROUP: WHAT" or "not ok GROUP: WHAT". Knows no Lua. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/base64.h"
#include "../../src/base/json_write.h"
#include "../../src/base/jwt.h"
#include "../../src/base/secret.h"
#include "../../src/base/sha256.h"
#include "../../src/base/utf8.h"
#include "../../src/credentials/token.h"

static const char *group = "";
static int failures;

static void check(bool good, const char *what) {
    printf("%s %s: %s\n", good ? "ok" : "not ok", group, what);
    failures += good ? 0 : 1;
}

static r2_slice slice(const char *text) {
    return (r2_slice){text, strlen(text)};
}

/* A buffer that holds count times the same byte, owned by the caller. */
static r2_buffer repeated(char byte, size_t count) {
    r2_buffer buffer = {0};
    for (size_t i = 0; i < count; i++) {
        r2_buffer_append(&buffer, &byte, 1);
    }
    return buffer;
}

/* ---- SHA-256 ---- */

typedef struct digest_case {
    const char *what;
    const char *text;
    const char *digest;
} digest_case;

typedef struct repeated_case {
    const char *what;
    char byte;
    size_t count;
    const char *digest;
} repeated_case;

static void check_digest(const char *what, r2_slice message, const char *digest) {
    char hex[R2_SHA256_HEX];
    r2_sha256_hex(hex, message.data, message.length);
    check(memcmp(hex, digest, sizeof hex) == 0, what);
}

/* FIPS 180-4's examples as NIST publishes them: "SHA256.pdf" and "SHA2_Additional.pdf". */
static void check_sha256(void) {
    static const digest_case texts[] = {
        {"no bytes", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"448 bits", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"896 bits",
         "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
         "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
        {"bd", "\xbd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
        {"c98c8e55", "\xc9\x8c\x8e\x55",
         "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"},
    };
    static const repeated_case runs[] = {
        {"55 zeros", 0, 55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"},
        {"56 zeros", 0, 56, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"},
        {"57 zeros", 0, 57, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"},
        {"64 zeros", 0, 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"},
        {"1,000 zeros", 0, 1000,
         "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53"},
        {"1,000 times A", 'A', 1000,
         "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4"},
        {"1,005 times U", 'U', 1005,
         "f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0"},
        {"1,000,000 times a", 'a', 1000000,
         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
        {"1,000,000 zeros", 0, 1000000,
         "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025"},
    };
    group = "SHA-256";
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check_digest(texts[i].what, slice(texts[i].text), texts[i].digest);
    }
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        r2_buffer message = repeated(runs[i].byte, runs[i].count);
        check_digest(runs[i].what, (r2_slice){message.data, message.length}, runs[i].digest);
        r2_buffer_free(&message);
    }
}

/* ---- HMAC ---- */

typedef struct hmac_case {
    const char *what;
    const char *key;
    const char *data;
    const char *mac; /* hex, as many digits as the RFC gives */
} hmac_case;

static bool has_mac(const r2_hmac_key *key, const char *data, const char *mac) {
    unsigned char bytes[R2_SHA256_SIZE];
    char hex[R2_SHA256_HEX];
    r2_hmac(key, bytes, data, strlen(data));
    r2_hex_encode(hex, bytes, sizeof bytes);
    return memcmp(hex, mac, strlen(mac)) == 0;
}

#define TEN(text) text text text text text text text text text text
#define TWENTY(text) TEN(text) TEN(text)

/* RFC 4231, section 4. */
static void check_hmac(void) {
    static const char long_key[] = TWENTY("\xaa") TWENTY("\xaa") TWENTY("\xaa") TWENTY("\xaa")
        TWENTY("\xaa") TWENTY("\xaa") TEN("\xaa") "\xaa";
    static const hmac_case cases[] = {
        {"test case 1", TWENTY("\x0b"), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"test case 2", "Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"test case 3", TWENTY("\xaa"), TWENTY("\xdd") TWENTY("\xdd") TEN("\xdd"),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"test case 4",
         "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15"
         "\x16\x17\x18\x19",
         TWENTY("\xcd") TWENTY("\xcd") TEN("\xcd"),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {"test case 5, cut to 128 bits", TWENTY("\x0c"), "Test With Truncation",
         "a3b6167473100ee06e0c796c2955552b"},
        {"test case 6", long_key, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"test case 7", long_key,
         "This is a test using a larger than block-size key and a larger than block-size data. "
         "The key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    group = "HMAC-SHA-256";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        r2_hmac_key key;
        r2_hmac_prepare(&key, cases[i].key, strlen(cases[i].key));
        check(has_mac(&key, cases[i].data, cases[i].mac), cases[i].what);
        check(has_mac(&key, cases[i].data, cases[i].mac), "the same key once more");
    }
}

/* ---- base64 ---- */

static bool encodes(r2_base64_kind kind, r2_slice bytes, const char *text) {
    char out[256];
    size_t length = r2_base64_encode(out, bytes.data, bytes.length, kind);
    return length == strlen(text) && length == r2_base64_length(bytes.length, kind) &&
           memcmp(out, text, length) == 0;
}

static bool decodes(r2_base64_kind kind, r2_slice text, r2_slice bytes) {
    r2_buffer out = {0};
    bool good = r2_base64_decode(&out, text, kind) && out.length == bytes.length &&
                (out.length == 0 || memcmp(out.data, bytes.data, out.length) == 0);
    r2_buffer_free(&out);
    return good;
}

static bool refuses(r2_base64_kind kind, r2_slice text) {
    r2_buffer out = {0};
    bool refused = !r2_base64_decode(&out, text, kind);
    r2_buffer_free(&out);
    return refused;
}

/* RFC 4648, section 10; and bytes that tell the two alphabets apart. */
static void check_base64(void) {
    static const char *const cases[][3] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/", "-_-_"},
        {"\xff\xff\xff", "////", "____"},
    };
    group = "base64";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        r2_slice bytes = slice(cases[i][0]);
        check(encodes(R2_BASE64_STANDARD, bytes, cases[i][1]), "encodes, standard alphabet");
        check(encodes(R2_BASE64_URL, bytes, cases[i][2]), "encodes, URL alphabet");
        check(decodes(R2_BASE64_STANDARD, slice(cases[i][1]), bytes), "decodes, standard alphabet");
        check(decodes(R2_BASE64_URL, slice(cases[i][2]), bytes), "decodes, URL alphabet");
    }
}

/* Every text of four characters whose second half is "==", and of three and "=": taken exactly when
 * encoding again what it stands for gives the same text (RFC 4648, section 3.5). */
static void check_trailing_bits(r2_base64_kind kind, const char *alphabet) {
    size_t wrong = 0;
    for (unsigned int bits = 0; bits < 64 * 64; bits++) {
        char text[] = {alphabet[bits >> 6], alphabet[bits & 63], '=', '='};
        r2_slice given = {text, kind == R2_BASE64_STANDARD ? 4 : 2};
        wrong += refuses(kind, given) == ((bits & 15) == 0);
    }
    check(wrong == 0, "takes one byte in its canonical form only");
    wrong = 0;
    for (unsigned int bits = 0; bits < 64 * 64 * 64; bits++) {
        char text[] = {alphabet[bits >> 12], alphabet[bits >> 6 & 63], alphabet[bits & 63], '='};
        r2_slice given = {text, kind == R2_BASE64_STANDARD ? 4 : 3};
        wrong += refuses(kind, given) == ((bits & 3) == 0);
    }
    check(wrong == 0, "takes two bytes in their canonical form only");
}

static void check_foreign_characters(r2_base64_kind kind, const char *alphabet) {
    size_t wrong = 0;
    for (int place = 0; place < 4; place++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[] = {'A', 'A', 'A', 'A'};
            text[place] = (char)byte;
            bool known = byte != 0 && strchr(alphabet, byte) != NULL;
            bool padding = kind == R2_BASE64_STANDARD && place == 3 && byte == '=';
            wrong += refuses(kind, (r2_slice){text, 4}) == (known || padding);
        }
    }
    check(wrong == 0, "takes no character that is not its own");
}

static void check_base64_strictness(void) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char *const bad_standard[] = {
        "Z",     "Zg",   "Zg=",   "Zm8",   "Zm9vYg", "Zm9vYg=",  "Zg===",    "Zm8==",
        "Zm9v=", "=",    "==",    "===",   "====",   "Zm9v====", "Zg==Zm9v", "Zm8=Zm9v",
        "Z=g=",  "=Zg=", "Zg= =", " Zm9v", "Zm 9v",  "A===",
    };
    static const char *const bad_url[] = {
        "Z", "Zg==", "Zg=", "Zm8=", "Zm9vY", "Zm9v=", "=", " Zm9v", "Zm+/", "Zm9vYg==",
    };
    char standard[65];
    char url[65];
    (void)snprintf(standard, sizeof standard, "%s+/", letters);
    (void)snprintf(url, sizeof url, "%s-_", letters);
    group = "canonical base64";
    for (size_t i = 0; i < sizeof bad_standard / sizeof *bad_standard; i++) {
        check(refuses(R2_BASE64_STANDARD, slice(bad_standard[i])), bad_standard[i]);
    }
    for (size_t i = 0; i < sizeof bad_url / sizeof *bad_url; i++) {
        check(refuses(R2_BASE64_URL, slice(bad_url[i])), bad_url[i]);
    }
    for (int kind = 0; kind < 2; kind++) {
        check(refuses((r2_base64_kind)kind, slice("Zm9v\n")), "a line break behind");
        check(refuses((r2_base64_kind)kind, slice("Zm9v\n\n\n\n")), "four line breaks behind");
        check(refuses((r2_base64_kind)kind, slice("Zm9v\r\nZm9v")), "a line break inside");
    }
    check(refuses(R2_BASE64_STANDARD, slice("Zm9vYg==\n")), "a line break behind the padding");
    check(refuses(R2_BASE64_STANDARD, (r2_slice){"Zm9v\0", 5}), "a NUL behind");
    check(refuses(R2_BASE64_STANDARD, (r2_slice){"Zm9v\0\0\0\0", 8}), "four NULs behind");
    check_trailing_bits(R2_BASE64_STANDARD, standard);
    check_trailing_bits(R2_BASE64_URL, url);
    check_foreign_characters(R2_BASE64_STANDARD, standard);
    check_foreign_characters(R2_BASE64_URL, url);
}

/* Bytes of every length up to 300 go out and come back. */
static void check_round_trips(void) {
    unsigned char bytes[300];
    char text[R2_BASE64_LENGTH(sizeof bytes)];
    size_t wrong = 0;
    group = "base64 round trips";
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 167 + 13);
    }
    for (size_t length = 0; length <= sizeof bytes; length++) {
        for (int kind = 0; kind < 2; kind++) {
            size_t end = r2_base64_encode(text, bytes, length, (r2_base64_kind)kind);
            wrong += end != r2_base64_length(length, (r2_base64_kind)kind) ||
                     !decodes((r2_base64_kind)kind, (r2_slice){text, end},
                              (r2_slice){(const char *)bytes, length});
        }
    }
    check(wrong == 0, "of 0 to 300 bytes, both alphabets");
}

/* ---- hex ---- */

static void check_hex(void) {
    static const unsigned char bytes[] = {0x00, 0x01, 0x7f, 0x80, 0x9a, 0xbc, 0xde, 0xff};
    static const char *const bad[] = {"",     "0",    "00ff0", "00FF", "00fg",
                                      "00f ", "00f/", "00f:",  "00f`"};
    char hex[2 * sizeof bytes];
    group = "hex";
    r2_hex_encode(hex, bytes, sizeof bytes);
    check(memcmp(hex, "00017f809abcdeff", sizeof hex) == 0, "writes lower case");
    check(r2_is_lower_hex(slice("00017f809abcdeff"), 16), "reads its own");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check(!r2_is_lower_hex(slice(bad[i]), 4), "refuses what is none, or of another length");
    }
    check(!r2_is_lower_hex((r2_slice){"00f\0", 4}, 4), "refuses a NUL");
}

/* ---- UTF-8 ---- */

/* RFC 3629, section 4: how long the character at the start is; 0 where there is none. */
static size_t reference_character(const unsigned char *at, size_t left) {
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t length;
    } forms[] = {
        {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (at[0] < forms[i].first_low || at[0] > forms[i].first_high) {
            continue;
        }
        bool good = left >= forms[i].length;
        for (size_t k = 1; good && k < forms[i].length; k++) {
            good = k == 1 ? at[k] >= forms[i].second_low && at[k] <= forms[i].second_high
                          : at[k] >= 0x80 && at[k] <= 0xbf;
        }
        return good ? forms[i].length : 0;
    }
    return 0;
}

static bool reference_utf8(const unsigned char *bytes, size_t length) {
    size_t at = 0;
    while (at < length) {
        size_t character = reference_character(bytes + at, length - at);
        if (character == 0) {
            return false;
        }
        at += character;
    }
    return true;
}

static size_t differs(const unsigned char *bytes, size_t length) {
    r2_slice text = {(const char *)bytes, length};
    return r2_is_utf8(text) != reference_utf8(bytes, length);
}

/* Every text of one to three bytes; of four bytes, those whose bytes lie at the edges of a rule;
 * and each of them behind 0 to 15 letters, for readers that take words at a time. */
static void check_utf8(void) {
    static const unsigned char edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                          0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                          0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xfe, 0xff};
    enum { COUNT = sizeof edges };
    size_t wrong = 0;
    group = "UTF-8";
    for (uint32_t bits = 0; bits < 1U << 24; bits++) {
        const unsigned char bytes[] = {(unsigned char)(bits >> 16), (unsigned char)(bits >> 8),
                                       (unsigned char)bits};
        wrong += differs(bytes, 3);
        wrong += bits < 1U << 16 ? differs(bytes + 1, 2) : 0;
        wrong += bits < 1U << 8 ? differs(bytes + 2, 1) : 0;
    }
    check(wrong == 0, "every text of one to three bytes");
    wrong = 0;
    for (size_t n = 0; n < (size_t)COUNT * COUNT * COUNT * COUNT; n++) {
        unsigned char text[20];
        memset(text, 'a', sizeof text);
        text[15] = edges[n / COUNT / COUNT / COUNT];
        text[16] = edges[n / COUNT / COUNT % COUNT];
        text[17] = edges[n / COUNT % COUNT];
        text[18] = edges[n % COUNT];
        wrong += differs(text + 15, 4) + differs(text + n % 16, 19 - n % 16) +
                 differs(text + n % 16, 20 - n % 16);
    }
    check(wrong == 0, "the edges of every form, cut off and in the middle");
    check(r2_is_utf8((r2_slice){"", 0}) && r2_is_utf8((r2_slice){NULL, 0}), "no bytes");
}

/* ---- JSON strings ---- */

typedef struct json_case {
    const char *what;
    r2_slice text;
    const char *json;
} json_case;

static bool writes_json(r2_slice text, const char *json) {
    r2_buffer out = {0};
    r2_buffer_add_json_string(&out, text);
    bool good = out.length == strlen(json) && memcmp(out.data, json, out.length) == 0;
    r2_buffer_free(&out);
    return good;
}

/* ECMA-262, 25.5.2.3 QuoteJSONString: five short forms, lower-case hex for the other control
 * characters, everything else as it is. */
static void check_json(void) {
    static const json_case cases[] = {
        {"nothing", R2_SLICE_OF(""), "\"\""},
        {"quotes and backslashes", R2_SLICE_OF("\"\\\"\\\\"), "\"\\\"\\\\\\\"\\\\\\\\\""},
        {"the short forms", R2_SLICE_OF("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\""},
        {"a slash and DEL", R2_SLICE_OF("/\x7f"), "\"/\x7f\""},
        {"letters that are not ASCII",
         R2_SLICE_OF("\xc3\xa9\xe2\x80\xa8\xe2\x80\xa9\xf0\x9f\x98\x80"),
         "\"\xc3\xa9\xe2\x80\xa8\xe2\x80\xa9\xf0\x9f\x98\x80\""},
        {"a NUL", R2_SLICE_OF("a\0b"), "\"a\\u0000b\""},
    };
    size_t wrong = 0;
    group = "JSON strings";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(writes_json(cases[i].text, cases[i].json), cases[i].what);
    }
    for (unsigned int byte = 0; byte < 0x20; byte++) {
        char expected[16];
        if (strchr("\b\t\n\f\r", (int)byte) != NULL && byte != 0) {
            continue;
        }
        (void)snprintf(expected, sizeof expected, "\"a\\u%04xb\"", byte);
        const char text[] = {'a', (char)byte, 'b'};
        wrong += !writes_json((r2_slice){text, 3}, expected);
    }
    check(wrong == 0, "every other control character");
}

/* ---- numbers and buffers ---- */

static void check_numbers(void) {
    static const int64_t numbers[] = {0, 1, 9, 10, 99, 100, 604800, 1700000000, INT64_MAX};
    group = "numbers";
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        r2_buffer out = {0};
        char expected[32];
        int length = snprintf(expected, sizeof expected, "%" PRId64, numbers[i]);
        r2_buffer_add_decimal(&out, numbers[i]);
        check(out.length == (size_t)length && memcmp(out.data, expected, out.length) == 0,
              expected);
        r2_buffer_free(&out);
    }
}

static bool all_zero(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void check_buffers(void) {
    group = "buffers";
    r2_buffer buffer = repeated('s', 200);
    check(buffer.length == 200 && buffer.data[199] == 's' && !buffer.failed, "grow");
    r2_buffer_reset(&buffer);
    check(buffer.length == 0 && buffer.data != NULL && all_zero(buffer.data, 200),
          "leave nothing behind when they are emptied");
    r2_buffer_free(&buffer);
    check(buffer.data == NULL && buffer.length == 0, "can be freed, and freed again");
    r2_buffer_free(&buffer);

    r2_buffer giant = repeated('s', 1);
    check(!r2_buffer_reserve(&giant, SIZE_MAX) && giant.failed, "say when there is no memory");
    r2_buffer_add(&giant, slice("more"));
    check(giant.length == 1, "take nothing more then");
    r2_buffer_free(&giant);

    char secret[] = "a secret";
    r2_wipe(secret, sizeof secret);
    check(all_zero(secret, sizeof secret), "are wiped");
    check(r2_equal_secret("same", "same", 4) && !r2_equal_secret("same", "sama", 4) &&
              !r2_equal_secret("same", "tame", 4) && r2_equal_secret("a", "b", 0),
          "compare secrets");
}

/* ---- JWT ---- */

/* RFC 7515, appendix A.1: header, payload and key as given there. */
static const char jwt_header[] = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
static const char jwt_payload[] =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
static const char jwt_signing_input[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char jwt_signature[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char jwt_key[] =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

static r2_buffer session_token(const char *signature) {
    char jwt[512];
    int length = snprintf(jwt, sizeof jwt, "jwt/%s.%s", jwt_signing_input, signature);
    r2_buffer token = {0};
    if (r2_buffer_reserve(&token, 1024)) {
        token.length = r2_base64_encode(token.data, jwt, (size_t)length, R2_BASE64_STANDARD);
    }
    return token;
}

static bool opens(const char *signature, const r2_hmac_key *key, bool is_signed) {
    r2_jwt jwt;
    r2_buffer work = {0};
    r2_buffer token = session_token(signature);
    bool good = r2_token_open(&work, (r2_slice){token.data, token.length}, &jwt) == NULL &&
                r2_slice_is(jwt.header, slice(jwt_header)) &&
                r2_slice_is(jwt.payload, slice(jwt_payload)) &&
                r2_slice_is(jwt.signing_input, slice(jwt_signing_input)) &&
                r2_token_is_signed_by(&jwt, key) == is_signed;
    r2_buffer_free(&token);
    r2_buffer_free(&work);
    return good;
}

static void check_jwt(void) {
    unsigned char mac[R2_SHA256_SIZE];
    r2_buffer key_bytes = {0};
    r2_hmac_key key;
    group = "JWT";
    check(r2_base64_decode(&key_bytes, slice(jwt_key), R2_BASE64_URL) && key_bytes.length == 64,
          "the key is read");
    r2_hmac_prepare(&key, key_bytes.data, key_bytes.length);
    check(encodes(R2_BASE64_URL, slice(jwt_header), "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"),
          "the header is encoded");
    check(encodes(R2_BASE64_URL, slice(jwt_payload), strchr(jwt_signing_input, '.') + 1),
          "the payload is encoded");
    r2_hmac(&key, mac, jwt_signing_input, strlen(jwt_signing_input));
    check(encodes(R2_BASE64_URL, (r2_slice){(const char *)mac, sizeof mac}, jwt_signature),
          "the signature is made");
    check(opens(jwt_signature, &key, true), "the token is opened and its signature is good");
    check(opens("eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", &key, false),
          "another first character is another signature");
    check(opens("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXg", &key, false),
          "another last character is another signature");
    r2_hmac_prepare(&key, "another key", 11);
    check(opens(jwt_signature, &key, false), "another key does not make it");
    r2_buffer_free(&key_bytes);
}

int main(void) {
    check_sha256();
    check_hmac();
    check_base64();
    check_base64_strictness();
    check_round_trips();
    check_hex();
    check_utf8();
    check_json();
    check_numbers();
    check_buffers();
    check_jwt();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
