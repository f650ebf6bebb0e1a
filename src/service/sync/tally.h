/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_TALLY_H
#define CHAPPE_SERVICE_SYNC_TALLY_H

/* What there is to count in a room, as all its readers share it: the places of the events that
 * notify everybody alike, so that a count is two searches instead of a walk, and the marks of those
 * that must be looked at one by one. It holds for a reader with the server's rules who ignores
 * nobody. Immutable; shared by references, any thread. docs/design/unread.md. */

#include "base/map.h"
#include "base/vec.h"
#include "service/use.h"
#include "store/event.h"

struct tally {
    int refs;                       /* atomic */
    int64_t floor, upto;            /* places: it speaks of the events after floor, up to upto */
    bool is_shared;                 /* false: there are events that nobody has judged: walk */
    VEC(int64_t) notify, highlight; /* places, oldest first */
    VEC(struct event_mark) special; /* newest first: personal ones, those in threads, states */
    struct int_map said; /* sender → place of their last message outside threads, as a pointer */
};

/* Of the events of the room after `floor` up to end_place, but no more than are ever counted
 * (LIMIT_UNREAD_COUNTED, LIMIT_UNREAD_JUDGED). The caller unrefs. */
int tally_load(struct use *use, int64_t room, int64_t floor, int64_t end_place,
               struct tally **ret_tally) MUST_USE;
struct tally *tally_ref(struct tally *tally) MUST_USE;
void tally_unref(struct tally *tally); /* NULL is allowed */

struct tally_counts {
    int64_t notify, highlight;
};
/* Those after a place that are not special. */
struct tally_counts tally_after(const struct tally *tally, int64_t place);
/* Where the user last said something outside threads; INT64_MIN: not in what it speaks of. */
int64_t tally_said(const struct tally *tally, int64_t user);

#endif
