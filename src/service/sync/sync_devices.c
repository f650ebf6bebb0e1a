/* SPDX-License-Identifier: EUPL-1.2 */

/* To-device messages, device lists and key counts of a sync. */

#include "base/limits.h"
#include "base/mem.h"
#include "service/sync/sync_private.h"
#include "store/device_key.h"
#include "store/device_list.h"
#include "store/to_device.h"

/* ---- to-device ---- */

struct acknowledging {
    int64_t device, upto;
};

static int write_acknowledged(struct write *w, void *arg, struct err *err)
{
    const struct acknowledging *acknowledging = arg;
    return to_device_acknowledge(w, acknowledging->device, acknowledging->upto, err);
}

/* The token that came back says what has arrived: that is deleted, in a job that nobody waits for.
 */
static int acknowledge(struct sync *sync, int64_t upto)
{
    struct use *use = sync->use;
    int old = upto ? to_device_has_old(&use->read, use->caller.device, upto, &use->err) : 0;
    if (old <= 0)
        return old;
    struct acknowledging *acknowledging = MEM_NEW(struct acknowledging);
    *acknowledging = (struct acknowledging){use->caller.device, upto};
    commit_later(use->server, write_acknowledged, acknowledging);
    return 0;
}

int sync_write_to_device(struct sync *sync, int64_t since, size_t limit, size_t *ret_n,
                         int64_t *ret_upto)
{
    struct use *use = sync->use;
    struct to_device *messages;
    if (acknowledge(sync, since) < 0 ||
        to_device_list(&use->read, use->caller.device, since, limit, use->arena, &messages, ret_n,
                       ret_upto, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < *ret_n; i++)
        json_write_raw(sync->out, messages[i].json);
    sync->wrote_something |= *ret_n > 0;
    return 0;
}

static int write_to_device(struct sync *sync)
{
    struct json_writer *out = sync->out;
    size_t n;
    sync->next.to_device = sync->next.at.pos;
    bool moved = sync->initial || !sync->moves.complete || sync->moves.to_device ||
                 sync->since.to_device < sync->since.at.pos;
    if (!sync->use->caller.device || !moved)
        return 0;
    json_write_key(out, STR("to_device"));
    json_write_object(out);
    json_write_key(out, STR("events"));
    json_write_array(out);
    if (sync_write_to_device(sync, sync->since.to_device, LIMIT_TO_DEVICE_PER_SYNC, &n,
                             &sync->next.to_device) < 0)
        return -1;
    json_write_end(out);
    json_write_end(out);
    return 0;
}

/* ---- device lists ---- */

static int write_users(struct sync *sync, struct str key, const int64_t *users, size_t n)
{
    struct use *use = sync->use;
    json_write_key(sync->out, key);
    json_write_array(sync->out);
    for (size_t i = 0; i < n; i++) {
        struct str id;
        if (store_name(use->server->store, users[i], use->arena, &id, &use->err) < 0)
            return -1;
        json_write_str(sync->out, id);
    }
    json_write_end(sync->out);
    return 0;
}

/* Nothing at an initial sync: the client asks for the keys of whom it sees. */
int sync_write_device_lists(struct sync *sync)
{
    struct use *use = sync->use;
    struct device_list_changes changes;
    if (sync->initial || (sync->moves.complete && !sync->moves.device_lists))
        return 0;
    if (device_list_changes(&use->read, use->caller.user, sync->since.at.pos, sync->next.at.pos,
                            use->arena, &changes, &use->err) < 0)
        return -1;
    if (changes.n_changed == 0 && changes.n_left == 0)
        return 0;
    json_write_key(sync->out, STR("device_lists"));
    json_write_object(sync->out);
    if (write_users(sync, STR("changed"), changes.changed, changes.n_changed) < 0 ||
        write_users(sync, STR("left"), changes.left, changes.n_left) < 0)
        return -1;
    json_write_end(sync->out);
    sync->wrote_something = true;
    return 0;
}

/* ---- counts of keys ---- */

static int write_counts_of(struct sync *sync, struct json_writer *out)
{
    struct use *use = sync->use;
    struct one_time_key_count *counts;
    struct str *types;
    size_t n_counts, n_types;
    bool listed = false;
    if (one_time_key_counts(&use->read, use->caller.device, use->arena, &counts, &n_counts,
                            &use->err) < 0 ||
        unused_fallback_types(&use->read, use->caller.device, use->arena, &types, &n_types,
                              &use->err) < 0)
        return -1;
    json_write_object(out);
    json_write_key(out, STR("device_one_time_keys_count"));
    json_write_object(out);
    for (size_t i = 0; i < n_counts; i++) {
        listed |= str_eq(counts[i].algorithm, STR("signed_curve25519"));
        json_write_member_int(out, counts[i].algorithm, counts[i].n);
    }
    if (!listed) /* clients want to see that there is none */
        json_write_member_int(out, STR("signed_curve25519"), 0);
    json_write_end(out);
    json_write_key(out, STR("device_unused_fallback_key_types"));
    json_write_array(out);
    for (size_t i = 0; i < n_types; i++)
        json_write_str(out, types[i]);
    json_write_end(out);
    json_write_end(out);
    return 0;
}

/* The two members as an object's text, kept until the device's keys change. */
static int find_counts(struct sync *sync, struct str *ret_text)
{
    CLEANUP(buf_done) struct buf text;
    struct json_writer out;
    struct use *use = sync->use;
    struct notifier *notifier = use->server->notifier;
    int64_t head = sync->next.at.pos;
    if (notifier_find_keys(notifier, use->caller.user, use->caller.device, head, use->arena,
                           ret_text))
        return 0;
    buf_init(&text, KIB(64));
    json_writer_init(&out, &text);
    if (write_counts_of(sync, &out) < 0)
        return -1;
    *ret_text = arena_str(use->arena, buf_str(&text));
    notifier_keep_keys(notifier, use->caller.user, use->caller.device, head, *ret_text);
    return 0;
}

int sync_write_key_counts(struct sync *sync)
{
    struct str text;
    if (!sync->use->caller.device)
        return 0;
    if (find_counts(sync, &text) < 0)
        return -1;
    sync->wrote_something |= sync->moves.keys;
    json_write_members_raw(sync->out, text);
    return 0;
}

int sync_write_devices(struct sync *sync)
{
    if (write_to_device(sync) < 0 || sync_write_device_lists(sync) < 0)
        return -1;
    return sync_write_key_counts(sync);
}
