/* Base64 in both alphabets (RFC 4648); read back in its canonical form only. */
#ifndef R2_BASE64_H
#define R2_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "text.h"

#pragma GCC visibility push(hidden)

/* RFC 4648. The encoders write to `out`, which has room for r2_base64_length(length) bytes, and
 * return how many they wrote. R2_BASE64_URL is the alphabet of section 5, without padding. */
typedef enum r2_base64_kind { R2_BASE64_STANDARD, R2_BASE64_URL } r2_base64_kind;
#define R2_BASE64_LENGTH(length) (((length) + 2) / 3 * 4)
size_t r2_base64_length(size_t length, r2_base64_kind kind);
size_t r2_base64_encode(char *out, const void *bytes, size_t length, r2_base64_kind kind);
/* What r2_base64_decode reserves for a text of that length. */
#define R2_BASE64_DECODED_MAX(length) ((length) / 4 * 3 + 3)
/* Appends what the text encodes. Only the canonical form is taken: right padding (none for
 * R2_BASE64_URL), no foreign character, all trailing bits zero. A text that lies in `out`
 * itself needs room that was reserved before, so that nothing moves. */
bool r2_base64_decode(r2_buffer *out, r2_slice text, r2_base64_kind kind);

#pragma GCC visibility pop
#endif
