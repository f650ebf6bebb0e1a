/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/legible.h"

#include <string.h>

#include "service/media/served.h"

static bool is_control(unsigned char c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7f;
}

/* How many bytes the character has that begins with c; 0: none does. */
static size_t length_of(unsigned char c)
{
    return c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
}

/* Whether s is text but for a character cut at its end, which goes to the tail. */
static void add_text(struct legible *legible, struct str s)
{
    size_t whole = s.n;
    for (size_t back = 1; back <= 3 && back <= s.n; back++) {
        unsigned char c = (unsigned char)s.p[s.n - back];
        if ((c & 0xc0) == 0x80)
            continue;
        if (length_of(c) > back)
            whole = s.n - back;
        break;
    }
    for (size_t i = 0; i < whole; i++)
        legible->text = legible->text && !is_control((unsigned char)s.p[i]);
    legible->text = legible->text && str_is_utf8(str_first(s, whole));
    legible->n_tail = s.n - whole;
    memcpy(legible->tail, s.p + whole, s.n - whole);
}

/* The character that was cut, with as many bytes as it lacks. */
static struct str mend_tail(struct legible *legible, struct str piece)
{
    char character[4];
    size_t n = length_of(legible->tail[0]), had = legible->n_tail;
    size_t lacks = n > had ? n - had : 0, taken = lacks < piece.n ? lacks : piece.n;
    memcpy(character, legible->tail, had);
    memcpy(character + had, piece.p, taken);
    legible->n_tail = 0;
    if (taken < lacks) {
        memcpy(legible->tail, character, had + taken);
        legible->n_tail = had + taken;
    } else {
        legible->text = legible->text && str_is_utf8(str_make(character, had + taken));
    }
    return str_skip(piece, taken);
}

void legible_add(struct legible *legible, struct str piece)
{
    if (piece.n == 0)
        return;
    if (!legible->begun) {
        legible->begun = true;
        legible->text = true;
        legible->known = served_sniff(str_first(piece, SERVED_HEAD_BYTES)).p != NULL;
    }
    if (legible->known || !legible->text)
        return;
    if (legible->n_tail)
        piece = mend_tail(legible, piece);
    if (piece.n)
        add_text(legible, piece);
}

bool legible_end(const struct legible *legible)
{
    return !legible->begun || legible->known || (legible->text && legible->n_tail == 0);
}

bool legible_is_lost(const struct legible *legible)
{
    return legible->begun && !legible->known && !legible->text;
}
