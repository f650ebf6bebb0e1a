/* SPDX-License-Identifier: EUPL-1.2 */

/* What is remembered of users between their syncs, so that an empty one asks the store nothing. It
 * is read at a head and kept until the notifier takes in an entry that touches it. */

#include "base/limits.h"
#include "base/mem.h"
#include "service/sync/filter.h"
#include "service/sync/notifier_state.h"
#include "service/sync/reader.h"
#include "service/sync/tally.h"
#include "service/sync/unread.h"

/* Devices of one user whose counts are kept. */
#define DEVICES_KEPT 8
/* Rooms in which it is remembered how one user stands. */
#define STANDINGS_KEPT 8
/* Filters of one user, texts of all, and the bytes of one, that are kept. */
#define FILTERS_OF_USER 4
#define FILTERS_KEPT    1000
#define FILTER_BYTES    KIB(4)

/* ---- forgetting ---- */

static void forget_reader(struct online *online)
{
    reader_unref(online->reader);
    online->reader = NULL;
}

/* device 0: all. */
static void forget_keys(struct online *online, int64_t device)
{
    size_t kept = 0;
    for (size_t i = 0; i < online->keys.n; i++) {
        struct kept_keys keys = online->keys.p[i];
        if (device && keys.device != device)
            online->keys.p[kept++] = keys;
        else
            mem_free((void *)(uintptr_t)keys.text.p);
    }
    online->keys.n = kept;
}

static void forget_filters(struct online *online)
{
    for (size_t i = 0; i < online->filters.n; i++)
        shared_filter_unref(online->filters.p[i].shared);
    online->filters.n = 0;
}

/* room 0: all. */
void notifier_forget_standing(struct online *online, int64_t room)
{
    size_t kept = 0;
    for (size_t i = 0; i < online->standings.n; i++) {
        struct standing standing = online->standings.p[i];
        if (room && standing.member.room != room)
            online->standings.p[kept++] = standing;
        else
            unread_unref(standing.unread);
    }
    online->standings.n = kept;
}

void notifier_forget_all(struct online *online)
{
    forget_reader(online);
    forget_keys(online, 0);
    forget_filters(online);
    notifier_forget_standing(online, 0);
    VEC_DONE(&online->standings);
    VEC_DONE(&online->keys);
    VEC_DONE(&online->filters);
}

/* Users go on with those they hold. */
void notifier_forget_filters(struct notifier *notifier)
{
    size_t at = 0;
    struct str text;
    void *shared;
    while (str_map_next(&notifier->filters, &at, &text, &shared))
        shared_filter_unref(shared);
    str_map_done(&notifier->filters);
}

void notifier_forget_touched(struct online *online, const struct log_entry *entry)
{
    online->own_pos = entry->pos;
    if (entry->kind == LOG_KIND_ACCOUNT_DATA || entry->kind == LOG_KIND_PUSH_RULES)
        forget_reader(online);
    if (entry->kind == LOG_KIND_EVENT || entry->kind == LOG_KIND_RECEIPT ||
        entry->kind == LOG_KIND_STATE)
        notifier_forget_standing(online, entry->room);
    if (entry->kind == LOG_KIND_PUSH_RULES ||
        (entry->kind == LOG_KIND_ACCOUNT_DATA && !entry->room))
        notifier_forget_standing(online, 0);
    if (entry->kind == LOG_KIND_KEYS || entry->kind == LOG_KIND_DEVICE)
        forget_keys(online, entry->ref);
}

/* ---- finding and keeping ---- */

/* Whether what was kept at `at` holds at `head`: nothing has touched it up to the notifier's head.
 */
static bool holds(const struct notifier *notifier, int64_t at, int64_t head)
{
    return at <= head && head <= notifier->head.pos;
}

/* The user, when what was read at `head` may be kept: nothing about them has come since. */
static struct online *keeper(struct notifier *notifier, int64_t user, int64_t head)
{
    struct online *online = notifier_find_online(notifier, user);
    return online && online->own_pos <= head ? online : NULL;
}

struct reader *notifier_find_reader(struct notifier *notifier, int64_t user, int64_t head)
{
    struct reader *reader = NULL;
    notifier_lock(notifier);
    const struct online *online = notifier_find_online(notifier, user);
    if (online && online->reader && holds(notifier, online->reader_at, head))
        reader = reader_ref(online->reader);
    notifier_unlock(notifier);
    return reader;
}

void notifier_keep_reader(struct notifier *notifier, int64_t user, int64_t head,
                          struct reader *reader)
{
    notifier_lock(notifier);
    struct online *online = keeper(notifier, user, head);
    if (online) {
        forget_reader(online);
        online->reader = reader_ref(reader);
        online->reader_at = head;
    }
    notifier_unlock(notifier);
}

bool notifier_find_keys(struct notifier *notifier, int64_t user, int64_t device, int64_t head,
                        struct arena *arena, struct str *ret_text)
{
    bool found = false;
    notifier_lock(notifier);
    const struct online *online = notifier_find_online(notifier, user);
    for (size_t i = 0; online && i < online->keys.n; i++) {
        const struct kept_keys *keys = &online->keys.p[i];
        if (keys->device != device || !holds(notifier, keys->at, head))
            continue;
        *ret_text = arena_str(arena, keys->text);
        found = true;
    }
    notifier_unlock(notifier);
    return found;
}

void notifier_keep_keys(struct notifier *notifier, int64_t user, int64_t device, int64_t head,
                        struct str text)
{
    notifier_lock(notifier);
    struct online *online = keeper(notifier, user, head);
    if (online) {
        forget_keys(online, online->keys.n >= DEVICES_KEPT ? 0 : device);
        VEC_RESERVE(&online->keys, 1);
        VEC_ADD(&online->keys,
                (struct kept_keys){device, head, str_make(mem_copy(text.p, text.n), text.n)});
    }
    notifier_unlock(notifier);
}

struct shared_filter *notifier_find_filter(struct notifier *notifier, int64_t user, struct str id)
{
    struct shared_filter *found = NULL;
    int64_t number;
    if (str_parse_uint(id, &number) < 0)
        return NULL;
    notifier_lock(notifier);
    const struct online *online = notifier_find_online(notifier, user);
    for (size_t i = 0; online && !found && i < online->filters.n; i++)
        if (online->filters.p[i].id == number)
            found = shared_filter_ref(online->filters.p[i].shared);
    notifier_unlock(notifier);
    return found;
}

/* The one of that text that all share. */
static struct shared_filter *share(struct notifier *notifier, struct shared_filter *filter)
{
    struct shared_filter *there = str_map_find(&notifier->filters, filter->text);
    if (there)
        return shared_filter_ref(there);
    if (notifier->filters.n >= FILTERS_KEPT)
        notifier_forget_filters(notifier);
    str_map_put(&notifier->filters, filter->text, shared_filter_ref(filter));
    return shared_filter_ref(filter);
}

void notifier_keep_filter(struct notifier *notifier, int64_t user, struct str id,
                          struct shared_filter *filter)
{
    int64_t number;
    if (str_parse_uint(id, &number) < 0 || filter->text.n > FILTER_BYTES)
        return;
    notifier_lock(notifier);
    struct online *online = notifier_find_online(notifier, user);
    if (online && online->filters.n >= FILTERS_OF_USER)
        forget_filters(online);
    if (online)
        VEC_RESERVE(&online->filters, 1);
    if (online)
        VEC_ADD(&online->filters, (struct kept_filter){number, share(notifier, filter)});
    notifier_unlock(notifier);
}

/* ---- how one stands in a room ---- */

static const struct standing *find_standing(const struct notifier *notifier, int64_t user,
                                            int64_t room, int64_t head)
{
    const struct online *online = notifier_find_online((struct notifier *)notifier, user);
    for (size_t i = 0; online && i < online->standings.n; i++) {
        const struct standing *standing = &online->standings.p[i];
        if (standing->member.room == room)
            return holds(notifier, standing->at, head) ? standing : NULL;
    }
    return NULL;
}

int notifier_find_member(struct notifier *notifier, int64_t user, int64_t room, int64_t head,
                         struct membership_row *ret_member)
{
    notifier_lock(notifier);
    const struct standing *standing = find_standing(notifier, user, room, head);
    if (standing)
        *ret_member = standing->member;
    notifier_unlock(notifier);
    return standing ? 1 : 0;
}

struct unread *notifier_find_unread(struct notifier *notifier, int64_t user, int64_t room,
                                    int64_t head)
{
    notifier_lock(notifier);
    const struct standing *standing = find_standing(notifier, user, room, head);
    struct unread *unread = standing ? unread_ref(standing->unread) : NULL;
    notifier_unlock(notifier);
    return unread;
}

void notifier_keep_standing(struct notifier *notifier, int64_t user, int64_t head,
                            const struct membership_row *member, struct unread *unread)
{
    notifier_lock(notifier);
    struct online *online = member->pos <= head ? keeper(notifier, user, head) : NULL;
    if (online) {
        notifier_forget_standing(online, member->room);
        if (online->standings.n >= STANDINGS_KEPT)
            notifier_forget_standing(online, online->standings.p[0].member.room);
        VEC_RESERVE(&online->standings, 1);
        VEC_ADD(&online->standings, (struct standing){head, *member, unread_ref(unread)});
    }
    notifier_unlock(notifier);
}

/* ---- the ends of rooms ---- */

void notifier_forget_window(struct watched *watched)
{
    window_unref(watched->window);
    watched->window = NULL;
    VEC_CLEAR(&watched->after);
}

void notifier_move_window(struct watched *watched, const struct log_entry *entry)
{
    bool changes = entry->kind == LOG_KIND_EVENT || entry->kind == LOG_KIND_STATE ||
                   entry->kind == LOG_KIND_REDACTION;
    if (!changes)
        return;
    watched->moved_pos = entry->pos;
    if (entry->kind == LOG_KIND_REDACTION) {
        watched->counted_pos = entry->pos;
        notifier_forget_tally(watched);
    }
    if (!watched->window)
        return;
    if (entry->kind != LOG_KIND_EVENT || watched->after.n >= WINDOW_EVENTS - 1)
        notifier_forget_window(watched);
    else
        VEC_ADD(&watched->after, entry->ref);
}

void notifier_find_window(struct notifier *notifier, int64_t room, int64_t head,
                          struct kept_window *ret_kept)
{
    ret_kept->window = NULL;
    ret_kept->n = 0;
    notifier_lock(notifier);
    const struct watched *watched = int_map_find(&notifier->watched, room);
    if (watched && watched->window && watched->moved_pos <= head &&
        holds(notifier, watched->window_at, head)) {
        ret_kept->window = window_ref(watched->window);
        ret_kept->n = watched->after.n;
        for (size_t i = 0; i < watched->after.n; i++)
            ret_kept->events[i] = watched->after.p[i];
    }
    notifier_unlock(notifier);
}

/* Takes the place of the window kept for longest. */
static void take_slot(struct notifier *notifier, struct watched *watched, int64_t room)
{
    if (notifier->windows[watched->window_slot] == room)
        return;
    size_t slot = notifier->next_window++ % WINDOWS_KEPT;
    struct watched *oldest = int_map_find(&notifier->watched, notifier->windows[slot]);
    if (oldest && oldest->window_slot == slot)
        notifier_forget_window(oldest);
    notifier->windows[slot] = room;
    watched->window_slot = slot;
}

void notifier_keep_window(struct notifier *notifier, int64_t room, int64_t head,
                          struct window *window)
{
    notifier_lock(notifier);
    struct watched *watched = int_map_find(&notifier->watched, room);
    if (watched && watched->moved_pos <= head && head <= notifier->head.pos) {
        notifier_forget_window(watched);
        take_slot(notifier, watched, room);
        watched->window = window_ref(window);
        watched->window_at = head;
    }
    notifier_unlock(notifier);
}

/* What was kept holds events that are gone, or counts them. Nobody is woken: a reader has nothing
 * to learn of it. */
void notifier_forget_purged(struct notifier *notifier, const struct log_entry *entry)
{
    struct watched *watched = int_map_find(&notifier->watched, entry->room);
    if (!watched)
        return;
    watched->moved_pos = watched->counted_pos = entry->pos;
    notifier_forget_window(watched);
    notifier_forget_tally(watched);
    for (size_t i = 0; i < watched->users.n; i++) {
        watched->users.p[i]->own_pos = entry->pos;
        notifier_forget_standing(watched->users.p[i], entry->room);
    }
}

/* ---- what there is to count in them ---- */

void notifier_forget_tally(struct watched *watched)
{
    tally_unref(watched->tally);
    watched->tally = NULL;
}

struct tally *notifier_find_tally(struct notifier *notifier, int64_t room, int64_t head)
{
    struct tally *tally = NULL;
    notifier_lock(notifier);
    const struct watched *watched = int_map_find(&notifier->watched, room);
    if (watched && watched->tally && holds(notifier, watched->tally_at, head))
        tally = tally_ref(watched->tally);
    notifier_unlock(notifier);
    return tally;
}

/* Takes the place of the tally kept for longest. */
static void take_tally_slot(struct notifier *notifier, struct watched *watched, int64_t room)
{
    if (notifier->tallies[watched->tally_slot] == room)
        return;
    size_t slot = notifier->next_tally++ % TALLIES_KEPT;
    struct watched *oldest = int_map_find(&notifier->watched, notifier->tallies[slot]);
    if (oldest && oldest->tally_slot == slot)
        notifier_forget_tally(oldest);
    notifier->tallies[slot] = room;
    watched->tally_slot = slot;
}

void notifier_keep_tally(struct notifier *notifier, int64_t room, int64_t head, struct tally *tally)
{
    notifier_lock(notifier);
    struct watched *watched = int_map_find(&notifier->watched, room);
    if (watched && watched->counted_pos <= head && head <= notifier->head.pos) {
        notifier_forget_tally(watched);
        take_tally_slot(notifier, watched, room);
        watched->tally = tally_ref(tally);
        watched->tally_at = head;
    }
    notifier_unlock(notifier);
}

size_t notifier_shares_after(const struct notifier *notifier)
{
    return atomic_load_explicit(&notifier->share_after, memory_order_relaxed);
}

void notifier_share_after(struct notifier *notifier, size_t events)
{
    atomic_store_explicit(&notifier->share_after, events, memory_order_relaxed);
}
