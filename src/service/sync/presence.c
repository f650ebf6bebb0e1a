/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/presence.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "service/sync/notifier.h"
#include "store/store.h"

#define SWEEP_MS 1000
/* Who is there is told to the other nodes again, before they forget it. */
#define SAY_AGAIN_MS (PRESENCE_GONE_MS / 2)
/* Who went is remembered for so long. */
#define KEPT_MS (24 * 3600 * INT64_C(1000))
/* Changes looked at in one question. */
#define STEPS_MAX 1000
/* Bytes of a status message that travels with a hint (STORE_SAY_MAX). */
#define SAID_STATUS_MAX 100

struct entry {
    int64_t user, sequence;
    enum presence_state state;
    int64_t active_ms; /* monotonic; 0: not known */
    bool active;       /* as it was told */
    int64_t seen_ms;   /* a poll here; 0: none */
    int64_t heard_ms;  /* on another node */
    int64_t said_ms;
    struct str status_msg; /* owned; STR_NONE */
};

struct change {
    int64_t sequence, user;
};

struct presence {
    struct notifier *notifier;
    struct store *store;
    pthread_mutex_t lock;
    struct int_map entries;     /* user → struct entry */
    VEC(struct change) changes; /* in order; those that were overtaken go now and then */
    int64_t swept_ms;
};

static const struct str words[] = {
    [PRESENCE_OFFLINE] = STR_INIT("offline"),
    [PRESENCE_UNAVAILABLE] = STR_INIT("unavailable"),
    [PRESENCE_ONLINE] = STR_INIT("online"),
};

int presence_parse(struct str word, enum presence_state *ret_state)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (!str_eq(word, words[i]))
            continue;
        *ret_state = (enum presence_state)i;
        return 0;
    }
    return -1;
}

struct str presence_format(enum presence_state state)
{
    return words[state];
}

/* ---- entries ---- */

static struct entry *find_entry(struct presence *presence, int64_t user)
{
    return int_map_find(&presence->entries, user);
}

/* NULL when there are too many: then this one is offline. */
static struct entry *entry_of(struct presence *presence, int64_t user)
{
    struct entry *entry = find_entry(presence, user);
    if (entry || presence->entries.n >= LIMIT_PRESENCE_USERS)
        return entry;
    entry = MEM_NEW(struct entry);
    entry->user = user;
    int_map_put(&presence->entries, user, entry);
    return entry;
}

static void set_status(struct entry *entry, struct str status_msg)
{
    mem_free((void *)(uintptr_t)entry->status_msg.p);
    entry->status_msg = STR_NONE;
    if (status_msg.n)
        entry->status_msg = str_make(mem_copy(status_msg.p, status_msg.n), status_msg.n);
}

static void entry_free(struct entry *entry)
{
    set_status(entry, STR_NONE);
    mem_free(entry);
}

static bool is_overtaken(const struct presence *presence, const struct change *change)
{
    const struct entry *entry = int_map_find(&presence->entries, change->user);
    return !entry || entry->sequence != change->sequence;
}

static void drop_overtaken(struct presence *presence)
{
    size_t kept = 0;
    for (size_t i = 0; i < presence->changes.n; i++)
        if (!is_overtaken(presence, &presence->changes.p[i]))
            presence->changes.p[kept++] = presence->changes.p[i];
    presence->changes.n = kept;
}

/* Numbered under the lock, which a reader who knows the number waits for. */
static void changed(struct presence *presence, struct entry *entry)
{
    entry->sequence = notifier_typing_next(presence->notifier);
    if (presence->changes.n > 2 * presence->entries.n + 64)
        drop_overtaken(presence);
    VEC_ADD(&presence->changes, (struct change){entry->sequence, entry->user});
}

/* ---- other nodes ---- */

/* "presence <user> <state> <ms since the last action, or -1> <status message>" */
#define SAYS_PRESENCE "presence "

static void say(struct presence *presence, struct entry *entry, int64_t now_ms)
{
    char text[STORE_SAY_MAX];
    struct str status = entry->status_msg;
    entry->said_ms = now_ms;
    int n =
        snprintf(text, sizeof text, SAYS_PRESENCE "%lld %d %lld %.*s", (long long)entry->user,
                 (int)entry->state, (long long)(entry->active_ms ? now_ms - entry->active_ms : -1),
                 status.n <= SAID_STATUS_MAX ? (int)status.n : 0, status.p ? status.p : "");
    if (n > 0 && (size_t)n < sizeof text)
        store_say(presence->store, str_from(text));
}

struct said {
    int64_t user, state, ago_ms;
    struct str status_msg;
};

static int read_said(struct str text, struct said *ret_said)
{
    struct str user, state, ago, rest;
    if (!str_starts(text, STR(SAYS_PRESENCE)) ||
        !str_cut(str_skip(text, strlen(SAYS_PRESENCE)), ' ', &user, &rest) ||
        !str_cut(rest, ' ', &state, &rest) || !str_cut(rest, ' ', &ago, &ret_said->status_msg) ||
        str_parse_int(user, &ret_said->user) < 0 || str_parse_int(state, &ret_said->state) < 0 ||
        str_parse_int(ago, &ret_said->ago_ms) < 0)
        return -1;
    bool sane = ret_said->user > 0 && ret_said->state >= PRESENCE_OFFLINE &&
                ret_said->state <= PRESENCE_ONLINE && ret_said->ago_ms >= -1;
    return sane && ret_said->status_msg.n <= SAID_STATUS_MAX ? 0 : -1;
}

/* Who polls here knows better than a node that they have left. */
static bool knows_better(const struct entry *entry, const struct said *said, int64_t now_ms)
{
    return said->state == PRESENCE_OFFLINE && entry->seen_ms &&
           now_ms - entry->seen_ms < PRESENCE_GONE_MS;
}

static void take_said(struct presence *presence, struct entry *entry, const struct said *said,
                      int64_t now_ms)
{
    bool same = entry->state == (enum presence_state)said->state &&
                str_eq(entry->status_msg, said->status_msg);
    entry->heard_ms = now_ms;
    if (said->ago_ms >= 0 && said->ago_ms < now_ms)
        entry->active_ms = now_ms - said->ago_ms;
    entry->state = (enum presence_state)said->state;
    set_status(entry, said->status_msg);
    if (!same)
        changed(presence, entry);
}

void presence_hear(struct presence *presence, struct str text)
{
    struct said said;
    int64_t now_ms = clock_monotonic_ms();
    if (read_said(text, &said) < 0)
        return;
    pthread_mutex_lock(&presence->lock);
    struct entry *entry = entry_of(presence, said.user);
    if (entry && knows_better(entry, &said, now_ms))
        say(presence, entry, now_ms);
    else if (entry)
        take_said(presence, entry, &said, now_ms);
    pthread_mutex_unlock(&presence->lock);
}

/* ---- what users do ---- */

static void act(struct presence *presence, struct entry *entry, int64_t now_ms)
{
    entry->active_ms = now_ms;
    if (entry->active || entry->state != PRESENCE_ONLINE)
        return;
    entry->active = true;
    changed(presence, entry);
}

void presence_act(struct presence *presence, int64_t user)
{
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&presence->lock);
    struct entry *entry = entry_of(presence, user);
    if (entry)
        act(presence, entry, now_ms);
    pthread_mutex_unlock(&presence->lock);
}

static void move_to(struct presence *presence, struct entry *entry, enum presence_state state,
                    int64_t now_ms)
{
    if (state == PRESENCE_ONLINE && entry->state == PRESENCE_OFFLINE)
        entry->active_ms = now_ms;
    entry->state = state;
    entry->active = state == PRESENCE_ONLINE && entry->active_ms &&
                    now_ms - entry->active_ms < PRESENCE_ACTIVE_MS;
    changed(presence, entry);
    say(presence, entry, now_ms);
}

void presence_poll(struct presence *presence, int64_t user, enum presence_state state)
{
    int64_t now_ms = clock_monotonic_ms();
    if (state == PRESENCE_OFFLINE)
        return;
    pthread_mutex_lock(&presence->lock);
    struct entry *entry = entry_of(presence, user);
    if (entry) {
        entry->seen_ms = now_ms;
        if (entry->state != state)
            move_to(presence, entry, state, now_ms);
        else if (now_ms - entry->said_ms >= SAY_AGAIN_MS)
            say(presence, entry, now_ms);
    }
    pthread_mutex_unlock(&presence->lock);
}

void presence_set(struct presence *presence, int64_t user, enum presence_state state,
                  struct str status_msg)
{
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&presence->lock);
    struct entry *entry = entry_of(presence, user);
    if (entry) {
        bool same = entry->state == state && str_eq(entry->status_msg, status_msg);
        entry->seen_ms = entry->active_ms = now_ms;
        set_status(entry, status_msg);
        if (!same)
            move_to(presence, entry, state, now_ms);
    }
    pthread_mutex_unlock(&presence->lock);
}

/* ---- time ---- */

static bool is_gone(const struct entry *entry, int64_t now_ms)
{
    int64_t last = entry->seen_ms > entry->heard_ms ? entry->seen_ms : entry->heard_ms;
    return now_ms - last >= PRESENCE_GONE_MS;
}

/* True when it is forgotten. */
static bool sweep_entry(int64_t user, void *value, void *arg)
{
    struct presence *presence = arg;
    struct entry *entry = value;
    int64_t now_ms = presence->swept_ms;
    (void)user;
    bool active = entry->active && now_ms - entry->active_ms < PRESENCE_ACTIVE_MS;
    if (entry->state == PRESENCE_OFFLINE) {
        if (entry->active_ms && now_ms - entry->active_ms < KEPT_MS)
            return false;
        entry_free(entry);
        return true;
    }
    if (is_gone(entry, now_ms)) {
        move_to(presence, entry, PRESENCE_OFFLINE, now_ms);
    } else if (active != entry->active) {
        entry->active = active;
        changed(presence, entry);
    }
    return false;
}

static void sweep(struct presence *presence, int64_t now_ms)
{
    if (now_ms - presence->swept_ms < SWEEP_MS)
        return;
    presence->swept_ms = now_ms;
    int_map_remove_if(&presence->entries, sweep_entry, presence);
}

void presence_sweep(struct presence *presence, int64_t monotonic_ms)
{
    pthread_mutex_lock(&presence->lock);
    sweep(presence, monotonic_ms);
    pthread_mutex_unlock(&presence->lock);
}

/* ---- what readers are shown ---- */

static struct presence_shown show(const struct entry *entry, int64_t now_ms, struct arena *arena)
{
    return (struct presence_shown){
        .user = entry->user,
        .state = entry->state,
        .active_ago_ms = entry->active_ms ? now_ms - entry->active_ms : -1,
        .active = entry->state == PRESENCE_ONLINE && entry->active_ms &&
                  now_ms - entry->active_ms < PRESENCE_ACTIVE_MS,
        .status_msg = entry->status_msg.p ? arena_str(arena, entry->status_msg) : STR_NONE,
    };
}

/* How many changes there are before that one. */
static size_t count_before(const struct presence *presence, int64_t sequence)
{
    size_t low = 0, high = presence->changes.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (presence->changes.p[middle].sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool presence_moves(struct presence *presence, int64_t from, int64_t *before, size_t limit,
                    struct arena *arena, struct presence_shown **ret_shown, size_t *ret_n)
{
    VEC(struct presence_shown) shown = {0};
    int64_t now_ms = clock_monotonic_ms();
    bool more = false;
    pthread_mutex_lock(&presence->lock);
    sweep(presence, now_ms);
    size_t end = count_before(presence, *before), i = end;
    while (i-- > 0) {
        const struct change *change = &presence->changes.p[i];
        if (change->sequence <= from)
            break;
        more = shown.n == limit || end - i > STEPS_MAX;
        if (more)
            break;
        *before = change->sequence;
        const struct entry *entry = find_entry(presence, change->user);
        if (is_overtaken(presence, change) || (!from && entry->state == PRESENCE_OFFLINE))
            continue;
        ARENA_VEC_ADD(arena, &shown, show(entry, now_ms, arena));
    }
    pthread_mutex_unlock(&presence->lock);
    *ret_shown = shown.p;
    *ret_n = shown.n;
    return more;
}

void presence_find(struct presence *presence, int64_t user, struct arena *arena,
                   struct presence_shown *ret_shown)
{
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&presence->lock);
    sweep(presence, now_ms);
    const struct entry *entry = find_entry(presence, user);
    *ret_shown = entry ? show(entry, now_ms, arena)
                       : (struct presence_shown){.user = user, .active_ago_ms = -1};
    pthread_mutex_unlock(&presence->lock);
}

void presence_write(const struct presence_shown *shown, struct json_writer *out)
{
    json_write_object(out);
    json_write_member_str(out, STR("presence"), presence_format(shown->state));
    if (shown->active_ago_ms >= 0)
        json_write_member_int(out, STR("last_active_ago"), shown->active_ago_ms);
    if (shown->state == PRESENCE_ONLINE)
        json_write_member_bool(out, STR("currently_active"), shown->active);
    if (shown->status_msg.p)
        json_write_member_str(out, STR("status_msg"), shown->status_msg);
    json_write_end(out);
}

/* ---- life ---- */

struct presence *presence_new(struct notifier *notifier, struct store *store)
{
    struct presence *presence = MEM_NEW(struct presence);
    presence->notifier = notifier;
    presence->store = store;
    pthread_mutex_init(&presence->lock, NULL);
    return presence;
}

void presence_free(struct presence *presence)
{
    size_t at = 0;
    int64_t user;
    void *entry;
    if (!presence)
        return;
    while (int_map_next(&presence->entries, &at, &user, &entry))
        entry_free(entry);
    int_map_done(&presence->entries);
    VEC_DONE(&presence->changes);
    pthread_mutex_destroy(&presence->lock);
    mem_free(presence);
}
