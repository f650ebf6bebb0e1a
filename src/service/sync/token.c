/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/token.h"

#include "service/sync/notifier.h"
#include "store/event.h"

/* ---- the text alone ---- */

/* As %llx writes it: lower case, no leading zeros but "0". */
static int read_boot(struct str s, uint64_t *ret_boot)
{
    uint64_t boot = 0;
    if (s.n == 0 || s.n > 16 || (s.p[0] == '0' && s.n > 1))
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool digit = c >= '0' && c <= '9';
        if (!digit && (c < 'a' || c > 'f'))
            return -1;
        boot = boot << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    *ret_boot = boot;
    return 0;
}

int sync_token_read(struct str text, struct sync_token *ret_token, uint64_t *ret_boot)
{
    struct sync_token token = {0};
    struct str rest, part;
    uint64_t boot;
    if (!str_starts(text, STR("s")))
        return -1;
    if (!str_cut(str_skip(text, 1), '_', &part, &rest) ||
        str_parse_uint(part, &token.at.epoch) < 0 || !str_cut(rest, '_', &part, &rest) ||
        str_parse_uint(part, &token.at.pos) < 0 || !str_cut(rest, '_', &part, &rest) ||
        str_parse_uint(part, &token.to_device) < 0 || !str_cut(rest, '_', &part, &rest) ||
        read_boot(part, &boot) < 0 || str_parse_uint(rest, &token.typing) < 0)
        return -1;
    *ret_token = token;
    *ret_boot = boot;
    return 0;
}

struct str sync_token_write(struct arena *arena, const struct sync_token *token, uint64_t boot)
{
    return arena_printf(arena, "s%lld_%lld_%lld_%llx_%lld", (long long)token->at.epoch,
                        (long long)token->at.pos, (long long)token->to_device,
                        (unsigned long long)boot, (long long)token->typing);
}

int place_token_read(struct str text, int64_t *ret_place)
{
    return str_starts(text, STR("t")) ? str_parse_int(str_skip(text, 1), ret_place) : -1;
}

struct str place_token_write(struct arena *arena, int64_t place)
{
    return arena_printf(arena, "t%lld", (long long)place);
}

int sliding_pos_read(struct str text, int64_t *ret_seq, struct sync_token *ret_token,
                     uint64_t *ret_boot)
{
    struct str number, rest;
    int64_t seq;
    if (!str_starts(text, STR("p")) || !str_cut(str_skip(text, 1), '_', &number, &rest) ||
        str_parse_uint(number, &seq) < 0 || seq == 0 ||
        sync_token_read(rest, ret_token, ret_boot) < 0)
        return -1;
    *ret_seq = seq;
    return 0;
}

struct str sliding_pos_write(struct arena *arena, int64_t seq, const struct sync_token *token,
                             uint64_t boot)
{
    struct str at = sync_token_write(arena, token, boot);
    return arena_printf(arena, "p%lld_%.*s", (long long)seq, STR_ARG(at));
}

/* ---- as this server gives them out ---- */

struct str sync_token_format(struct use *use, const struct sync_token *token)
{
    return sync_token_write(use->arena, token, (uint64_t)use->server->boot);
}

static int bad(struct use *use)
{
    return err_client(&use->err, 400, "M_INVALID_PARAM", "Unknown token");
}

int sync_token_parse(struct use *use, struct str text, struct sync_token *ret_token)
{
    struct sync_token token;
    uint64_t boot;
    if (sync_token_read(text, &token, &boot) < 0)
        return bad(use);
    if (boot != (uint64_t)use->server->boot)
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
    return place_token_write(use->arena, place);
}

int place_token_parse(struct use *use, int64_t room, struct str text, int64_t *ret_place)
{
    struct sync_token token;
    struct str number;
    if (str_starts(text, STR("t")))
        return place_token_read(text, ret_place) < 0 ? bad(use) : 0;
    if (str_starts(text, STR("p")))
        (void)str_cut(text, '_', &number, &text);
    if (sync_token_parse(use, text, &token) < 0)
        return -1;
    if (event_place_at(&use->read, room, token.at.pos, ret_place, &use->err) < 0)
        return -1;
    ++*ret_place; /* after the last event that the sync knew */
    return 0;
}
