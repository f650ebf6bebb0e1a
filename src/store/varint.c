/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/varint.h"

size_t varint_put(unsigned char *out, uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        out[n++] = (unsigned char)(value | 0x80);
    out[n++] = (unsigned char)value;
    return n;
}

int varint_get(struct str s, size_t *at, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; *at < s.n && shift < 64; shift += 7) {
        unsigned char c = (unsigned char)s.p[(*at)++];
        if (shift == 63 && c > 1)
            return -1;
        value |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *ret_value = value;
            return 0;
        }
    }
    return -1;
}
