/* Whether a credential that the API sent is the one that it was asked for. Over a connection that
 * is kept, an answer may be somebody else's. Knows no Lua value. */
#ifndef R2_API_MATCH_H
#define R2_API_MATCH_H

#include "../base/text.h"
#include "payload.h"
#include "request.h"

#pragma GCC visibility push(hidden)

/* NULL, or what was sent that was not asked for. The payload's grant is good. */
const char *r2_api_difference(const r2_payload *payload, const r2_request *request,
                              r2_slice account_id);

#pragma GCC visibility pop
#endif
