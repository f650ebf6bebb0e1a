/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_NOTIFIER_STATE_H
#define CHAPPE_SERVICE_SYNC_NOTIFIER_STATE_H

/* What the notifier's own files share. Everything is under its one lock;
 * what is found and kept between syncs (notifier_memory.c) too. */

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/vec.h"
#include "service/sync/notifier.h"

/* Moves remembered for a user; older ones are forgotten, and then `since` tells from where it
 * knows. */
#define MOVES_MAX 64
/* Windows kept at once: each holds some events, beside those in the cache. */
#define WINDOWS_KEPT 2000
/* Tallies kept at once: each holds 8 bytes an event it counts, 100,000 of them at most. */
#define TALLIES_KEPT 32
/* A user without a poll for so long is offline: its next sync looks everywhere. */
#define ONLINE_IDLE_MS (10 * 60 * 1000)
/* Receipts alone wake a device at most once in so long. */
#define RECEIPT_WAKE_MS 1000

struct move {
    int64_t pos, room, ref;
    enum log_kind kind;
};

struct parked {
    struct http_exchange *x; /* referenced */
    int64_t device;
};

/* The key counts of a device, read at a position. */
struct kept_keys {
    int64_t device, at;
    struct str text; /* owned */
};

struct kept_filter {
    int64_t id;
    struct shared_filter *shared; /* referenced */
};

/* How a user stood in a room at a position. */
struct standing {
    int64_t at;
    struct membership_row member;
    struct unread *unread; /* referenced */
};

struct online {
    int64_t user;
    int64_t since; /* all moves after this position are known */
    int64_t last_seen_ms;
    bool rooms_known;
    int64_t receipt_wake_ms; /* 0: none is due */
    int64_t typing;          /* the last change of a typing list that concerns the user, or later */
    int64_t own_pos;         /* of the last entry about this user, at least */
    VEC(struct move) moves;  /* by position */
    VEC(int64_t) rooms;
    VEC(struct parked) parked;
    struct reader *reader; /* referenced; NULL: not kept */
    int64_t reader_at;
    VEC(struct kept_keys) keys;
    VEC(struct kept_filter) filters;
    VEC(struct standing) standings; /* the last to speak at the end */
};

struct watched {
    VEC(struct online *) users;
    int64_t moved_pos;     /* of the last entry that changed the room, at least */
    struct window *window; /* referenced; NULL: not kept */
    int64_t window_at;
    size_t window_slot;  /* in notifier.windows, when that holds the room */
    VEC(int64_t) after;  /* the events that came after the window */
    int64_t counted_pos; /* of the last entry that changed what counts of older events, at least */
    struct tally *tally; /* referenced; NULL: not kept */
    int64_t tally_at;
    size_t tally_slot; /* in notifier.tallies, when that holds the room */
};

struct typist {
    int64_t user, until_ms;
};

struct typing {
    int64_t room, sequence;
    VEC(struct typist) typists;
};

struct notifier {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    VEC(struct log_entry) queue;
    struct log_position head;
    struct int_map online;  /* user → struct online */
    struct int_map watched; /* room → struct watched */
    struct int_map typing;  /* room → struct typing */
    int64_t typing_sequence, woken, n_parked;
    int64_t swept_ms, forgot_ms;
    unsigned receipts_max_members; /* 0: no limit */
    VEC(int64_t) due;              /* users with receipt_wake_ms */
    int64_t windows[WINDOWS_KEPT]; /* the rooms that have one; the next to go at next_window */
    size_t next_window;
    int64_t tallies[TALLIES_KEPT]; /* the same, of tallies */
    size_t next_tally;
    atomic_size_t share_after;
    struct str_map filters;             /* text → struct shared_filter, referenced */
    VEC(struct http_exchange *) waking; /* to be run again once the lock is released */
};

void notifier_lock(struct notifier *notifier);
/* Also runs again who was found to be concerned: they would only wait for the lock. */
void notifier_unlock(struct notifier *notifier);

struct online *notifier_find_online(struct notifier *notifier, int64_t user);
void notifier_wake_user(struct notifier *notifier, struct online *online, int64_t device);
void notifier_sweep_typing(struct notifier *notifier, int64_t now_ms);

/* notifier_memory.c */
/* An entry about the user himself: what it touches is forgotten. */
void notifier_forget_touched(struct online *online, const struct log_entry *entry);
void notifier_forget_all(struct online *online);
void notifier_forget_standing(struct online *online, int64_t room);
/* The room has changed. */
void notifier_move_window(struct watched *watched, const struct log_entry *entry);
void notifier_forget_purged(struct notifier *notifier, const struct log_entry *entry);
void notifier_forget_window(struct watched *watched);
void notifier_forget_tally(struct watched *watched);
void notifier_forget_filters(struct notifier *notifier);

#endif
