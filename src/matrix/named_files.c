/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/named_files.h"

#include <string.h>

static const struct str SCHEME = STR_INIT("mxc://");

static bool is_id_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* Moves behind the next scheme. */
static bool find_scheme(struct str *text)
{
    const char *at = text->n ? memmem(text->p, text->n, SCHEME.p, SCHEME.n) : NULL;
    if (at)
        *text = str_skip(*text, (size_t)(at - text->p) + SCHEME.n);
    return at != NULL;
}

struct str named_files_next(struct str *text, struct str server_name)
{
    while (find_scheme(text)) {
        size_t n = 0;
        if (!str_starts(*text, server_name))
            continue;
        struct str id = str_skip(*text, server_name.n);
        if (!str_starts(id, STR("/")))
            continue;
        id = str_skip(id, 1);
        while (n < id.n && is_id_letter(id.p[n]))
            n++;
        *text = id; /* which may be the beginning of another */
        if (n)
            return str_first(id, n);
    }
    *text = STR("");
    return STR("");
}
