/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/search.h"

#include "base/limits.h"

static int read_group(struct str text, struct search_token *token)
{
    if (!text.p)
        return 0;
    if (text.n < 2 || (text.p[0] != 'r' && text.p[0] != 's'))
        return -1;
    token->group = text.p[0] == 'r' ? SEARCH_BY_ROOM : SEARCH_BY_SENDER;
    return str_parse_uint(str_skip(text, 1), &token->group_id);
}

int search_token_read(struct str text, struct search_token *ret_token)
{
    struct search_token token = {0};
    struct str at, top, group;
    if (text.n < 2 || (text.p[0] != 'r' && text.p[0] != 'k'))
        return -1;
    token.by_rank = text.p[0] == 'k';
    if (!str_cut(str_skip(text, 1), '_', &at, &top))
        return -1;
    if (!str_cut(top, '_', &top, &group))
        group = STR_NONE;
    if (str_parse_uint(at, &token.at) < 0 || str_parse_uint(top, &token.top) < 0 ||
        read_group(group, &token) < 0)
        return -1;
    if (token.at > LIMIT_SAFE_INTEGER || token.top > LIMIT_SAFE_INTEGER)
        return -1;
    *ret_token = token;
    return 0;
}

struct str search_token_write(struct arena *arena, const struct search_token *token)
{
    struct str text = arena_printf(arena, "%c%lld_%lld", token->by_rank ? 'k' : 'r',
                                   (long long)token->at, (long long)token->top);
    if (!token->group)
        return text;
    return arena_printf(arena, "%.*s_%c%lld", STR_ARG(text),
                        token->group == SEARCH_BY_ROOM ? 'r' : 's', (long long)token->group_id);
}
