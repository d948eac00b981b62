/* Rules for claims. A claim of null is there, and wrong. */
#include "payload.h"

#include "../base/json_parts.h"
#include "../base/json_valid.h"
#include "../base/jwt.h"
#include "../base/s3_names.h"
#include "token.h"

enum { CLOCK_SKEW = 60 }; /* seconds that another machine's clock may be ahead */

bool r2_payload_read(r2_slice json, r2_payload *payload) {
    static const r2_slice names[] = {
        R2_SLICE_OF("bucket"), R2_SLICE_OF("scope"), R2_SLICE_OF("actions"), R2_SLICE_OF("paths"),
        R2_SLICE_OF("sub"),    R2_SLICE_OF("iss"),   R2_SLICE_OF("aud"),     R2_SLICE_OF("iat"),
        R2_SLICE_OF("exp"),    R2_SLICE_OF("nbf")};
    static const r2_slice of_paths[] = {R2_SLICE_OF("prefixPaths"), R2_SLICE_OF("objectPaths")};
    enum { COUNT = sizeof names / sizeof names[0] };
    r2_slice found[COUNT];
    r2_slice paths[2];
    r2_slice object = r2_json_trim(json);
    if (!r2_json_begins(object, '{') || !r2_json_is_valid(object)) {
        return false;
    }
    r2_json_find(object, names, COUNT, found);
    r2_json_find(found[3], of_paths, 2, paths);
    *payload = (r2_payload){.bucket = found[0],
                            .scope = found[1],
                            .actions = found[2],
                            .paths = found[3],
                            .prefix_paths = paths[0],
                            .object_paths = paths[1],
                            .account_id = found[4],
                            .parent_access_key_id = found[5],
                            .audience = found[6],
                            .issued_at = found[7],
                            .expires_at = found[8],
                            .not_before = found[9]};
    return true;
}

static bool is_there(r2_slice claim) {
    return claim.length > 0;
}

/* A list of `least` or more strings. */
static bool is_list(r2_slice claim, size_t least) {
    if (!r2_json_begins(claim, '[')) {
        return false;
    }
    r2_slice inside = r2_json_inside(claim);
    r2_slice item;
    size_t count = 0;
    while (r2_json_next_item(&inside, &item)) {
        if (!r2_json_begins(item, '"')) {
            return false;
        }
        count++;
    }
    return count >= least;
}

/* A bucket's name has no character that could be spelt with an escape. */
static bool is_bucket(r2_slice claim) {
    return r2_json_begins(claim, '"') && r2_check_bucket(r2_json_inside(claim)) == NULL;
}

static const char *check_operations(const r2_payload *p) {
    if (is_there(p->scope) && is_there(p->actions)) {
        return "must not hold both a scope and actions: R2 refuses it";
    }
    if (is_there(p->scope)) {
        return r2_json_begins(p->scope, '"') ? NULL : "must hold its scope as a string";
    }
    if (is_there(p->actions)) {
        return is_list(p->actions, 1) ? NULL
                                      : "must hold its actions as a list of one or more strings";
    }
    return "must hold a scope or actions";
}

static const char *check_paths(const r2_payload *p) {
    bool good =
        !is_there(p->paths) || (r2_json_begins(p->paths, '{') &&
                                (!is_there(p->prefix_paths) || is_list(p->prefix_paths, 0)) &&
                                (!is_there(p->object_paths) || is_list(p->object_paths, 0)));
    return good ? NULL
                : "must hold its paths as an object with the lists of strings prefixPaths and "
                  "objectPaths";
}

const char *r2_payload_check_grant(const r2_payload *payload) {
    if (!is_bucket(payload->bucket)) {
        return "must hold the name of a bucket (bucket)";
    }
    const char *wrong = check_operations(payload);
    return wrong != NULL ? wrong : check_paths(payload);
}

/* Times that go together, whatever the clock says. */
static const char *check_life(int64_t issued_at, int64_t expires_at) {
    if (issued_at < 0 || expires_at < 0) {
        return "must hold its times (iat, exp) as whole seconds";
    }
    if (expires_at <= issued_at) {
        return "must end after it was made (iat, exp)";
    }
    return expires_at - issued_at <= R2_TTL_MAX ? NULL
                                                : "must not live longer than 7 days (iat, exp)";
}

const char *r2_payload_check_times(const r2_payload *payload, int64_t now) {
    int64_t issued_at = r2_jwt_time(payload->issued_at);
    int64_t not_before = r2_jwt_time(payload->not_before);
    const char *wrong = check_life(issued_at, r2_jwt_time(payload->expires_at));
    if (wrong != NULL) {
        return wrong;
    }
    if (is_there(payload->not_before) && not_before < 0) {
        return "must hold its beginning (nbf) as whole seconds";
    }
    if (issued_at > now + CLOCK_SKEW) {
        return "must not be from the future (iat)";
    }
    return not_before > now + CLOCK_SKEW ? "must not be for later (nbf)" : NULL;
}

bool r2_payload_has_expired(const r2_payload *payload, int64_t now) {
    return r2_jwt_time(payload->expires_at) <= now;
}
