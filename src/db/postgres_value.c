/* SPDX-License-Identifier: EUPL-1.2 */
#include <endian.h>
#include <string.h>

#include "db/postgres.h"

uint64_t postgres_big_endian(int64_t value)
{
    return htobe64((uint64_t)value);
}

/* ---- reading ---- */

static int64_t read_big_endian(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    uint64_t value = n && (u[0] & 0x80) ? UINT64_MAX : 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | u[i];
    return (int64_t)value;
}

/* count, weight, sign and scale of 16 bits each, then digits to the base 10000. */
static int64_t read_numeric(const char *p, size_t n)
{
    enum { NEGATIVE = 0x4000, HEAD = 8 };
    if (n < HEAD)
        return 0;
    int64_t digits = read_big_endian(p, 2), weight = read_big_endian(p + 2, 2);
    bool negative = read_big_endian(p + 4, 2) == NEGATIVE;
    int64_t value = 0; /* below zero, where there is room for one more */
    for (int64_t i = 0; i <= weight; i++) {
        size_t at = HEAD + (size_t)i * 2;
        int64_t digit = i < digits && at + 2 <= n ? read_big_endian(p + at, 2) : 0;
        if (__builtin_mul_overflow(value, 10000, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return negative ? INT64_MIN : INT64_MAX;
    }
    if (negative)
        return value;
    return value == INT64_MIN ? INT64_MAX : -value;
}

int64_t postgres_read_int(Oid type, const char *p, size_t n)
{
    switch (type) {
    case POSTGRES_INT8:
    case POSTGRES_INT4:
    case POSTGRES_INT2:
    case POSTGRES_BOOL:
        return read_big_endian(p, n);
    case POSTGRES_OID:
        return read_big_endian(p, n) & UINT32_MAX;
    case POSTGRES_NUMERIC:
        return read_numeric(p, n);
    default:
        return 0;
    }
}

/* ---- arrays ---- */

static void write_int32(struct buf *out, uint32_t value)
{
    uint32_t big = htobe32(value);
    buf_add(out, str_make(&big, sizeof big));
}

/* Dimensions (none when empty), whether there are NULLs, the type; the size and first index. */
static void write_head(struct buf *out, Oid type, bool has_null, size_t n)
{
    write_int32(out, n ? 1 : 0);
    write_int32(out, has_null);
    write_int32(out, type);
    if (n == 0)
        return;
    write_int32(out, (uint32_t)n);
    write_int32(out, 1);
}

void postgres_write_ints(struct buf *out, const int64_t *values, size_t from, size_t to)
{
    write_head(out, POSTGRES_INT8, false, to - from);
    for (size_t i = from; i < to; i++) {
        uint64_t big = postgres_big_endian(values[i]);
        write_int32(out, sizeof big);
        buf_add(out, str_make(&big, sizeof big));
    }
}

void postgres_write_bytes(struct buf *out, const struct str *values, size_t from, size_t to)
{
    bool has_null = false;
    for (size_t i = from; i < to; i++)
        has_null |= values[i].p == NULL;
    write_head(out, POSTGRES_BYTEA, has_null, to - from);
    for (size_t i = from; i < to; i++) {
        write_int32(out, values[i].p ? (uint32_t)values[i].n : UINT32_MAX);
        if (values[i].p)
            buf_add(out, values[i]);
    }
}
