/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "service/keys/keys_draft.h"
#include "service/sync/token.h"

static int write_draft(struct write *w, void *arg, struct err *err)
{
    return keys_draft_write(w, arg, err);
}

static struct one_time_key_count *count_of(struct arena *arena, struct one_time_key_count *counts,
                                           size_t *n, struct str algorithm)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(counts[i].algorithm, algorithm))
            return &counts[i];
    counts[*n] = (struct one_time_key_count){arena_str(arena, algorithm), 0};
    return &counts[(*n)++];
}

/* What is stored, and what the draft adds. */
static int count_keys(struct use *use, const struct keys_draft *draft,
                      struct one_time_key_count **ret_counts, size_t *ret_n)
{
    struct one_time_key_count *known = NULL;
    size_t n = 0;
    if (!draft->new_identity &&
        one_time_key_counts(&use->read, draft->owner.device, use->arena, &known, &n, &use->err) < 0)
        return -1;
    struct one_time_key_count *counts =
        ARENA_NEW_N(use->arena, n + draft->one_time.n + 1, struct one_time_key_count);
    for (size_t i = 0; i < n; i++)
        counts[i] = known[i];
    for (size_t i = 0; i < draft->one_time.n; i++)
        if (++count_of(use->arena, counts, &n, draft->one_time.p[i].algorithm)->n >
            LIMIT_ONE_TIME_KEYS_KEPT)
            return err_client(&use->err, 400, "M_INVALID_PARAM",
                              "The device has too many one-time keys");
    *ret_counts = counts;
    *ret_n = n;
    return 0;
}

int keys_upload(struct use *use, const struct keys_upload *upload,
                struct one_time_key_count **ret_counts, size_t *ret_n)
{
    struct keys_draft *draft = ARENA_NEW(use->arena, struct keys_draft);
    struct key_owner owner = {
        .user = use->caller.user,
        .user_id = use->caller.user_id,
        .device = use->caller.device,
        .device_id = use->caller.device_id,
    };
    if (!owner.device)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "This access token has no device");
    if (keys_draft_make(use, &owner, upload, draft) < 0 ||
        count_keys(use, draft, ret_counts, ret_n) < 0)
        return -1;
    return keys_draft_is_empty(draft) ? 0 : use_commit(use, write_draft, NULL, draft);
}

/* ---- changes ---- */

int keys_changes(struct use *use, struct str from, struct str to,
                 struct device_list_changes *ret_changes)
{
    struct sync_token start, end;
    if (sync_token_parse(use, from, &start) < 0)
        return -1;
    end.at = use->read.head;
    if (to.n && sync_token_parse(use, to, &end) < 0)
        return -1;
    int64_t upto = end.at.pos < use->read.head.pos ? end.at.pos : use->read.head.pos;
    return device_list_changes(&use->read, use->caller.user, start.at.pos, upto, use->arena,
                               ret_changes, &use->err);
}
