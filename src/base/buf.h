/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_BUF_H
#define CHAPPE_BASE_BUF_H

/* A growing array of bytes with a mandatory maximum. An append that would pass the maximum adds
 * nothing and marks the buffer as full for good: writers append without looking, and the one who
 * uses the result asks buf_is_full() once. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct buf {
    char *p;
    size_t n;
    size_t capacity;
    size_t max;
    bool full;
};

void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf); /* frees; the struct may be initialised again */
void buf_clear(struct buf *buf);

void buf_add(struct buf *buf, struct str s);
void buf_add_byte(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);

/* Room for n bytes at the end, to be filled by the caller and counted with buf_advance; NULL when
 * that would pass the maximum. */
char *buf_reserve(struct buf *buf, size_t n) MUST_USE;
void buf_advance(struct buf *buf, size_t n);

/* Cuts back to n bytes, n at most what it holds. */
void buf_truncate(struct buf *buf, size_t n);

/* Takes n bytes away from the front. */
void buf_consume(struct buf *buf, size_t n);

bool buf_is_full(const struct buf *buf);
struct str buf_str(const struct buf *buf); /* valid until the next change */

#endif
