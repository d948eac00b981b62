/* Unicode's normalization form C, NFC (Unicode Standard Annex 15): the composed form, in which
 * object stores keep keys. Knows no Lua. */
#ifndef R2_NFC_H
#define R2_NFC_H

#include "text.h"

#pragma GCC visibility push(hidden)

/* Returns NULL when the text is UTF-8 in NFC, or what it must be that it is not, worded to follow a
 * field's name. A code point that is not assigned in the Unicode of nfc_tables.h is refused: a
 * later one may compose it, or put it in another order. Takes time in proportion to the length. */
const char *r2_check_nfc(r2_slice text);

#pragma GCC visibility pop
#endif
