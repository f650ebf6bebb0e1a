/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/nfc.h"

#include <utf8proc.h>

int nfc(struct arena *arena, struct str text, struct str *ret_text)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.p;
    if (!str_is_utf8(text))
        return -1;
    if (!text.n) {
        *ret_text = text;
        return 0;
    }
    utf8proc_ssize_t n = utf8proc_decompose(bytes, (utf8proc_ssize_t)text.n, NULL, 0, options);
    if (n < 0)
        return -1;
    /* One more, for the NUL that utf8proc_reencode puts behind. */
    utf8proc_int32_t *points = ARENA_NEW_N(arena, (size_t)n + 1, utf8proc_int32_t);
    n = utf8proc_decompose(bytes, (utf8proc_ssize_t)text.n, points, n, options);
    if (n >= 0)
        n = utf8proc_reencode(points, n, options);
    if (n < 0)
        return -1;
    *ret_text = str_make(points, (size_t)n);
    return 0;
}
