/* SPDX-License-Identifier: EUPL-1.2 */

/* Unread counts of a room in a sync. */

#include "service/sync/sync_private.h"

static void write_pair(struct json_writer *out, int64_t notify, int64_t highlight)
{
    json_write_object(out);
    json_write_member_int(out, STR("highlight_count"), highlight);
    json_write_member_int(out, STR("notification_count"), notify);
    json_write_end(out);
}

static void write_threads(struct json_writer *out, const struct unread *unread)
{
    json_write_key(out, STR("unread_thread_notifications"));
    json_write_object(out);
    for (size_t i = 0; i < unread->n; i++) {
        const struct unread_thread *thread = &unread->threads[i];
        if (!thread->root.p)
            continue;
        json_write_key(out, thread->root);
        write_pair(out, thread->notify, thread->highlight);
    }
    json_write_end(out);
}

/* With threads asked for, the room's own count is the main timeline's; without, it is all of them.
 */
static void write_counts(const struct sync_room *room, const struct unread *unread)
{
    struct json_writer *out = room->sync->out;
    bool threads = room->sync->filter.timeline.unread_thread_notifications;
    int64_t notify = 0, highlight = 0;
    for (size_t i = 0; i < unread->n; i++) {
        if (threads && unread->threads[i].root.p)
            continue;
        notify += unread->threads[i].notify;
        highlight += unread->threads[i].highlight;
    }
    json_write_key(out, STR("unread_notifications"));
    write_pair(out, notify, highlight);
    if (threads)
        write_threads(out, unread);
}

int sync_count_unread(struct sync_room *room, struct unread **ret_unread)
{
    struct sync *sync = room->sync;
    struct use *use = sync->use;
    struct notifier *notifier = use->server->notifier;
    int64_t head = sync->next.at.pos;
    struct unread_request request = {
        .view = &room->view,
        .member = &room->member,
        .reader = sync->reader,
        .end_place = room->end_place,
        .end_state = room->end_state,
        .window = room->window,
        .share_after = notifier_shares_after(notifier),
    };
    if (sync_knows_moves(sync))
        request.before = notifier_find_unread(notifier, use->caller.user, room->member.room, head);
    int status = unread_count(&request, ret_unread);
    unread_unref(request.before);
    if (status == 0 && sync_knows_moves(sync) && !sync->reader->may_change)
        notifier_keep_standing(notifier, use->caller.user, head, &room->member, *ret_unread);
    return status;
}

int sync_write_counts(struct sync_room *room)
{
    struct unread *unread;
    if (sync_count_unread(room, &unread) < 0)
        return -1;
    write_counts(room, unread);
    unread_unref(unread);
    return 0;
}
