/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_SYNC_PRIVATE_H
#define CHAPPE_SERVICE_SYNC_SYNC_PRIVATE_H

/* What the files of one sync share. */

#include "base/limits.h"
#include "base/vec.h"
#include "service/rooms/ignored.h"
#include "service/rooms/state_list.h"
#include "service/rooms/view.h"
#include "service/sync/notifier.h"
#include "service/sync/reader.h"
#include "service/sync/sync.h"
#include "service/sync/unread.h"
#include "store/account_data.h"
#include "store/membership.h"
#include "store/receipt.h"

#define SYNC_HEROES 5

struct sync_poll {
    struct notifier *notifier;
    int64_t user, until_ms;
    struct connections *connections; /* of a sliding sync; else NULL */
    uint64_t ticket;                 /* the same */
};

struct sync {
    struct use *use;
    const struct sync_request *request;
    struct json_writer *out;
    struct filter filter;
    struct shared_filter *shared; /* what filter points into, referenced; or NULL */
    struct reader *reader;        /* referenced */
    struct sync_token since;      /* at.pos 0: initial */
    struct sync_token next;
    bool initial;
    struct moves moves;
    int64_t *typing_rooms;
    size_t n_typing_rooms;
    struct account_data *account_data; /* all that changed, of user and rooms */
    size_t n_account_data;
    bool wrote_something; /* besides next_batch */
};

enum sync_section {
    SYNC_SECTION_JOIN,
    SYNC_SECTION_INVITE,
    SYNC_SECTION_KNOCK,
    SYNC_SECTION_LEAVE,
    SYNC_SECTION_COUNT,
};

/* One room of the answer. */
struct sync_room {
    struct sync *sync;
    struct view view;
    struct membership_row member;
    struct window *window; /* referenced; NULL: none */
    int64_t since;         /* position up to which the client knows the room; 0: not at all */
    bool is_new;           /* the user was not joined at `since` */
    int64_t since_place;   /* place of the last event at `since` */
    int64_t since_state;   /* state at `since`; 0: none, or new */
    int64_t end_place;     /* no event after it: the head, or where the user left */
    int64_t end_state;
    size_t limit;            /* events of the timeline at most */
    int64_t stop_place;      /* the timeline holds nothing at or before it */
    struct event **timeline; /* oldest first, referenced */
    size_t n_timeline;
    bool limited;
    int64_t first_place;       /* prev_batch */
    struct state_entry *state; /* what the state section holds */
    size_t n_state;
    bool members_changed;
    int64_t heroes[SYNC_HEROES]; /* when members changed */
    size_t n_heroes;
    struct receipt *receipts;
    size_t n_receipts;
    bool has_receipts;
};

/* A room whose parts are written a page a step. */
struct sync_pages {
    struct sync_room room;
    struct arena *arena;     /* of what lasts from step to step */
    struct state_list state; /* events still to be written */
    int64_t timeline[LIMIT_TIMELINE_MAX];
    size_t n_timeline, next_event;
};

/* sync_pages.c */
/* Of the room, which is prepared, what lasts from step to step is kept; the rest is given back. */
void sync_pages_keep(struct sync_pages *pages);
/* The next page, into the open array: 1 there is more, 0 that was the last, -1. */
int sync_pages_state(struct sync_pages *pages, const struct state_choice *choice) MUST_USE;
int sync_pages_timeline(struct sync_pages *pages) MUST_USE;
void sync_pages_done(struct sync_pages *pages);

/* sync_rooms.c */
/* Incremental, and it is known where something moved: the rest is not looked at. */
bool sync_knows_moves(const struct sync *sync);
/* What moved in a room: a set of MOVED. */
unsigned sync_room_moves(const struct sync *sync, int64_t room);

/* sync_timeline.c */
/* since: what the client knows of it, 0: nothing. The timeline is what the filter says of it; the
 * caller may change limit and stop_place. 1 (sync_room_done), 0 there is no such room, -1. */
int sync_room_open(struct sync *sync, const struct membership_row *member, int64_t since,
                   struct sync_room *ret_room) MUST_USE;
int sync_room_timeline(struct sync_room *room) MUST_USE;
/* The row of a room: that of its window when there is one, as of the head; or what the snapshot
 * holds, which may be later. 1, 0 unknown, -1. */
int sync_load_row(struct sync *sync, const struct membership_row *member,
                  struct room_row *ret_row) MUST_USE;
void sync_room_done(struct sync_room *room);
/* A row that is later than the head becomes what the user was at the head; MEMBERSHIP_NONE. */
int sync_member_at_head(struct sync *sync, struct membership_row *row) MUST_USE;

/* sync_state.c */
int sync_room_state(struct sync_room *room) MUST_USE;
/* Opens the state's array of events, and the object around it. */
void sync_begin_state(struct sync_room *room);
int sync_write_state(struct sync_room *room) MUST_USE;
int sync_write_summary(struct sync_room *room) MUST_USE;
/* Stripped state of an invitation or a knock: the events, into the open array. */
int sync_write_stripped(struct sync_room *room) MUST_USE;
/* Five others that the room may be named after: heroes. */
int sync_find_heroes(struct sync_room *room) MUST_USE;

/* sync_rooms.c */
int sync_write_rooms(struct sync *sync) MUST_USE;
enum sync_section sync_section_of(enum membership membership);
struct str sync_section_name(enum sync_section section);
/* The rooms that may be in the answer, with what the user is in them at the head. */
int sync_load_rooms(struct sync *sync, struct membership_row **ret_rows, size_t *ret_n) MUST_USE;
/* What the user is in a room, from memory where it is there; it may be later than the head. 1, 0,
 * -1. */
int sync_load_member(struct sync *sync, int64_t room, struct membership_row *ret_row) MUST_USE;
bool sync_wants_room(const struct sync *sync, const struct membership_row *row);
/* invite_state or knock_state. */
int sync_write_stripped_section(struct sync_room *room, enum sync_section section) MUST_USE;
/* The timeline's array of events and what is around it. */
void sync_begin_timeline(struct sync_room *room);
void sync_end_timeline(struct sync_room *room);

/* sync_pieces.c: the whole answer of an initial sync, or of one with full_state. */
int sync_write_whole(const struct sync *sync) MUST_USE;

/* sync_user.c */
int sync_load_account_data(struct sync *sync) MUST_USE;
/* room 0: the user's own; the key "account_data" with its events, when there are any. */
int sync_write_account_data(struct sync *sync, int64_t room) MUST_USE;
/* One row of it, and whether it is wanted among the user's own (room 0) or a room's. */
int sync_write_account_data_row(struct sync *sync, const struct account_data *row) MUST_USE;
bool sync_wants_account_data(const struct sync *sync, const struct account_data *row, int64_t room);
/* Opens the array of its events, and the object around it. */
void sync_begin_account_data(struct sync *sync);
bool sync_has_account_data(const struct sync *sync, int64_t room);
/* Those a client that knows the room up to `after` has not seen; 0: all. */
int sync_load_receipts(struct sync_room *room, int64_t after) MUST_USE;
int sync_write_ephemeral(struct sync_room *room) MUST_USE;
/* The one event that tells the receipts that were loaded, and the one that tells who types. */
int sync_write_receipts(struct sync_room *room) MUST_USE;
int sync_write_typing(struct sync *sync, const int64_t *users, size_t n) MUST_USE;
bool sync_typing_moved(const struct sync *sync, int64_t room);

/* sync_presence.c */
/* "presence", when there is news of it, which alone does not make an answer. */
int sync_write_presence(struct sync *sync) MUST_USE;

/* sync_devices.c */
/* to_device, device_lists, key counts. */
int sync_write_devices(struct sync *sync) MUST_USE;
/* What waits after `since`, which its device has: at most `limit` of them, into the open array.
 * *ret_upto: where the next time goes on; sync->next.at.pos when nothing is left out. */
int sync_write_to_device(struct sync *sync, int64_t since, size_t limit, size_t *ret_n,
                         int64_t *ret_upto) MUST_USE;
/* device_lists, when there is something to tell; and the members that count the device's keys. */
int sync_write_device_lists(struct sync *sync) MUST_USE;
int sync_write_key_counts(struct sync *sync) MUST_USE;

/* counts.c */
/* unread_notifications and unread_thread_notifications. */
int sync_write_counts(struct sync_room *room) MUST_USE;
/* What is unread in the room; unread_unref. */
int sync_count_unread(struct sync_room *room, struct unread **ret_unread) MUST_USE;

/* sync.c: what every answer begins with. */
/* Fixes the head, makes the user online, and asks what moved since. */
int sync_look(struct sync *sync) MUST_USE;
/* Nothing but to-device messages from before may be there to tell. */
bool sync_nothing_moved(const struct sync *sync);
int sync_load_reader(struct sync *sync) MUST_USE;
/* When the request began to wait, and how long it may; kept over reruns. NULL: it does not. */
struct sync_poll *sync_poll_of(struct sync *sync, int64_t timeout_ms);
/* True when it has parked. */
bool sync_park(struct sync *sync, int64_t timeout_ms);

#endif
