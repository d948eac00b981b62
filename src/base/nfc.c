/* Whether a text is in NFC is found without normalizing it. It is, when nothing in it never is,
 * marks are in canonical order, and no character composes with the starter before it. The tables
 * already count with what decomposing the starter, and sorting its marks with those that follow,
 * would change; so one pass over the text with the last starter in hand does. */
#include "nfc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfc_tables.h"
#include "utf8.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const r2_nfc_run *find_run(uint32_t code) {
    size_t low = 0; /* begins at code or before it: the first run begins at 0 */
    size_t high = COUNT(r2_nfc_runs);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (r2_nfc_runs[middle].first <= code) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &r2_nfc_runs[low];
}

/* ---- composition ---- */

/* The Unicode Standard, section 3.12: L and V, or a syllable without a final consonant and T. */
static bool composes_hangul(uint32_t starter, uint32_t code) {
    bool leads = starter >= 0x1100 && starter <= 0x1112;
    bool open = starter >= 0xAC00 && starter <= 0xD7A3 && (starter - 0xAC00) % 28 == 0;
    return (leads && code >= 0x1161 && code <= 0x1175) ||
           (open && code >= 0x11A8 && code <= 0x11C2);
}

static const r2_nfc_second *find_second(uint32_t code) {
    const r2_nfc_second *at =
        r2_nfc_seconds; /* short, and its last one is above every code point */
    while (at->code < code) {
        at++;
    }
    return at;
}

static bool composes(uint32_t starter, uint32_t code) {
    const r2_nfc_second *second = find_second(code);
    if (second->code != code) {
        return composes_hangul(starter, code);
    }
    size_t low = second[0].starters;
    size_t high = second[1].starters;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r2_nfc_starters[middle] < starter) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < second[1].starters && r2_nfc_starters[low] == starter;
}

/* ---- a text ---- */

static const char not_nfc[] =
    "must be UTF-8 in Unicode's NFC, the form in which keys are kept: normalize it before";
static const char not_known[] = "must have no character that is not in Unicode " R2_NFC_UNICODE
                                ": whether NFC changes it is not known";

/* What a character stands behind. The class is 0 right behind the starter; U+0000, which composes
 * with nothing, stands for no starter. */
typedef struct place {
    uint32_t starter;
    unsigned int combining_class;
} place;

/* Goes on by one character, unless NFC has another one there. A mark is out of order behind one of
 * a higher class, and kept from the starter by one of its own (D115, "blocked"). */
static const char *step(place *at, uint32_t code) {
    const r2_nfc_run *run = find_run(code);
    unsigned int class = run->combining_class;
    bool ordered = class == 0 || class >= at->combining_class;
    bool reaches = at->combining_class == 0 || class > at->combining_class;
    if (run->kind == R2_UNKNOWN) {
        return not_known;
    }
    if (run->kind == R2_NEVER || !ordered ||
        (run->kind == R2_SECOND && reaches && composes(at->starter, code))) {
        return not_nfc;
    }
    *at = (place){class == 0 ? code : at->starter, class};
    return NULL;
}

const char *r2_check_nfc(r2_slice text) {
    place at = {0};
    size_t size;
    for (r2_slice rest = text; rest.length > 0; rest.data += size, rest.length -= size) {
        size = r2_ascii_length(rest);
        if (size > 0) {
            at = (place){.starter = (unsigned char)rest.data[size - 1]};
            continue;
        }
        uint32_t code;
        size = r2_utf8_character(rest, &code);
        const char *wrong = size == 0 ? not_nfc : step(&at, code);
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}
