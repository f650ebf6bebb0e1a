/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/recipients.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "service/rooms/view.h"
#include "store/pusher.h"

/* Members of one room that have a pusher. */
struct watchers {
    size_t n;
    int64_t users[];
};

struct recipients {
    struct int_map users; /* → struct recipient */
    struct int_map rooms; /* → struct watchers */
    size_t counted_rooms; /* in all accounts' maps */
};

/* How a room that has moved is to be counted: on from what was counted, or from the receipts. */
static int onward, from_receipts;

/* ---- life ---- */

struct recipients *recipients_new(void)
{
    return MEM_NEW(struct recipients);
}

static void forget_counts(struct recipients *recipients, struct recipient *recipient)
{
    int64_t room;
    void *unread;
    for (size_t at = 0; int_map_next(&recipient->unread, &at, &room, &unread);)
        unread_unref(unread);
    recipients->counted_rooms -= recipient->unread.n;
    int_map_done(&recipient->unread);
    int_map_done(&recipient->moved);
    recipient->unread = recipient->moved = (struct int_map){0};
    recipient->counted = false;
    recipient->total = 0;
}

static void recipient_free(struct recipients *recipients, struct recipient *recipient)
{
    forget_counts(recipients, recipient);
    int_map_done(&recipient->told);
    reader_unref(recipient->reader);
    mem_free(recipient);
}

void recipients_forget_all(struct recipients *recipients)
{
    int64_t key;
    void *value;
    for (size_t at = 0; int_map_next(&recipients->users, &at, &key, &value);)
        recipient_free(recipients, value);
    for (size_t at = 0; int_map_next(&recipients->rooms, &at, &key, &value);)
        mem_free(value);
    int_map_done(&recipients->users);
    int_map_done(&recipients->rooms);
    *recipients = (struct recipients){0};
}

void recipients_free(struct recipients *recipients)
{
    if (!recipients)
        return;
    recipients_forget_all(recipients);
    mem_free(recipients);
}

struct recipient *recipients_find(struct recipients *recipients, int64_t user)
{
    return int_map_find(&recipients->users, user);
}

/* All of it comes back as it is needed. */
void recipients_trim(struct recipients *recipients)
{
    if (recipients->users.n > LIMIT_PUSH_RECIPIENTS || recipients->rooms.n > LIMIT_PUSH_ROOMS ||
        recipients->counted_rooms > LIMIT_PUSH_COUNTED_ROOMS)
        recipients_forget_all(recipients);
}

struct recipient *recipients_get(struct recipients *recipients, int64_t user)
{
    struct recipient *recipient = int_map_find(&recipients->users, user);
    if (recipient)
        return recipient;
    recipient = MEM_NEW(struct recipient);
    recipient->user = user;
    int_map_put(&recipients->users, user, recipient);
    return recipient;
}

/* ---- who has a pusher ---- */

int recipients_of_room(struct recipients *recipients, struct use *use, int64_t room,
                       const int64_t **ret_users, size_t *ret_n)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct watchers *watchers = int_map_find(&recipients->rooms, room);
    int64_t *users;
    size_t n;
    if (!watchers) {
        if (pusher_list_members(&use->read, room, arena, &users, &n, &use->err) < 0)
            return -1;
        watchers = mem_new(1, sizeof *watchers + n * sizeof *watchers->users);
        watchers->n = n;
        if (n)
            memcpy(watchers->users, users, n * sizeof *users);
        int_map_put(&recipients->rooms, room, watchers);
    }
    *ret_users = watchers->users;
    *ret_n = watchers->n;
    return 0;
}

void recipients_forget_room(struct recipients *recipients, int64_t room)
{
    mem_free(int_map_remove(&recipients->rooms, room));
}

/* Of the first that is not below. */
static size_t index_of(const struct watchers *watchers, int64_t user)
{
    size_t low = 0, high = watchers->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (watchers->users[middle] < user)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A join in a room of ten thousand does not read its members again. */
void recipients_change_room(struct recipients *recipients, int64_t room, int64_t user, bool watches)
{
    struct watchers *old = int_map_find(&recipients->rooms, room);
    size_t at = old ? index_of(old, user) : 0;
    if (!old || (at < old->n && old->users[at] == user) == watches)
        return;
    size_t n = watches ? old->n + 1 : old->n - 1;
    struct watchers *made = mem_new(1, sizeof *made + n * sizeof *made->users);
    made->n = n;
    memcpy(made->users, old->users, at * sizeof *old->users);
    if (watches)
        made->users[at] = user;
    memcpy(made->users + at + (watches ? 1 : 0), old->users + at + (watches ? 0 : 1),
           (old->n - at - (watches ? 0 : 1)) * sizeof *old->users);
    int_map_put(&recipients->rooms, room, made);
    mem_free(old);
}

void recipients_forget_user(struct recipients *recipients, int64_t user)
{
    struct recipient *recipient = int_map_remove(&recipients->users, user);
    if (recipient)
        recipient_free(recipients, recipient);
}

/* ---- rules ---- */

int recipient_reader(struct recipient *recipient, struct use *use, struct reader **ret_reader)
{
    if (recipient->reader && recipient->reader->may_change) {
        reader_unref(recipient->reader);
        recipient->reader = NULL;
    }
    if (!recipient->reader && reader_load(use, &recipient->reader) < 0)
        return -1;
    *ret_reader = recipient->reader;
    return 0;
}

/* ---- counts ---- */

void recipient_moved(struct recipient *recipient, int64_t room, bool afresh)
{
    if (recipient->counted && (afresh || int_map_find(&recipient->moved, room) != &from_receipts))
        int_map_put(&recipient->moved, room, afresh ? &from_receipts : &onward);
}

static void keep(struct recipients *recipients, struct recipient *recipient, int64_t room,
                 struct unread *unread)
{
    struct unread *before = int_map_remove(&recipient->unread, room);
    if (before) {
        recipients->counted_rooms--;
        unread_unref(before);
    }
    if (unread && unread_total(unread) > 0) {
        int_map_put(&recipient->unread, room, unread_ref(unread));
        recipients->counted_rooms++;
    }
}

static int count_view(struct recipient *recipient, struct view *view,
                      const struct membership_row *member, struct unread *before,
                      struct unread **ret_unread)
{
    struct reader *reader;
    if (recipient_reader(recipient, view->use, &reader) < 0)
        return -1;
    struct unread_request request = {
        .view = view,
        .member = member,
        .reader = reader,
        .end_place = view->row.last_place,
        .end_state = view->row.state,
        .before = before,
        .share_after = LIMIT_UNREAD_WALKED,
    };
    return unread_count(&request, ret_unread);
}

/* NULL: not joined. */
static int count_room(struct recipient *recipient, struct use *use, int64_t room,
                      struct unread **ret_unread)
{
    struct membership_row member;
    struct room_row row;
    struct view view;
    *ret_unread = NULL;
    int found = membership_load(&use->read, use->caller.user, room, &member, &use->err);
    if (found == 1)
        found = member.kind == MEMBERSHIP_JOIN ? room_load(&use->read, room, &row, &use->err) : 0;
    if (found == 1)
        found = view_open_as(use, &row, &member, &view) < 0 ? -1 : 1;
    if (found != 1)
        return found;
    struct unread *before = int_map_find(&recipient->unread, room);
    if (int_map_find(&recipient->moved, room) == &from_receipts)
        before = NULL;
    return count_view(recipient, &view, &member, before, ret_unread);
}

/* In memory of its own: one may be in hundreds of rooms. */
int recipient_unread(struct recipients *recipients, struct recipient *recipient, struct use *use,
                     int64_t room, struct unread **ret_unread)
{
    CLEANUP(arena_cleanup) struct arena *own = arena_new(LIMIT_REQUEST_ARENA);
    struct arena *outer = use->arena;
    struct unread *unread = int_map_find(&recipient->unread, room);
    if (unread && !int_map_find(&recipient->moved, room)) {
        *ret_unread = unread_ref(unread);
        return 0;
    }
    unread = NULL;
    use->arena = own;
    int status = count_room(recipient, use, room, &unread);
    use->arena = outer;
    if (status < 0)
        return -1;
    if (recipient->counted)
        keep(recipients, recipient, room, unread);
    int_map_remove(&recipient->moved, room);
    *ret_unread = unread;
    return 0;
}

static int count_one(struct recipients *recipients, struct recipient *recipient, struct use *use,
                     int64_t room)
{
    struct unread *unread;
    if (recipient_unread(recipients, recipient, use, room, &unread) < 0)
        return -1;
    unread_unref(unread);
    return 0;
}

static int count_all(struct recipients *recipients, struct recipient *recipient, struct use *use)
{
    struct membership_row *rows;
    size_t n;
    forget_counts(recipients, recipient);
    if (membership_list_rooms(&use->read, use->caller.user, MEMBERSHIP_BIT(MEMBERSHIP_JOIN),
                              use->arena, &rows, &n, &use->err) < 0)
        return -1;
    recipient->counted = true;
    for (size_t i = 0; i < n; i++)
        if (count_one(recipients, recipient, use, rows[i].room) < 0)
            return -1;
    return 0;
}

static int count_moved(struct recipients *recipients, struct recipient *recipient, struct use *use)
{
    int64_t room;
    void *value;
    for (size_t at = 0; int_map_next(&recipient->moved, &at, &room, &value); at = 0)
        if (count_one(recipients, recipient, use, room) < 0)
            return -1;
    return 0;
}

int recipient_count(struct recipients *recipients, struct recipient *recipient, struct use *use)
{
    int64_t room, total = 0;
    void *unread;
    if (recipient->counted ? count_moved(recipients, recipient, use) < 0
                           : count_all(recipients, recipient, use) < 0) {
        forget_counts(recipients, recipient);
        return -1;
    }
    for (size_t at = 0; int_map_next(&recipient->unread, &at, &room, &unread);)
        total += unread_total(unread);
    recipient->total = total;
    return 0;
}

int64_t recipient_told(const struct recipient *recipient, int64_t pusher)
{
    return (int64_t)(uintptr_t)int_map_find(&recipient->told, pusher) - 1;
}

void recipient_tell(struct recipient *recipient, int64_t pusher, int64_t count)
{
    int_map_put(&recipient->told, pusher, (void *)(uintptr_t)(count + 1));
}
