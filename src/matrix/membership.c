/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/membership.h"

#include "base/attr.h"

static const struct str words[] = {
    [MEMBERSHIP_NONE] = STR_INIT("leave"), [MEMBERSHIP_INVITE] = STR_INIT("invite"),
    [MEMBERSHIP_JOIN] = STR_INIT("join"),  [MEMBERSHIP_LEAVE] = STR_INIT("leave"),
    [MEMBERSHIP_BAN] = STR_INIT("ban"),    [MEMBERSHIP_KNOCK] = STR_INIT("knock"),
};

enum membership membership_parse(struct str word)
{
    for (size_t i = MEMBERSHIP_INVITE; i < ARRAY_LEN(words); i++)
        if (str_eq(words[i], word))
            return (enum membership)i;
    return MEMBERSHIP_NONE;
}

struct str membership_format(enum membership membership)
{
    return words[membership];
}
