/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_done(struct buf *buf)
{
    mem_free(buf->p);
    *buf = (struct buf){.max = buf->max};
}

void buf_clear(struct buf *buf)
{
    buf->n = 0;
    buf->full = false;
}

char *buf_reserve(struct buf *buf, size_t n)
{
    if (buf->full || n > buf->max - buf->n) {
        buf->full = true;
        return NULL;
    }
    size_t need = buf->n + n;
    if (need > buf->capacity || !buf->p) {
        size_t capacity = buf->capacity ? buf->capacity * 2 : 64;
        if (capacity < need)
            capacity = need;
        if (capacity > buf->max)
            capacity = buf->max;
        buf->p = mem_resize(buf->p, capacity, 1);
        buf->capacity = capacity;
    }
    return buf->p + buf->n;
}

void buf_advance(struct buf *buf, size_t n)
{
    CHECK(n <= buf->capacity - buf->n);
    buf->n += n;
}

void buf_add(struct buf *buf, struct str s)
{
    char *at = buf_reserve(buf, s.n);
    if (!at || s.n == 0)
        return;
    memcpy(at, s.p, s.n);
    buf->n += s.n;
}

void buf_add_byte(struct buf *buf, char c)
{
    char *at = buf_reserve(buf, 1);
    if (!at)
        return;
    *at = c;
    buf->n++;
}

void buf_add_int(struct buf *buf, int64_t value)
{
    char digits[20], *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        buf_add_byte(buf, '-');
    buf_add(buf, str_make(at, (size_t)(digits + sizeof digits - at)));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    CHECK(n >= 0);
    if (buf->full || (size_t)n > buf->max - buf->n) {
        buf->full = true;
        return;
    }
    char *text = mem_new((size_t)n + 1, 1);
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    buf_add(buf, str_make(text, (size_t)n));
    mem_free(text);
}

void buf_truncate(struct buf *buf, size_t n)
{
    CHECK(n <= buf->n);
    buf->n = n;
}

void buf_consume(struct buf *buf, size_t n)
{
    CHECK(n <= buf->n);
    if (n && n < buf->n)
        memmove(buf->p, buf->p + n, buf->n - n);
    buf->n -= n;
}

bool buf_is_full(const struct buf *buf)
{
    return buf->full;
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->p ? buf->p : "", buf->n};
}
