/* Strings, escaped. */
#include "json_write.h"

/* What ECMA-262's QuoteJSONString puts behind the backslash; 0 = the byte stands for itself,
 * 'u' = \u00xx. */
static char json_escape(unsigned char byte) {
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\b':
        return 'b';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\f':
        return 'f';
    case '\r':
        return 'r';
    default:
        return byte < 0x20 ? 'u' : 0;
    }
}

void r2_buffer_add_json_string(r2_buffer *buffer, r2_slice text) {
    enum { LONGEST_ESCAPE = 6 };
    if (text.length > (SIZE_MAX - 2) / LONGEST_ESCAPE) {
        buffer->failed = true;
        return;
    }
    if (!r2_buffer_reserve(buffer, text.length * LONGEST_ESCAPE + 2)) {
        return;
    }
    char *out = buffer->data + buffer->length;
    *out++ = '"';
    for (size_t i = 0; i < text.length; i++) {
        char escape = json_escape((unsigned char)text.data[i]);
        if (escape == 0) {
            *out++ = text.data[i];
            continue;
        }
        *out++ = '\\';
        *out++ = escape;
        if (escape == 'u') {
            *out++ = '0';
            *out++ = '0';
            r2_hex_encode(out, text.data + i, 1);
            out += 2;
        }
    }
    *out++ = '"';
    buffer->length = (size_t)(out - buffer->data);
}
