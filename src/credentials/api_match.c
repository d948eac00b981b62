/* The API may spell claims in another way than this library does, and list paths in another order:
 * what they mean is compared. The audience is not: for a bucket with a jurisdiction nobody says
 * what it is. */
#include "api_match.h"

#include "../base/json_parts.h"
#include "permissions.h"

/* Looks that one comparison may take, a fraction of a second: a list in another order takes the
 * square of its length. */
enum { LOOKS_MAX = 10000000 };

/* Finds an item in the inside of a list, from `rest` on and round. */
static bool find_item(r2_slice list, r2_slice *rest, r2_slice item, size_t *looks) {
    r2_slice seen;
    for (int round = 0; round < 2; round++, *rest = list) {
        while (r2_json_next_item(rest, &seen) && ++*looks <= LOOKS_MAX) {
            if (r2_json_same_string(seen, item)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether each item of `wanted` is in `list`; both are insides. It looks on from where the last one
 * was found, so lists in the same order are gone through once. */
static bool has_all(r2_slice list, r2_slice wanted, size_t *looks) {
    r2_slice rest = list;
    r2_slice item;
    bool found = true;
    while (found && r2_json_next_item(&wanted, &item)) {
        found = find_item(list, &rest, item, looks);
    }
    return found;
}

/* Whether two lists, each of which may not be there, have the same items, in any order. */
static bool same_items(r2_slice claim, r2_slice asked) {
    r2_slice in_token = r2_json_inside(claim);
    r2_slice in_request = r2_json_inside(asked);
    size_t looks = 0;
    return has_all(in_token, in_request, &looks) && has_all(in_request, in_token, &looks);
}

/* A scope must be the permission. Actions in its place, as they may be for object-write-only, must
 * be covered by it. */
static bool same_operations(const r2_payload *payload, r2_slice permission) {
    if (payload->actions.length == 0) {
        return r2_json_is_string(payload->scope, permission);
    }
    r2_slice inside = r2_json_inside(payload->actions);
    r2_slice action;
    bool covered = true;
    while (covered && r2_json_next_item(&inside, &action)) {
        covered = r2_permission_covers(permission, r2_json_inside(action));
    }
    return covered;
}

const char *r2_api_difference(const r2_payload *payload, const r2_request *request,
                              r2_slice account_id) {
    if (!r2_json_is_string(payload->bucket, request->bucket)) {
        return "sent a credential for another bucket than was asked for";
    }
    if (!r2_json_is_string(payload->account_id, account_id)) {
        return "sent a credential of another account than was asked for";
    }
    if (!r2_json_is_string(payload->parent_access_key_id, request->parent_access_key_id)) {
        return "sent a credential of another parent access key than was asked for";
    }
    if (!same_operations(payload, request->permission)) {
        return "sent a credential with another permission than was asked for";
    }
    bool same_paths = same_items(payload->prefix_paths, request->prefixes) &&
                      same_items(payload->object_paths, request->objects);
    return same_paths ? NULL : "sent a credential for other paths than were asked for";
}
