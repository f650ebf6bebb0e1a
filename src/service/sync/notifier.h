/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_NOTIFIER_H
#define CHAPPE_SERVICE_SYNC_NOTIFIER_H

/* Who waits for what. It keeps, in memory: the users that are online (a sync of theirs in the last
 * minutes), the rooms each watches, what moved for each since it came online, the parked polls, and
 * who is typing.
 *
 * It is fed by the store's listener, in the order of positions, and works on a thread of its own,
 * so that a message in a room of 10,000 does not hold up the appender. notifier_head is the
 * position up to which it has taken everything in: that is the head a sync answers, so that what it
 * says and what the store holds are one.
 *
 * A poll first calls notifier_watch, then reads, then notifier_park, which refuses when something
 * has come in between. Threads: any. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "net/http.h"
#include "service/rooms/window.h"
#include "store/membership.h"
#include "store/store.h"

struct notifier;
struct reader;        /* service/sync/reader.h */
struct shared_filter; /* service/sync/filter.h */
struct unread;        /* service/sync/unread.h */
struct tally;         /* service/sync/tally.h */

/* In a room with more members than receipts_max_members receipts reach their own user alone; 0: in
 * none. */
int notifier_new(struct store *store, unsigned receipts_max_members, struct notifier **ret_notifier,
                 struct err *err) MUST_USE;
void notifier_free(struct notifier *notifier);

/* The store's listener; arg is the notifier. */
void notifier_listen(void *arg, const struct log_entry *entries, size_t n);

struct log_position notifier_head(struct notifier *notifier);
/* The same after everything that the listener was given is taken in, by this thread if need be: all
 * that was acknowledged before the call. (What is woken is woken by the notifier's own thread.) */
struct log_position notifier_catch_up(struct notifier *notifier);

/* ---- users online ---- */

/* Makes the user online, or keeps it so. True when it was already, and its rooms are known; false
 * when the caller must load the rooms it is in (any membership but leave and ban, and those it
 * knocked on) and give them to notifier_watch_rooms. What moves meanwhile is recorded. */
bool notifier_watch(struct notifier *notifier, int64_t user);
void notifier_watch_rooms(struct notifier *notifier, int64_t user, const int64_t *rooms, size_t n);

/* A set of kinds of the log: of one, 1 << kind. */
#define MOVED(kind) (1u << (kind))

struct moved_room {
    int64_t room;
    unsigned kinds; /* a set of MOVED */
};

struct moves {
    bool complete;            /* all that moved since is known; else look everywhere */
    struct moved_room *rooms; /* rooms of the user in which something moved, without doubles */
    size_t n;
    bool user;      /* something of the user itself: account data, keys, devices, push rules */
    bool data;      /* of those, the user's own account data or push rules */
    bool to_device; /* messages to the given device */
    bool device_lists;
    bool keys; /* one-time or fallback keys of the given device */
};

/* What moved for a user after `from`, up to the head. */
void notifier_moves(struct notifier *notifier, int64_t user, int64_t device, int64_t from,
                    struct arena *arena, struct moves *ret_moves);

/* ---- what is remembered between syncs ---- */

/* What a sync has read at `head` is kept as it is until an entry of the log touches it, and given
 * to syncs of later heads; a sync whose head has not been taken in here yet, or is older than what
 * is kept, is given nothing and reads for itself. Keeping is refused when something has come since
 * `head`. */

/* What an account's data make of its reader. Those given are referenced: reader_unref. */
struct reader *notifier_find_reader(struct notifier *notifier, int64_t user, int64_t head) MUST_USE;
void notifier_keep_reader(struct notifier *notifier, int64_t user, int64_t head,
                          struct reader *reader);
/* How the user stands in a room: their membership, and what was unread there. Kept by incremental
 * syncs for the rooms that spoke last. 1, 0. */
int notifier_find_member(struct notifier *notifier, int64_t user, int64_t room, int64_t head,
                         struct membership_row *ret_member) MUST_USE;
/* Referenced: unread_unref; or NULL. */
struct unread *notifier_find_unread(struct notifier *notifier, int64_t user, int64_t room,
                                    int64_t head) MUST_USE;
void notifier_keep_standing(struct notifier *notifier, int64_t user, int64_t head,
                            const struct membership_row *member, struct unread *unread);
/* The end of a room that is watched, as of `head`. */
struct kept_window {
    struct window *window;         /* referenced: window_unref; NULL: none, or it does not hold */
    int64_t events[WINDOW_EVENTS]; /* that came after it */
    size_t n;
};
void notifier_find_window(struct notifier *notifier, int64_t room, int64_t head,
                          struct kept_window *ret_kept);
void notifier_keep_window(struct notifier *notifier, int64_t room, int64_t head,
                          struct window *window);
/* What there is to count in a room, for readers with many events to count: tally_unref; or NULL. It
 * stays while messages come, and goes with a redaction. */
struct tally *notifier_find_tally(struct notifier *notifier, int64_t room, int64_t head) MUST_USE;
void notifier_keep_tally(struct notifier *notifier, int64_t room, int64_t head,
                         struct tally *tally);
/* How many are many: LIMIT_UNREAD_WALKED; fewer in tests. */
size_t notifier_shares_after(const struct notifier *notifier);
void notifier_share_after(struct notifier *notifier, size_t events);
/* The filter a user has stored under an id; those are never changed. Referenced:
 * shared_filter_unref. Users with the same text share one. */
struct shared_filter *notifier_find_filter(struct notifier *notifier, int64_t user,
                                           struct str id) MUST_USE;
void notifier_keep_filter(struct notifier *notifier, int64_t user, struct str id,
                          struct shared_filter *filter);
/* The members of a sync that tell how many keys a device has, as JSON in the arena. */
bool notifier_find_keys(struct notifier *notifier, int64_t user, int64_t device, int64_t head,
                        struct arena *arena, struct str *ret_text) MUST_USE;
void notifier_keep_keys(struct notifier *notifier, int64_t user, int64_t device, int64_t head,
                        struct str text);

/* ---- parking ---- */

/* Parks a poll that found nothing up to `head` and typing sequence `typing`: it is run again when
 * something concerns it. False when something has come already: look again. Takes a reference to x
 * until it is woken or notifier_unpark is called. */
bool notifier_park(struct notifier *notifier, int64_t user, int64_t device, int64_t head,
                   int64_t typing, struct http_exchange *x);
/* When the poll is run again or its client goes away; harmless when it is not parked. */
void notifier_unpark(struct notifier *notifier, int64_t user, struct http_exchange *x);

/* ---- typing ---- */

/* until_ms on the monotonic clock; 0: has stopped. */
void notifier_typing_set(struct notifier *notifier, int64_t room, int64_t user, int64_t until_ms);
/* The store's hearer: somebody types, or has stopped, on another node. arg is the notifier. */
void notifier_hear(void *arg, struct str text);
/* The sequence of the last change anywhere; starts at 1 with the process. */
int64_t notifier_typing_head(struct notifier *notifier);
/* The next one, for a change of another kind that a sync's token tells of (presence.h). */
int64_t notifier_typing_next(struct notifier *notifier);
/* The rooms among those the user watches whose typing list changed after `from`. */
void notifier_typing_moves(struct notifier *notifier, int64_t user, int64_t from,
                           struct arena *arena, int64_t **ret_rooms, size_t *ret_n);
/* The same among all rooms. */
void notifier_typing_changed(struct notifier *notifier, int64_t from, struct arena *arena,
                             int64_t **ret_rooms, size_t *ret_n);
/* Who types in a room. */
void notifier_typing_list(struct notifier *notifier, int64_t room, struct arena *arena,
                          int64_t **ret_users, size_t *ret_n);

struct notifier_counts {
    int64_t online, parked, woken;
};
void notifier_count(struct notifier *notifier, struct notifier_counts *ret_counts);

#endif
