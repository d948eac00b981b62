/* What sigv4.sign and sigv4.presign are given: three Lua tables, read raw, once, and checked. */
#ifndef R2_SIGN_INPUT_H
#define R2_SIGN_INPUT_H

#include <lua.h>
#include <stdbool.h>

#include "../base/error.h"
#include "signature.h"

#pragma GCC visibility push(hidden)

/* Stack indices of the three tables; options may be nil. */
enum { R2_SIGN_REQUEST = 1, R2_SIGN_CREDENTIALS, R2_SIGN_OPTIONS };

typedef enum r2_sign_mode { R2_IN_HEADERS, R2_IN_URL } r2_sign_mode;

typedef struct r2_sign_input {
    r2_signing signing; /* its strings live as long as the tables' values on the stack */
    int session_token;  /* stack index of the string, or of nil */
    int payload_hash;   /* likewise */
} r2_sign_input;

/* Reads the tables; URL and headers go to the signer. The values stay on the stack, above what was
 * there. Nothing that is read runs a finalizer. False with an error, or when the signer's buffers
 * failed. */
bool r2_sign_input_read(lua_State *L, r2_sign_mode mode, r2_signer *signer, r2_sign_input *input,
                        r2_error *error);

#pragma GCC visibility pop
#endif
