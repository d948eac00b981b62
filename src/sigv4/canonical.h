/* The parts of a canonical request: query parameters and headers in the order and the form in which
 * Signature V4 wants them, by S3's rules (docs.aws.amazon.com/AmazonS3/latest/API/
 * sig-v4-header-based-auth.html). Knows no Lua, and not what the names mean. */
#ifndef R2_CANONICAL_H
#define R2_CANONICAL_H

#include "../base/buffer.h"
#include "../base/text.h"

#pragma GCC visibility push(hidden)

enum { R2_PARAMETERS_MAX = 256, R2_HEADERS_MAX = 128 };

/* ---- query parameters ---- */

/* A parameter's name and its value, percent-encoded, one behind the other in a buffer that may
 * still move: `at` is an offset. */
typedef struct r2_parameter {
    size_t at;
    size_t name_length;
    size_t value_length;
} r2_parameter;

typedef struct r2_parameters {
    size_t count;
    r2_parameter list[R2_PARAMETERS_MAX];
} r2_parameters;

r2_slice r2_parameter_name(const r2_buffer *buffer, const r2_parameter *parameter);
r2_slice r2_parameter_value(const r2_buffer *buffer, const r2_parameter *parameter);

/* Adds a parameter that is not encoded yet. False when there are too many. */
bool r2_parameters_add(r2_parameters *parameters, r2_buffer *buffer, r2_slice name, r2_slice value);

/* Adds those of a URL's query, the part behind the question mark. Returns NULL, or what a URL must
 * be that has no such query. */
const char *r2_parameters_read(r2_parameters *parameters, r2_buffer *buffer, r2_slice query);

/* By encoded name, then by encoded value. */
void r2_parameters_sort(r2_parameters *parameters, const r2_buffer *buffer);

/* Appends name=value, with "&" before each but the first that stands at or behind `start` there. */
void r2_parameters_write(const r2_parameters *parameters, size_t first, size_t end,
                         const r2_buffer *buffer, r2_buffer *out, size_t start);

/* ---- headers ---- */

typedef struct r2_header {
    r2_slice name;
    r2_slice value;
    bool canonical; /* as it is to be written: in lower case, without blanks */
} r2_header;

typedef struct r2_headers {
    size_t count;
    r2_header list[R2_HEADERS_MAX];
} r2_headers;

/* False when there are too many. */
bool r2_headers_add(r2_headers *headers, r2_header header);

/* By name. False when two names differ in case only. */
bool r2_headers_sort(r2_headers *headers);

/* Append "name:value\n" for each, in lower case, spaces and tabs at the ends left out, inner runs
 * of them made one space; and "name;name". */
void r2_headers_write(const r2_headers *headers, r2_buffer *out);
void r2_headers_write_names(const r2_headers *headers, r2_buffer *out);

#pragma GCC visibility pop
#endif
