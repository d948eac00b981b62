/* UTF-8 and what rests on it: keys, and strings written as JSON, which a plain reader reads
 * back. */
#include "../../src/base/utf8.h"

#include "../../src/base/json_write.h"
#include "../../src/base/s3_names.h"
#include "plain.h"

/* What a JSON escape stands for: RFC 8259, section 7, without pairs of surrogates, of which the
 * writer has no need. Returns how long it is. */
static size_t plain_escape(r2_slice text, char *byte) {
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    HOLDS(text.length >= 2 && text.data[1] != '\0');
    const char *name = strchr(names, text.data[1]);
    if (name != NULL) {
        *byte = bytes[name - names];
        return 2;
    }
    char *end;
    HOLDS(text.data[1] == 'u' && text.length >= 6);
    const char *hex = fuzz_string((r2_slice){text.data + 2, 4});
    unsigned long character = strtoul(hex, &end, 16);
    HOLDS(end == hex + 4 && character < 0x20);
    *byte = (char)character;
    return 6;
}

static r2_slice plain_read(r2_slice json) {
    char *out = fuzz_room(json.length);
    size_t length = 0;
    HOLDS(json.length >= 2 && json.data[0] == '"' && json.data[json.length - 1] == '"');
    for (size_t at = 1; at < json.length - 1;) {
        if (json.data[at] == '\\') {
            at += plain_escape((r2_slice){json.data + at, json.length - 1 - at}, &out[length++]);
            continue;
        }
        HOLDS((unsigned char)json.data[at] >= 0x20 && json.data[at] != '"');
        out[length++] = json.data[at++];
    }
    return (r2_slice){out, length};
}

static void check_json(r2_slice text) {
    r2_buffer out = {0};
    r2_buffer_add_json_string(&out, text);
    HOLDS(plain_is_utf8(fuzz_slice(&out)));
    HOLDS(r2_slice_is(plain_read(fuzz_slice(&out)), text));
    r2_buffer_free(&out);
}

static void fuzz(r2_slice input) {
    r2_slice text = fuzz_copy(input);
    bool utf8 = plain_is_utf8(text);
    bool nul = text.length > 0 && memchr(text.data, '\0', text.length) != NULL;
    HOLDS(r2_is_utf8(text) == utf8);
    HOLDS((r2_check_key(text) == NULL) ==
          (utf8 && !nul && text.length >= 1 && text.length <= 1024));
    if (utf8) {
        check_json(text);
    }
}
