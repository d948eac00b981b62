/* Texts of a server, which may echo a secret, cleaned. Knows no Lua. */
#ifndef R2_REDACT_H
#define R2_REDACT_H

#include "../base/buffer.h"
#include "../base/text.h"

#pragma GCC visibility push(hidden)

enum { R2_SHOWN_TEXT_MAX = 240 /* bytes of a server's text, in an error; a mark may go over it */ };

/* Appends a server's text to `work` in a form that may be shown: without secrets, one line, UTF-8,
 * not longer than R2_SHOWN_TEXT_MAX and a mark. */
r2_slice r2_redact(r2_buffer *work, r2_slice text, r2_slice api_token);

#pragma GCC visibility pop
#endif
