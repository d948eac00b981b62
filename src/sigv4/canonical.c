/* Sorting and writing. Lists are short and often in order already: they are sorted by insertion. */
#include "canonical.h"

#include "../base/ascii.h"
#include "../base/header.h"
#include "../base/percent.h"

static int compare(r2_slice left, r2_slice right) {
    size_t common = left.length < right.length ? left.length : right.length;
    int order = common > 0 ? memcmp(left.data, right.data, common) : 0;
    return order != 0 ? order : (left.length > right.length) - (left.length < right.length);
}

/* ---- query parameters ---- */

r2_slice r2_parameter_name(const r2_buffer *buffer, const r2_parameter *p) {
    return (r2_slice){buffer->data + p->at, p->name_length};
}

r2_slice r2_parameter_value(const r2_buffer *buffer, const r2_parameter *p) {
    return (r2_slice){buffer->data + p->at + p->name_length, p->value_length};
}

/* The next free place, which counts once it is kept. */
static r2_parameter *next_parameter(r2_parameters *parameters, const r2_buffer *buffer) {
    if (parameters->count == R2_PARAMETERS_MAX) {
        return NULL;
    }
    r2_parameter *p = &parameters->list[parameters->count];
    p->at = buffer->length;
    return p;
}

static void keep(r2_parameters *parameters, r2_parameter *p, const r2_buffer *buffer,
                 size_t name_end) {
    p->name_length = name_end - p->at;
    p->value_length = buffer->length - name_end;
    parameters->count++;
}

bool r2_parameters_add(r2_parameters *parameters, r2_buffer *buffer, r2_slice name,
                       r2_slice value) {
    r2_parameter *p = next_parameter(parameters, buffer);
    if (p == NULL) {
        return false;
    }
    r2_percent_encode(buffer, name, R2_IN_QUERY);
    size_t name_end = buffer->length;
    r2_percent_encode(buffer, value, R2_IN_QUERY);
    keep(parameters, p, buffer, name_end);
    return true;
}

static size_t find(r2_slice text, char c) {
    const char *found = text.length > 0 ? memchr(text.data, c, text.length) : NULL;
    return found != NULL ? (size_t)(found - text.data) : text.length;
}

/* "name=value", or "name", which is the same as "name=". */
static const char *read_parameter(r2_parameters *parameters, r2_buffer *buffer, r2_slice text) {
    size_t sign = find(text, '=');
    size_t value = sign < text.length ? sign + 1 : sign;
    r2_parameter *p = next_parameter(parameters, buffer);
    if (p == NULL) {
        return "must be a URL with at most 256 query parameters";
    }
    if (sign == 0) {
        return "must be a URL whose query parameters all have names";
    }
    const char *wrong = r2_percent_normalize(buffer, (r2_slice){text.data, sign}, R2_IN_QUERY);
    size_t name_end = buffer->length;
    if (wrong == NULL) {
        wrong = r2_percent_normalize(buffer, (r2_slice){text.data + value, text.length - value},
                                     R2_IN_QUERY);
    }
    keep(parameters, p, buffer, name_end);
    return wrong;
}

const char *r2_parameters_read(r2_parameters *parameters, r2_buffer *buffer, r2_slice query) {
    const char *wrong = NULL;
    bool more = query.length > 0;
    while (more && wrong == NULL) {
        size_t end = find(query, '&');
        wrong = read_parameter(parameters, buffer, (r2_slice){query.data, end});
        more = end < query.length;
        query = more ? (r2_slice){query.data + end + 1, query.length - end - 1} : query;
    }
    return wrong;
}

static bool parameter_precedes(const r2_buffer *buffer, const r2_parameter *left,
                               const r2_parameter *right) {
    int order = compare(r2_parameter_name(buffer, left), r2_parameter_name(buffer, right));
    return order < 0 || (order == 0 && compare(r2_parameter_value(buffer, left),
                                               r2_parameter_value(buffer, right)) < 0);
}

void r2_parameters_sort(r2_parameters *parameters, const r2_buffer *buffer) {
    r2_parameter *list = parameters->list;
    for (size_t i = 1; i < parameters->count && !buffer->failed; i++) {
        r2_parameter moved = list[i];
        size_t at = i;
        for (; at > 0 && parameter_precedes(buffer, &moved, &list[at - 1]); at--) {
            list[at] = list[at - 1];
        }
        list[at] = moved;
    }
}

void r2_parameters_write(const r2_parameters *parameters, size_t first, size_t end,
                         const r2_buffer *buffer, r2_buffer *out, size_t start) {
    for (size_t i = first; i < end; i++) {
        if (out->length > start) {
            r2_buffer_add(out, R2_SLICE("&"));
        }
        r2_buffer_add(out, r2_parameter_name(buffer, &parameters->list[i]));
        r2_buffer_add(out, R2_SLICE("="));
        r2_buffer_add(out, r2_parameter_value(buffer, &parameters->list[i]));
    }
}

/* ---- headers ---- */

bool r2_headers_add(r2_headers *headers, r2_header header) {
    if (headers->count == R2_HEADERS_MAX) {
        return false;
    }
    headers->list[headers->count++] = header;
    return true;
}

bool r2_headers_sort(r2_headers *headers) {
    r2_header *list = headers->list;
    for (size_t i = 1; i < headers->count; i++) {
        r2_header moved = list[i];
        size_t at = i;
        int order = 1;
        while (at > 0 && (order = r2_compare_header_names(moved.name, list[at - 1].name)) < 0) {
            list[at] = list[at - 1];
            at--;
        }
        list[at] = moved;
        if (order == 0) {
            return false;
        }
    }
    return true;
}

static void write_name(const r2_header *header, r2_buffer *out) {
    size_t start = out->length;
    r2_buffer_add(out, header->name);
    for (size_t i = start; i < out->length && !header->canonical; i++) {
        out->data[i] = r2_lower(out->data[i]);
    }
}

static void write_value(r2_slice value, r2_buffer *out) {
    bool written = false;
    for (size_t at = 0; at < value.length;) {
        size_t start = at;
        while (at < value.length && !r2_is_blank(value.data[at])) {
            at++;
        }
        if (at > start) {
            r2_buffer_append(out, " ", written ? 1 : 0);
            r2_buffer_append(out, value.data + start, at - start);
            written = true;
        }
        while (at < value.length && r2_is_blank(value.data[at])) {
            at++;
        }
    }
}

static bool has_blank(r2_slice value) {
    return value.length > 0 && (memchr(value.data, ' ', value.length) != NULL ||
                                memchr(value.data, '\t', value.length) != NULL);
}

void r2_headers_write(const r2_headers *headers, r2_buffer *out) {
    for (size_t i = 0; i < headers->count; i++) {
        const r2_header *h = &headers->list[i];
        write_name(h, out);
        r2_buffer_add(out, R2_SLICE(":"));
        if (!h->canonical && has_blank(h->value)) {
            write_value(h->value, out);
        } else {
            r2_buffer_add(out, h->value);
        }
        r2_buffer_add(out, R2_SLICE("\n"));
    }
}

void r2_headers_write_names(const r2_headers *headers, r2_buffer *out) {
    for (size_t i = 0; i < headers->count; i++) {
        r2_buffer_append(out, ";", i > 0 ? 1 : 0);
        write_name(&headers->list[i], out);
    }
}
