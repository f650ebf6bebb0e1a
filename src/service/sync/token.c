/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/token.h"

#include "service/sync/notifier.h"
#include "store/event.h"

struct str sync_token_format(struct use *use, const struct sync_token *token)
{
    return arena_printf(use->arena, "s%lld_%lld_%lld_%llx_%lld", (long long)token->at.epoch,
                        (long long)token->at.pos, (long long)token->to_device,
                        (unsigned long long)use->server->boot, (long long)token->typing);
}

static int bad(struct use *use)
{
    return err_client(&use->err, 400, "M_INVALID_PARAM", "Unknown token");
}

int sync_token_parse(struct use *use, struct str text, struct sync_token *ret_token)
{
    struct sync_token token = {0};
    struct str rest, part, boot;
    if (!str_starts(text, STR("s")) || text.n > 100)
        return bad(use);
    if (!str_cut(str_skip(text, 1), '_', &part, &rest) ||
        str_parse_uint(part, &token.at.epoch) < 0 || !str_cut(rest, '_', &part, &rest) ||
        str_parse_uint(part, &token.at.pos) < 0 || !str_cut(rest, '_', &part, &rest) ||
        str_parse_uint(part, &token.to_device) < 0 || !str_cut(rest, '_', &boot, &rest) ||
        str_parse_uint(rest, &token.typing) < 0)
        return bad(use);
    struct str ours = arena_printf(use->arena, "%llx", (unsigned long long)use->server->boot);
    if (!str_eq(boot, ours))
        token.typing = 0;
    struct log_position head = store_head(use->server->store);
    if (token.at.epoch == head.epoch && token.at.pos > head.pos) { /* another node may be ahead */
        if (store_follow(use->server->store, &use->err) < 0)
            return -1;
        head = store_head(use->server->store);
    }
    if (token.at.epoch > head.epoch || (token.at.epoch == head.epoch && token.at.pos > head.pos))
        return bad(use);
    *ret_token = token;
    return 0;
}

struct str place_token_format(struct use *use, int64_t place)
{
    return arena_printf(use->arena, "t%lld", (long long)place);
}

int place_token_parse(struct use *use, int64_t room, struct str text, int64_t *ret_place)
{
    struct sync_token token;
    if (str_starts(text, STR("t")))
        return str_parse_int(str_skip(text, 1), ret_place) < 0 ? bad(use) : 0;
    if (sync_token_parse(use, text, &token) < 0)
        return -1;
    if (event_place_at(&use->read, room, token.at.pos, ret_place, &use->err) < 0)
        return -1;
    ++*ret_place; /* after the last event that the sync knew */
    return 0;
}
