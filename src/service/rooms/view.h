/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_VIEW_H
#define CHAPPE_SERVICE_ROOMS_VIEW_H

/* A room as one user reads it, in the request's snapshot. Every read path (sync, messages, context,
 * event, relations, search…) asks view_can_see, which is the one place where it is decided whether
 * somebody may see an event (client-server API, "Room History Visibility"). */

#include "matrix/visibility.h"
#include "service/rooms/room.h"
#include "store/membership.h"
#include "json/write.h"

/* Pairs of states remembered: events that follow one another mostly share theirs. */
#define VIEW_FACTS_KEPT 16

struct ignored; /* service/rooms/ignored.h */
struct window;  /* service/rooms/window.h */

/* What was found for a pair of states. */
struct view_facts {
    int64_t state_before, state_after;
    struct visibility_facts facts;
};

struct view {
    struct use *use;
    struct room_row row;
    struct str room_id;
    const struct room_version *version;
    int64_t user;               /* who reads */
    enum membership membership; /* now; MEMBERSHIP_NONE: never seen */
    int64_t member_event;       /* 0: none */
    int64_t left_place;         /* place of the event by which they left; 0: they have not */
    int64_t left_state;         /* the state after it */
    bool was_joined;            /* at some time before they left */
    /* Where they last ceased to be joined: the same as above, but for who was banned, or invited in
     * vain, after having left. 0: never, or still joined. */
    int64_t departed_place, departed_state;
    bool forgotten;      /* by the reader, who has left */
    struct arena *arena; /* the use's when it was opened: what lives as long as the view */
    const struct ignored *ignored; /* NULL: not loaded yet (bundle.c) */
    struct window *window;         /* the caller's; NULL: none */
    struct view_facts known[VIEW_FACTS_KEPT];
    size_t n_known;
};

/* Goes on with a view in another snapshot and arena: of an answer in pieces. */
void view_go_on(struct view *view, struct use *use);

/* The room of that id as the caller sees it, whatever their membership: 1, 0 unknown, -1. */
int view_open(struct use *use, int64_t room, struct view *ret_view) MUST_USE;

/* The same for a caller whose membership is known, as it was at the head of the read, and the
 * room's row: 0, -1. */
int view_open_as(struct use *use, const struct room_row *row, const struct membership_row *member,
                 struct view *ret_view) MUST_USE;

/* As handlers need it: by room id; -1 with 403 M_FORBIDDEN when it is unknown or the caller was
 * never in it (the same answer for both) or has forgotten it, unless it is world readable. A caller
 * who has left may read on until where they left. */
int view_open_readable(struct use *use, struct str room_id, struct view *ret_view) MUST_USE;
/* The caller must be joined. */
int view_open_joined(struct use *use, struct str room_id, struct view *ret_view) MUST_USE;

/* 1 may see it, 0, -1. Events of other rooms, rejected and soft-failed ones
 * and outliers are never seen. */
int view_can_see(struct view *view, const struct event *event) MUST_USE;
/* The reader's membership at the event (unsigned.membership). */
int view_membership_at(struct view *view, const struct event *event,
                       enum membership *ret_membership) MUST_USE;

/* The state that the reader may see: the current one, or the one in which they left. */
int64_t view_state(const struct view *view);
/* What a state says of who may read: 0, -1. */
int view_visibility(struct view *view, int64_t state, enum history_visibility *ret) MUST_USE;
/* What the caller knows to hold at an event, so that it is not looked up. */
void view_expect(struct view *view, const struct event *event,
                 const struct visibility_facts *facts);
int view_is_world_readable(struct view *view, bool *ret) MUST_USE;
/* An event of that state as a pdu: 1, 0, -1. */
int view_state_pdu(struct view *view, int64_t state, int64_t type, int64_t state_key,
                   const struct pdu **ret_pdu) MUST_USE;
/* The power levels of that state. */
int view_power(struct view *view, int64_t state, struct power *ret_power) MUST_USE;
int view_pdu(struct view *view, const struct event *event, struct pdu *ret_pdu) MUST_USE;

/* An event of this room by id that the reader may see: 1 (the caller unrefs), 0, -1. */
int view_find_event(struct view *view, struct str event_id, struct event **ret_event) MUST_USE;

/* The last edit of an event among those that the reader may see (the caller unrefs), or NULL. */
int view_find_edit(struct view *view, const struct event *event, struct event **ret_edit) MUST_USE;

/* ---- as clients get it ---- */

struct format {
    struct view *view;
    bool with_room_id; /* not in /sync */
    bool plain;        /* without bundled aggregations (an event inside one) */
    bool listed;       /* in a list of states, which may be long: unsigned holds age and
                          redacted_because, and what costs reads of other events is left out */
    bool inside;       /* a redaction inside what it redacted: says nothing of who redacted it, so
                          that a chain of redactions is no chain of events */
};

/* An event as a client sees it (client-server API, "ClientEvent"): slices of what is stored, plus
 * event_id and unsigned. Its bundled aggregations are in, when there are any (relations.h). */
int format_event(struct json_writer *out, const struct format *format,
                 const struct event *event) MUST_USE;
/* In the open "unsigned": transaction_id, when the reader's device sent it; m.relations, when there
 * are bundled aggregations (relations.c). */
void format_transaction_id(struct json_writer *out, struct view *view, const struct event *event);
/* And delay_id, when it was scheduled; in the form of the unstable prefix. */
int format_delay_id(struct json_writer *out, struct view *view, const struct event *event) MUST_USE;
int format_relations(struct json_writer *out, const struct format *format,
                     const struct event *event) MUST_USE;

/* sender, type, state_key, content only. */
int format_stripped(struct json_writer *out, struct view *view, const struct event *event) MUST_USE;

#endif
