/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_JSON_SCAN_H
#define CHAPPE_JSON_SCAN_H

/* The tokens of a JSON text: strings and numbers. Private to src/json/.
 *
 * A scan either passes over one whole well-formed token or fails, naming what is wrong and where.
 * It never looks at or past `end`. */

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "json/doc.h"

struct json_scan {
    const char *p;   /* the next byte */
    const char *end; /* one past the last byte */
    struct arena *arena;
    const char *fault; /* what was wrong: a literal; NULL: the arena's budget is spent */
    const char *fault_at;
};

/* -1, with the fault noted. */
int json_scan_fail(struct json_scan *scan, const char *at, const char *what);

/* scan->p is at the opening quote. The string is a view of the text when it has no escapes. */
int json_scan_string(struct json_scan *scan, struct str *ret_string) MUST_USE;

/* scan->p is at a digit or a minus sign. Fills kind and integer. */
int json_scan_number(struct json_scan *scan, struct json *ret_value) MUST_USE;

/* Eight bytes at once. The high bit of a byte of the result is set where the byte is a control
 * character, a quote or a backslash; above the lowest one set, others may be set in error. */
static inline uint64_t json_scan_special(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t control = word - ones * 0x20;
    uint64_t quote = (word ^ (ones * '"')) - ones;
    uint64_t backslash = (word ^ (ones * '\\')) - ones;
    return (control | quote | backslash) & ~word & (ones * 0x80);
}

/* The first byte was at the lowest address. */
static inline uint64_t json_scan_load(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return le64toh(word);
}

static inline size_t json_scan_lowest(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

#endif
