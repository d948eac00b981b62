/* The names that R2 gives to permissions and actions
 * (developers.cloudflare.com/r2/api/s3/temporary-credentials/). To add one, add it to its list
 * here. */
#include "permissions.h"

/* Constant, name on the wire, whether it reads and whether it writes. */
#define PERMISSIONS(X)                                                                             \
    X(OBJECT_READ_ONLY, "object-read-only", true, false)                                           \
    X(OBJECT_WRITE_ONLY, "object-write-only", false, true)                                         \
    X(OBJECT_READ_WRITE, "object-read-write", true, true)                                          \
    X(ADMIN_READ_ONLY, "admin-read-only", true, false)                                             \
    X(ADMIN_READ_WRITE, "admin-read-write", true, true)

#define AS_CONSTANT(constant, wire, reads, writes) constant,
#define AS_PERMISSION(constant, wire, reads, writes)                                               \
    [constant] = {#constant, R2_SLICE_OF(wire), reads, writes},
#define AS_WIRE_WORD(constant, wire, reads, writes) " " wire

enum permission { PERMISSIONS(AS_CONSTANT) PERMISSION_COUNT };

static const struct {
    const char *constant;
    r2_slice wire;
    bool reads;
    bool writes;
} permissions[PERMISSION_COUNT] = {PERMISSIONS(AS_PERMISSION)};

const char r2_known_permissions[] = "one of:" PERMISSIONS(AS_WIRE_WORD);

static int find_permission(r2_slice name) {
    int i = 0;
    while (i < PERMISSION_COUNT && !r2_slice_is(name, permissions[i].wire)) {
        i++;
    }
    return i;
}

r2_slice r2_find_permission(r2_slice name) {
    int i = find_permission(name);
    return i < PERMISSION_COUNT ? permissions[i].wire : (r2_slice){0};
}

bool r2_is_write_only(r2_slice permission) {
    return r2_slice_is(permission, permissions[OBJECT_WRITE_ONLY].wire);
}

#define READ(X)                                                                                    \
    X(HeadObject)                                                                                  \
    X(GetObject)                                                                                   \
    X(GetBucketLocation) X(ListObjectsV1) X(ListObjectsV2) X(ListMultipartUploads) X(ListParts)
#define WRITE(X) X(PutObject) X(DeleteObject) X(DeleteObjects) X(CopyObject)
#define MULTIPART(X)                                                                               \
    X(CreateMultipartUpload)                                                                       \
    X(UploadPart) X(UploadPartCopy) X(AbortMultipartUpload) X(CompleteMultipartUpload)
/* What object-write-only is signed as: nothing that reads (copying reads its source), nothing that
 * deletes. R2 has no scope of that name. */
#define WRITE_ONLY(X)                                                                              \
    X(PutObject)                                                                                   \
    X(CreateMultipartUpload) X(UploadPart) X(CompleteMultipartUpload) X(AbortMultipartUpload)
#define ALL(X) READ(X) WRITE(X) MULTIPART(X)

#define AS_SLICE(name) R2_SLICE_OF(#name),
#define AS_STRING(name) #name,
#define AS_WORD(name) " " #name
#define AS_JSON(name) ",\"" #name "\""

static const r2_slice read_actions[] = {READ(AS_SLICE)};
static const r2_slice write_only_actions[] = {WRITE_ONLY(AS_SLICE)};
static const r2_slice all_actions[] = {ALL(AS_SLICE)};

/* A JSON array needs no comma before its first item: the literal is used from its second byte. */
static const char write_only_items[] = WRITE_ONLY(AS_JSON) "]";

void r2_add_write_only_actions(r2_buffer *out) {
    r2_buffer_add(out, R2_SLICE("["));
    r2_buffer_append(out, write_only_items + 1, sizeof write_only_items - 2);
}

static bool is_among(r2_slice action, const r2_slice *actions, size_t count) {
    size_t i = 0;
    while (i < count && !r2_slice_is(action, actions[i])) {
        i++;
    }
    return i < count;
}

#define IS_AMONG(action, list) is_among(action, list, sizeof(list) / sizeof(list)[0])

const char *r2_check_action(r2_slice action) {
    return IS_AMONG(action, all_actions) ? NULL : "must be one of:" ALL(AS_WORD);
}

bool r2_permission_covers(r2_slice permission, r2_slice action) {
    int i = find_permission(permission);
    if (i == PERMISSION_COUNT || !IS_AMONG(action, all_actions)) {
        return false;
    }
    if (i == OBJECT_WRITE_ONLY) {
        return IS_AMONG(action, write_only_actions);
    }
    return IS_AMONG(action, read_actions) ? permissions[i].reads : permissions[i].writes;
}

static void push_list(lua_State *L, const char *group, const char *const *list, int count) {
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushstring(L, list[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, group);
}

void r2_push_actions(lua_State *L) {
    static const char *const read[] = {READ(AS_STRING)};
    static const char *const write[] = {WRITE(AS_STRING)};
    static const char *const multipart[] = {MULTIPART(AS_STRING)};
    static const char *const all[] = {ALL(AS_STRING)};
    static const char *const write_only[] = {WRITE_ONLY(AS_STRING)};
    lua_createtable(L, 0, 5);
    push_list(L, "READ", read, (int)(sizeof read / sizeof read[0]));
    push_list(L, "WRITE", write, (int)(sizeof write / sizeof write[0]));
    push_list(L, "MULTIPART", multipart, (int)(sizeof multipart / sizeof multipart[0]));
    push_list(L, "ALL", all, (int)(sizeof all / sizeof all[0]));
    push_list(L, "WRITE_ONLY", write_only, (int)(sizeof write_only / sizeof write_only[0]));
}

void r2_push_scope(lua_State *L, r2_slice name) {
    int count = 0;
    if (find_permission(name) == PERMISSION_COUNT || r2_is_write_only(name)) {
        lua_pushnil(L);
        return;
    }
    lua_newtable(L);
    for (size_t i = 0; i < sizeof all_actions / sizeof all_actions[0]; i++) {
        if (r2_permission_covers(name, all_actions[i])) {
            lua_pushstring(L, all_actions[i].data);
            lua_rawseti(L, -2, ++count);
        }
    }
}

void r2_push_permissions(lua_State *L) {
    lua_createtable(L, 0, PERMISSION_COUNT);
    for (int i = 0; i < PERMISSION_COUNT; i++) {
        lua_pushstring(L, permissions[i].wire.data);
        lua_setfield(L, -2, permissions[i].constant);
    }
}
