/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_INTEREST_H
#define CHAPPE_SERVICE_APPSERVICE_INTEREST_H

/* Which events concern an application service (application service API, "Registration"): those of
 * a room that is in one of its namespaces, by id or alias; of a room in which one of its users is;
 * and those that one of its users sent or is the target of. Membership is that at the event,
 * however late the service is told: what was said before one of its users came is none of its. What
 * was found of a room is remembered until the log says that one of its users moved there, so its
 * owner, one thread, says when it looks with a new snapshot (interest_begin), shows it every entry
 * of the log in order (interest_see), says when that was all of them (interest_settle), and forgets
 * all when it has missed some. */

#include "base/map.h"
#include "service/appservice/registration.h"
#include "service/use.h"
#include "store/event.h"

struct interest {
    const struct appservice *as;
    struct int_map rooms; /* room → whether one of its own is there: see joined */
    struct int_map users; /* user → whether it is one of its own */
    struct int_map named; /* room → whether it is in a namespace, as of the snapshot */
    bool settled;
};

void interest_init(struct interest *interest, const struct appservice *as);
void interest_done(struct interest *interest);
void interest_forget(struct interest *interest);

void interest_begin(struct interest *interest);
int interest_see(struct interest *interest, struct use *use,
                 const struct log_entry *entry) MUST_USE;
/* From here on rooms are asked for at the snapshot's head alone. */
void interest_settle(struct interest *interest);

/* All 1, 0, -1. */
int interest_has_user(struct interest *interest, struct use *use, int64_t user) MUST_USE;
/* At a position, by who is there and has not moved since. */
int interest_has_room(struct interest *interest, struct use *use, int64_t room,
                      int64_t pos) MUST_USE;
/* One of its users is there, as of the use's snapshot: whatever is remembered of the log. */
int interest_is_in_room(struct interest *interest, struct use *use, int64_t room) MUST_USE;
int interest_has_event(struct interest *interest, struct use *use,
                       const struct event *event) MUST_USE;
/* Itself one of its own, or now in a room that concerns it; once it is settled. */
int interest_meets_user(struct interest *interest, struct use *use, int64_t user) MUST_USE;

#endif
