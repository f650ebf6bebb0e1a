/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/visibility.h"

#include "base/attr.h"

static const struct str words[] = {
    [HISTORY_VISIBILITY_SHARED] = STR_INIT("shared"),
    [HISTORY_VISIBILITY_WORLD_READABLE] = STR_INIT("world_readable"),
    [HISTORY_VISIBILITY_INVITED] = STR_INIT("invited"),
    [HISTORY_VISIBILITY_JOINED] = STR_INIT("joined"),
};

enum history_visibility history_visibility_parse(struct str word)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(words[i], word))
            return (enum history_visibility)i;
    return HISTORY_VISIBILITY_SHARED;
}

struct str history_visibility_format(enum history_visibility visibility)
{
    return words[visibility];
}

/* "Server behaviour", rules 1 to 5. */
static bool rules_allow(enum history_visibility visibility, enum membership membership,
                        const struct visibility_facts *facts)
{
    if (visibility == HISTORY_VISIBILITY_WORLD_READABLE)
        return true; /* 1 */
    if (facts->after_leaving)
        return false; /* "no events received after they left" */
    if (membership == MEMBERSHIP_JOIN)
        return true; /* 2 */
    if (visibility == HISTORY_VISIBILITY_SHARED && facts->joined_since)
        return true;                                                                    /* 3 */
    return visibility == HISTORY_VISIBILITY_INVITED && membership == MEMBERSHIP_INVITE; /* 4, 5 */
}

/* "…if the history_visibility before or after the event would allow them to see it", and likewise
 * the membership of one's own member events. */
bool visibility_allows(const struct visibility_facts *facts)
{
    return rules_allow(facts->visibility_before, facts->membership_before, facts) ||
           rules_allow(facts->visibility_after, facts->membership_after, facts);
}
