/* What a server says, made fit to be shown: the first line is an API token, the rest a server's
 * text, in which \x01 and two bytes stand for a piece of the token. */
#include "../../src/credentials/redact.h"

#include "plain.h"

enum { PIECE = 12, KEY = 33 };

static const char mark[] = "[redacted]";

static r2_slice salt(r2_slice text, r2_slice token) {
    char *out = fuzz_room(text.length * 256 + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] != 1 || text.length - i < 3 || token.length == 0) {
            out[length++] = text.data[i];
            continue;
        }
        size_t start = (unsigned char)text.data[i + 1] % token.length;
        size_t most = token.length - start;
        size_t count = (unsigned char)text.data[i + 2] % (most < 255 ? most + 1 : 256);
        memcpy(out + length, token.data + start, count);
        length += count;
        i += 2;
    }
    return fuzz_copy((r2_slice){out, length});
}

/* Visible characters, but for those of marks, and of what stands for a byte that is no text. */
static r2_slice make_token(r2_slice line) {
    char *token = fuzz_string(line);
    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)token[i];
        bool good = byte > ' ' && byte <= '~' && strchr("?[]", byte) == NULL;
        token[i] = good ? token[i] : plain_alphabet(true)[byte % 64];
    }
    return fuzz_copy((r2_slice){token, line.length < 512 ? line.length : 512});
}

/* A token of a few letters is a piece of the mark itself. */
static void check_no_token(r2_slice shown, r2_slice token) {
    size_t least = token.length < PIECE ? token.length : PIECE;
    for (size_t at = 0; least > 0 && at + least <= token.length; at++) {
        r2_slice piece = {token.data + at, least};
        HOLDS(!fuzz_holds_piece(shown, piece) || fuzz_holds_piece(R2_SLICE(mark), piece));
    }
}

static void check_no_key(r2_slice shown) {
    size_t run = 0;
    for (size_t i = 0; i < shown.length; i++) {
        char c = shown.data[i];
        run = c == '=' || (c != '\0' && strchr(plain_alphabet(true), c) != NULL) ? run + 1 : 0;
        HOLDS(run < KEY);
    }
}

/* A text that needs no cleaning is shown as it is, to the bound. */
static void check_kept(r2_slice text, r2_slice shown) {
    HOLDS(fuzz_holds_piece(shown, R2_SLICE(mark)) || text.length > R2_SHOWN_TEXT_MAX ||
          !plain_is_one_line(text) || r2_slice_is(shown, text));
}

static void fuzz(r2_slice input) {
    r2_slice token = make_token(fuzz_line(&input));
    r2_slice text = salt(input, token);
    r2_buffer work = {0};
    r2_buffer_add(&work, R2_SLICE("before"));
    r2_slice shown = r2_redact(&work, text, token);
    HOLDS(shown.length <= R2_SHOWN_TEXT_MAX + sizeof mark - 1);
    HOLDS(plain_is_one_line(shown));
    check_no_token(shown, token);
    check_no_key(shown);
    check_kept(text, shown);
    r2_buffer_free(&work);
}
