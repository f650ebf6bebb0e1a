/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/chunked.h"

#include <string.h>

#include "base/limits.h"

enum state {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER,
    TRAILER_LF,
    END_LF,
    END,
};

void chunked_init(struct chunked *chunked)
{
    memset(chunked, 0, sizeof *chunked);
}

static int size_step(struct chunked *chunked, char c)
{
    int digit = str_hex_digit(c);
    if (digit >= 0) {
        chunked->left = chunked->left * 16 + (unsigned)digit;
        return ++chunked->digits > 8 ? -1 : SIZE;
    }
    if (chunked->digits == 0)
        return -1;
    if (c == '\r')
        return SIZE_LF;
    return c == ';' ? EXTENSION : -1;
}

/* Bytes that are read over: visible ones, blanks and tabs, a few hundred of them. */
static int extra_step(struct chunked *chunked, char c, enum state stay, enum state lf)
{
    if (c == '\r')
        return (int)lf;
    if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
        return -1;
    return ++chunked->extra > LIMIT_HTTP_CHUNK_EXTRA ? -1 : (int)stay;
}

static int size_done(struct chunked *chunked)
{
    bool last = chunked->left == 0;
    chunked->digits = 0;
    chunked->extra = 0;
    return last ? TRAILER_START : DATA;
}

static int step(struct chunked *chunked, char c)
{
    switch ((enum state)chunked->state) {
    case SIZE:
        return size_step(chunked, c);
    case EXTENSION:
        return extra_step(chunked, c, EXTENSION, SIZE_LF);
    case SIZE_LF:
        return c == '\n' ? size_done(chunked) : -1;
    case DATA_CR:
        return c == '\r' ? DATA_LF : -1;
    case DATA_LF:
        return c == '\n' ? SIZE : -1;
    case TRAILER_START:
        if (c == '\r')
            return END_LF;
        return c == ' ' || c == '\t' ? -1 : extra_step(chunked, c, TRAILER, TRAILER_LF);
    case TRAILER:
        return extra_step(chunked, c, TRAILER, TRAILER_LF);
    case TRAILER_LF:
        return c == '\n' ? TRAILER_START : -1;
    case END_LF:
        return c == '\n' ? END : -1;
    case DATA:
    case END:
        break;
    }
    return -1;
}

static int data_take(struct chunked *chunked, struct str *in, struct str *ret_piece)
{
    *ret_piece = str_first(*in, chunked->left < in->n ? (size_t)chunked->left : in->n);
    *in = str_skip(*in, ret_piece->n);
    chunked->left -= ret_piece->n;
    chunked->data += ret_piece->n;
    if (chunked->left == 0)
        chunked->state = DATA_CR;
    return 1;
}

/* One byte of body in a chunk costs six; a peer that sends much more framing than that is at
 * play. */
static bool framing_is_absurd(const struct chunked *chunked)
{
    return chunked->framing > 4096 + 8 * chunked->data;
}

int chunked_next(struct chunked *chunked, struct str *in, struct str *ret_piece)
{
    while (in->n) {
        if (chunked->state == DATA)
            return data_take(chunked, in, ret_piece);
        int next = step(chunked, in->p[0]);
        chunked->framing++;
        if (next < 0 || framing_is_absurd(chunked))
            return -1;
        chunked->state = (uint8_t)next;
        *in = str_skip(*in, 1);
        if (next == END)
            return 2;
    }
    return 0;
}
