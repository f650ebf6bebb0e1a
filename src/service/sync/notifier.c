/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/notifier.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/wait.h"
#include "service/sync/notifier_state.h"

struct online *notifier_find_online(struct notifier *notifier, int64_t user)
{
    return int_map_find(&notifier->online, user);
}

void notifier_lock(struct notifier *notifier)
{
    pthread_mutex_lock(&notifier->lock);
}

void notifier_unlock(struct notifier *notifier)
{
    VEC(struct http_exchange *)
    waking = {notifier->waking.p, notifier->waking.n, notifier->waking.capacity};
    notifier->waking.p = NULL;
    notifier->waking.n = notifier->waking.capacity = 0;
    pthread_mutex_unlock(&notifier->lock);
    for (size_t i = 0; i < waking.n; i++) {
        http_rerun(waking.p[i]);
        http_unref(waking.p[i]);
    }
    VEC_DONE(&waking);
}

/* Runs the parked polls of a user again: all of them, or those of one device. */
void notifier_wake_user(struct notifier *notifier, struct online *online, int64_t device)
{
    size_t kept = 0;
    for (size_t i = 0; i < online->parked.n; i++) {
        struct parked parked = online->parked.p[i];
        if (device && parked.device != device) {
            online->parked.p[kept++] = parked;
            continue;
        }
        VEC_ADD(&notifier->waking, parked.x);
        notifier->woken++;
        notifier->n_parked--;
    }
    online->parked.n = kept;
}

/* ---- rooms watched ---- */

/* Among the first n of the user's rooms. */
static bool watches(const struct online *online, int64_t room, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (online->rooms.p[i] == room)
            return true;
    return false;
}

static void watch_room(struct notifier *notifier, struct online *online, int64_t room)
{
    struct watched *watched = int_map_find(&notifier->watched, room);
    if (!watched) {
        watched = MEM_NEW(struct watched);
        watched->moved_pos = watched->counted_pos = notifier->head.pos;
        int_map_put(&notifier->watched, room, watched);
    }
    VEC_ADD(&watched->users, online);
    VEC_ADD(&online->rooms, room);
}

static void unwatch_room(struct notifier *notifier, struct online *online, int64_t room)
{
    struct watched *watched = int_map_find(&notifier->watched, room);
    for (size_t i = 0; watched && i < watched->users.n; i++) {
        if (watched->users.p[i] != online)
            continue;
        watched->users.p[i] = watched->users.p[--watched->users.n];
        break;
    }
    if (watched && watched->users.n == 0) {
        int_map_remove(&notifier->watched, room);
        notifier_forget_window(watched);
        notifier_forget_tally(watched);
        VEC_DONE(&watched->users);
        VEC_DONE(&watched->after);
        mem_free(watched);
    }
}

static void online_free(struct notifier *notifier, struct online *online)
{
    for (size_t i = 0; i < online->rooms.n; i++)
        unwatch_room(notifier, online, online->rooms.p[i]);
    notifier_wake_user(notifier, online, 0);
    notifier_forget_all(online);
    VEC_DONE(&online->moves);
    VEC_DONE(&online->rooms);
    VEC_DONE(&online->parked);
    mem_free(online);
}

/* ---- taking entries in ---- */

static void record(struct online *online, const struct log_entry *entry)
{
    struct move move = {entry->pos, entry->room, entry->ref, entry->kind};
    if (online->moves.n) {
        struct move *last = &online->moves.p[online->moves.n - 1];
        if (last->room == move.room && last->kind == move.kind && last->ref == 0 && move.ref == 0) {
            last->pos = move.pos;
            return;
        }
    }
    if (online->moves.n >= MOVES_MAX) {
        size_t half = MOVES_MAX / 2;
        online->since = online->moves.p[half - 1].pos;
        memmove(online->moves.p, online->moves.p + half,
                (online->moves.n - half) * sizeof *online->moves.p);
        online->moves.n -= half;
    }
    VEC_ADD(&online->moves, move);
}

static void take_for_user(struct notifier *notifier, struct online *online,
                          const struct log_entry *entry, int64_t now_ms)
{
    record(online, entry);
    if (entry->kind == LOG_KIND_RECEIPT && entry->user != online->user) {
        if (!online->receipt_wake_ms) {
            online->receipt_wake_ms = now_ms + RECEIPT_WAKE_MS;
            VEC_ADD(&notifier->due, online->user);
        }
        return;
    }
    notifier_wake_user(notifier, online, entry->kind == LOG_KIND_TO_DEVICE ? entry->ref : 0);
}

/* In a large room receipts are their readers' own affair (law 6). How many have joined is known as
 * long as there is a window; otherwise who is woken finds out. */
static bool tells_others(const struct notifier *notifier, const struct watched *watched,
                         const struct log_entry *entry)
{
    return entry->kind != LOG_KIND_RECEIPT || !notifier->receipts_max_members || !watched->window ||
           watched->window->row.joined <= notifier->receipts_max_members;
}

/* A membership event carries its user: it may have to watch the room from now on. */
static void take(struct notifier *notifier, const struct log_entry *entry, int64_t now_ms)
{
    struct online *self = entry->user ? notifier_find_online(notifier, entry->user) : NULL;
    if (self)
        notifier_forget_touched(self, entry);
    if (entry->kind == LOG_KIND_PURGE) {
        if (entry->room)
            notifier_forget_purged(notifier, entry);
        return;
    }
    if (self && entry->room && entry->kind == LOG_KIND_EVENT &&
        !watches(self, entry->room, self->rooms.n))
        watch_room(notifier, self, entry->room);
    struct watched *watched = entry->room ? int_map_find(&notifier->watched, entry->room) : NULL;
    if (watched)
        notifier_move_window(watched, entry);
    if (watched && entry->kind != LOG_KIND_ACCOUNT_DATA) {
        bool others = tells_others(notifier, watched, entry);
        for (size_t i = 0; others && i < watched->users.n; i++) {
            struct log_entry seen = *entry;
            seen.ref = 0; /* the room is enough, and merges */
            if (entry->kind == LOG_KIND_REDACTION || entry->kind == LOG_KIND_STATE)
                notifier_forget_standing(watched->users.p[i], entry->room);
            if (watched->users.p[i] == self)
                self = NULL;
            take_for_user(notifier, watched->users.p[i], &seen, now_ms);
        }
    }
    if (self)
        take_for_user(notifier, self, entry, now_ms);
}

/* Those whose receipts have waited for long enough. */
static void wake_due(struct notifier *notifier, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < notifier->due.n; i++) {
        struct online *online = notifier_find_online(notifier, notifier->due.p[i]);
        if (online && online->receipt_wake_ms > now_ms) {
            notifier->due.p[kept++] = notifier->due.p[i];
        } else if (online && online->receipt_wake_ms) {
            online->receipt_wake_ms = 0;
            notifier_wake_user(notifier, online, 0);
        }
    }
    notifier->due.n = kept;
}

static bool forget_if_gone(int64_t user, void *value, void *arg)
{
    struct notifier *notifier = arg;
    struct online *online = value;
    (void)user;
    if (online->parked.n || notifier->forgot_ms - online->last_seen_ms <= ONLINE_IDLE_MS)
        return false;
    online_free(notifier, online);
    return true;
}

static void forget_gone(struct notifier *notifier, int64_t now_ms)
{
    notifier->forgot_ms = now_ms;
    int_map_remove_if(&notifier->online, forget_if_gone, notifier);
}

/* Once in RECEIPT_WAKE_MS / 2; all users are looked at much less often. */
static void sweep(struct notifier *notifier, int64_t now_ms)
{
    notifier->swept_ms = now_ms;
    notifier_sweep_typing(notifier, now_ms);
    wake_due(notifier, now_ms);
    if (now_ms - notifier->forgot_ms >= ONLINE_IDLE_MS / 10)
        forget_gone(notifier, now_ms);
}

static void wait_for_entries(struct notifier *notifier)
{
    if (notifier->queue.n == 0 && !notifier->stopping)
        (void)wait_until(&notifier->wake, &notifier->lock,
                         clock_monotonic_ms() + RECEIPT_WAKE_MS / 2);
}

static void take_queue(struct notifier *notifier, int64_t now_ms)
{
    for (size_t i = 0; i < notifier->queue.n; i++) {
        take(notifier, &notifier->queue.p[i], now_ms);
        notifier->head.pos = notifier->queue.p[i].pos;
    }
    VEC_CLEAR(&notifier->queue);
}

static void *notifier_main(void *arg)
{
    struct notifier *notifier = arg;
    pthread_setname_np(pthread_self(), "notifier");
    notifier_lock(notifier);
    while (!notifier->stopping) {
        int64_t now_ms = clock_monotonic_ms();
        if (now_ms - notifier->swept_ms >= RECEIPT_WAKE_MS / 2)
            sweep(notifier, now_ms);
        take_queue(notifier, now_ms);
        if (notifier->waking.n) {
            notifier_unlock(notifier);
            notifier_lock(notifier);
        } else {
            wait_for_entries(notifier);
        }
    }
    notifier_unlock(notifier);
    return NULL;
}

void notifier_listen(void *arg, const struct log_entry *entries, size_t n)
{
    struct notifier *notifier = arg;
    pthread_mutex_lock(&notifier->lock);
    for (size_t i = 0; i < n; i++)
        VEC_ADD(&notifier->queue, entries[i]);
    pthread_mutex_unlock(&notifier->lock);
    pthread_cond_signal(&notifier->wake);
}

struct log_position notifier_head(struct notifier *notifier)
{
    pthread_mutex_lock(&notifier->lock);
    struct log_position head = notifier->head;
    pthread_mutex_unlock(&notifier->lock);
    return head;
}

struct log_position notifier_catch_up(struct notifier *notifier)
{
    pthread_mutex_lock(&notifier->lock);
    take_queue(notifier, clock_monotonic_ms());
    struct log_position head = notifier->head;
    pthread_mutex_unlock(&notifier->lock); /* its thread wakes who waits: it was called */
    return head;
}

/* ---- users online ---- */

bool notifier_watch(struct notifier *notifier, int64_t user)
{
    pthread_mutex_lock(&notifier->lock);
    struct online *online = notifier_find_online(notifier, user);
    if (!online) {
        online = MEM_NEW(struct online);
        online->user = user;
        online->since = online->own_pos = notifier->head.pos;
        int_map_put(&notifier->online, user, online);
    }
    online->last_seen_ms = clock_monotonic_ms();
    bool known = online->rooms_known;
    pthread_mutex_unlock(&notifier->lock);
    return known;
}

void notifier_watch_rooms(struct notifier *notifier, int64_t user, const int64_t *rooms, size_t n)
{
    pthread_mutex_lock(&notifier->lock);
    struct online *online = notifier_find_online(notifier, user);
    if (online && !online->rooms_known) {
        size_t joined = online->rooms.n; /* since it came online */
        VEC_RESERVE(&online->rooms, n);
        for (size_t i = 0; i < n; i++)
            if (!watches(online, rooms[i], joined))
                watch_room(notifier, online, rooms[i]);
        online->rooms_known = true;
        /* What moved in those rooms before they were watched is not recorded. */
        online->since = notifier->head.pos;
        online->typing = notifier->typing_sequence;
        VEC_CLEAR(&online->moves);
    }
    pthread_mutex_unlock(&notifier->lock);
}

/* There is room for as many as there are moves. */
static void add_room(struct moves *moves, const struct move *move)
{
    size_t i = 0;
    while (i < moves->n && moves->rooms[i].room != move->room)
        i++;
    if (i == moves->n)
        moves->rooms[moves->n++] = (struct moved_room){.room = move->room};
    moves->rooms[i].kinds |= MOVED(move->kind);
}

void notifier_moves(struct notifier *notifier, int64_t user, int64_t device, int64_t from,
                    struct arena *arena, struct moves *ret_moves)
{
    struct moves moves = {.rooms = NULL};
    pthread_mutex_lock(&notifier->lock);
    struct online *online = notifier_find_online(notifier, user);
    moves.complete = online && online->rooms_known && from >= online->since;
    for (size_t i = online ? online->moves.n : 0; i-- > 0;) {
        const struct move *move = &online->moves.p[i];
        if (move->pos <= from)
            break;
        if (!moves.rooms)
            moves.rooms = ARENA_NEW_N(arena, online->moves.n, struct moved_room);
        if (move->room)
            add_room(&moves, move);
        moves.to_device |= move->kind == LOG_KIND_TO_DEVICE && move->ref == device;
        moves.device_lists |= move->kind == LOG_KIND_DEVICE_LIST;
        moves.keys |= move->kind == LOG_KIND_KEYS && move->ref == device;
        moves.data |= (move->kind == LOG_KIND_ACCOUNT_DATA && !move->room) ||
                      move->kind == LOG_KIND_PUSH_RULES;
        moves.user |= move->kind == LOG_KIND_ACCOUNT_DATA || move->kind == LOG_KIND_KEYS ||
                      move->kind == LOG_KIND_PUSH_RULES || move->kind == LOG_KIND_DEVICE;
    }
    pthread_mutex_unlock(&notifier->lock);
    *ret_moves = moves;
}

/* ---- parking ---- */

/* Whether a move would have woken this device: receipts of others wait for their second. */
static bool concerns(const struct online *online, const struct move *move, int64_t device)
{
    if (move->kind == LOG_KIND_TO_DEVICE)
        return move->ref == device;
    return !(move->kind == LOG_KIND_RECEIPT && online->receipt_wake_ms);
}

static bool has_news(const struct online *online, int64_t device, int64_t head, int64_t typing)
{
    if (!online || head < online->since)
        return true;
    for (size_t i = online->moves.n; i-- > 0;) {
        if (online->moves.p[i].pos <= head)
            break;
        if (concerns(online, &online->moves.p[i], device))
            return true;
    }
    return online->typing > typing;
}

bool notifier_park(struct notifier *notifier, int64_t user, int64_t device, int64_t head,
                   int64_t typing, struct http_exchange *x)
{
    pthread_mutex_lock(&notifier->lock);
    struct online *online = notifier_find_online(notifier, user);
    bool news = has_news(online, device, head, typing);
    if (!news) {
        http_ref(x);
        VEC_RESERVE(&online->parked, 1);
        VEC_ADD(&online->parked, (struct parked){x, device});
        notifier->n_parked++;
    }
    pthread_mutex_unlock(&notifier->lock);
    return !news;
}

void notifier_unpark(struct notifier *notifier, int64_t user, struct http_exchange *x)
{
    bool found = false;
    pthread_mutex_lock(&notifier->lock);
    struct online *online = notifier_find_online(notifier, user);
    for (size_t i = 0; online && i < online->parked.n; i++) {
        if (online->parked.p[i].x != x)
            continue;
        online->parked.p[i] = online->parked.p[--online->parked.n];
        notifier->n_parked--;
        found = true;
        break;
    }
    pthread_mutex_unlock(&notifier->lock);
    if (found)
        http_unref(x);
}

void notifier_count(struct notifier *notifier, struct notifier_counts *ret_counts)
{
    pthread_mutex_lock(&notifier->lock);
    *ret_counts =
        (struct notifier_counts){(int64_t)notifier->online.n, notifier->n_parked, notifier->woken};
    pthread_mutex_unlock(&notifier->lock);
}

/* ---- life ---- */

int notifier_new(struct store *store, unsigned receipts_max_members, struct notifier **ret_notifier,
                 struct err *err)
{
    struct notifier *notifier = MEM_NEW(struct notifier);
    notifier->store = store;
    notifier->receipts_max_members = receipts_max_members;
    notifier->forgot_ms = clock_monotonic_ms();
    notifier->head = store_head(store);
    notifier->typing_sequence = 1;
    notifier_share_after(notifier, LIMIT_UNREAD_WALKED);
    pthread_mutex_init(&notifier->lock, NULL);
    wait_init(&notifier->wake);
    int status = pthread_create(&notifier->thread, NULL, notifier_main, notifier);
    if (status != 0) {
        mem_free(notifier);
        return err_internal(err, "starting the notifier's thread: error %d", status);
    }
    *ret_notifier = notifier;
    return 0;
}

void notifier_free(struct notifier *notifier)
{
    size_t at = 0;
    int64_t id;
    void *value;
    if (!notifier)
        return;
    pthread_mutex_lock(&notifier->lock);
    notifier->stopping = true;
    pthread_cond_signal(&notifier->wake);
    pthread_mutex_unlock(&notifier->lock);
    pthread_join(notifier->thread, NULL);
    while (int_map_next(&notifier->online, &at, &id, &value))
        online_free(notifier, value);
    for (at = 0; int_map_next(&notifier->typing, &at, &id, &value);) {
        struct typing *typing = value;
        VEC_DONE(&typing->typists);
        mem_free(typing);
    }
    notifier_forget_filters(notifier);
    int_map_done(&notifier->online);
    int_map_done(&notifier->watched);
    int_map_done(&notifier->typing);
    VEC_DONE(&notifier->queue);
    VEC_DONE(&notifier->due);
    notifier_lock(notifier);
    notifier_unlock(notifier); /* who still waited */
    pthread_cond_destroy(&notifier->wake);
    pthread_mutex_destroy(&notifier->lock);
    mem_free(notifier);
}
