/* The rules for the names of buckets and objects, for requests and URLs alike. */
#include "s3_names.h"

#include "utf8.h"

/* developers.cloudflare.com/r2/buckets/create-buckets/: 3 to 63 characters, lower-case letters,
 * digits and hyphens, the first and the last no hyphen. Such a name needs no escape, in JSON or in
 * a URL. */
const char *r2_check_bucket(r2_slice name) {
    return r2_is_label(name, 3, 63) ? NULL
                                    : "must be a bucket's name: 3 to 63 lower-case letters, digits "
                                      "and inner hyphens";
}

const char *r2_check_key(r2_slice key) {
    bool good = key.length >= 1 && key.length <= R2_KEY_BYTES_MAX &&
                memchr(key.data, '\0', key.length) == NULL && r2_is_utf8(key);
    return good ? NULL : "must be 1 to 1024 bytes of UTF-8 without NUL";
}
