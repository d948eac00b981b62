/* JSON as this library writes it: only strings that were checked, in an order that matters. */
#ifndef R2_JSON_WRITE_H
#define R2_JSON_WRITE_H

#include "buffer.h"
#include "text.h"

#pragma GCC visibility push(hidden)

/* A JSON string with its quotes, escaped as JSON.stringify does. The bytes must be valid UTF-8. */
void r2_buffer_add_json_string(r2_buffer *buffer, r2_slice text);

#pragma GCC visibility pop
#endif
