/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/base64.h"

#include <stdint.h>

/* Per alphabet: the 64 characters, and for each byte its value plus one, 0 being no character. */
#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
/* clang-format off */
#define VALUES_OF_LETTERS_AND_DIGITS \
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8, \
    ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, \
    ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, \
    ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, \
    ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, \
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, \
    ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, \
    ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57, \
    ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62
/* clang-format on */

struct alphabet {
    char characters[65];
    unsigned char values[256];
};

static const struct alphabet alphabets[] = {
    [BASE64_STANDARD] = {LETTERS_AND_DIGITS "+/",
                         {VALUES_OF_LETTERS_AND_DIGITS, ['+'] = 63, ['/'] = 64}},
    [BASE64_URL] = {LETTERS_AND_DIGITS "-_",
                    {VALUES_OF_LETTERS_AND_DIGITS, ['-'] = 63, ['_'] = 64}},
};

static size_t encoded_length(size_t n)
{
    static const size_t rest[] = {0, 2, 3};
    return n / 3 * 4 + rest[n % 3];
}

static void encode(char *out, struct str s, const char *characters)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    for (; s.n - i >= 3; i += 3) {
        uint32_t bits = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
        *out++ = characters[bits >> 18];
        *out++ = characters[bits >> 12 & 63];
        *out++ = characters[bits >> 6 & 63];
        *out++ = characters[bits & 63];
    }
    if (i == s.n)
        return;
    uint32_t bits = (uint32_t)p[i] << 16 | (s.n - i == 2 ? (uint32_t)p[i + 1] << 8 : 0);
    *out++ = characters[bits >> 18];
    *out++ = characters[bits >> 12 & 63];
    if (s.n - i == 2)
        *out = characters[bits >> 6 & 63];
}

void base64_encode(struct buf *out, struct str bytes, enum base64_alphabet alphabet)
{
    size_t n = encoded_length(bytes.n);
    char *at = buf_reserve(out, n);
    if (!at)
        return;
    encode(at, bytes, alphabets[alphabet].characters);
    buf_advance(out, n);
}

struct str base64_encode_arena(struct arena *arena, struct str bytes, enum base64_alphabet alphabet)
{
    size_t n = encoded_length(bytes.n);
    char *text = arena_alloc(arena, n + 1, 1);
    encode(text, bytes, alphabets[alphabet].characters);
    return str_make(text, n);
}

/* Without its padding, which must fill the last group of four exactly when there is any. */
static int strip_padding(struct str *text)
{
    size_t n = text->n;
    while (n > 0 && text->n - n < 2 && text->p[n - 1] == '=')
        n--;
    if (n < text->n && text->n % 4 != 0)
        return -1;
    text->n = n;
    return n % 4 == 1 ? -1 : 0;
}

/* The 6 bits of each of n characters, first one highest; -1 when one is none. */
static int32_t group(const unsigned char *p, size_t n, const unsigned char *values)
{
    int32_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        if (values[p[i]] == 0)
            return -1;
        bits = bits << 6 | (values[p[i]] - 1);
    }
    return bits;
}

/* The last 2 or 3 characters, 1 or 2 bytes. */
static int decode_rest(unsigned char *out, const unsigned char *p, size_t n,
                       const unsigned char *values, bool stray)
{
    int32_t bits = group(p, n, values);
    int32_t left_over = n == 2 ? 0xF : 0x3;
    if (bits < 0 || (!stray && (bits & left_over)))
        return -1;
    if (n == 2) {
        out[0] = (unsigned char)(bits >> 4);
    } else {
        out[0] = (unsigned char)(bits >> 10);
        out[1] = (unsigned char)(bits >> 2 & 0xFF);
    }
    return 0;
}

/* Of a text without its padding. */
static size_t decoded_length(struct str text)
{
    return text.n / 4 * 3 + (text.n % 4 ? text.n % 4 - 1 : 0);
}

/* The same text; out has room for as much. stray: the bits left over need not be zero. */
static int decode(struct str text, const unsigned char *values, bool stray, unsigned char *out)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t whole = text.n / 4, rest = text.n % 4;
    for (size_t i = 0; i < whole; i++) {
        int32_t bits = group(p + i * 4, 4, values);
        if (bits < 0)
            return -1;
        out[i * 3] = (unsigned char)(bits >> 16);
        out[i * 3 + 1] = (unsigned char)(bits >> 8 & 0xFF);
        out[i * 3 + 2] = (unsigned char)(bits & 0xFF);
    }
    return rest ? decode_rest(out + whole * 3, p + whole * 4, rest, values, stray) : 0;
}

static int decode_arena(struct arena *arena, struct str text, enum base64_alphabet alphabet,
                        bool stray, struct str *ret_bytes)
{
    if (strip_padding(&text) < 0)
        return -1;
    size_t n = decoded_length(text);
    unsigned char *out = arena_alloc(arena, n + 1, 1);
    if (decode(text, alphabets[alphabet].values, stray, out) < 0)
        return -1;
    *ret_bytes = str_make(out, n);
    return 0;
}

int base64_decode(struct arena *arena, struct str text, enum base64_alphabet alphabet,
                  struct str *ret_bytes)
{
    return decode_arena(arena, text, alphabet, false, ret_bytes);
}

int base64_decode_secret(struct arena *arena, struct str text, enum base64_alphabet alphabet,
                         struct str *ret_bytes)
{
    return decode_arena(arena, text, alphabet, true, ret_bytes);
}

int base64_decode_exactly(struct str text, enum base64_alphabet alphabet, unsigned char *ret_bytes,
                          size_t n)
{
    if (strip_padding(&text) < 0 || decoded_length(text) != n)
        return -1;
    return decode(text, alphabets[alphabet].values, false, ret_bytes);
}
