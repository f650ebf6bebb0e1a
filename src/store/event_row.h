/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_EVENT_ROW_H
#define CHAPPE_STORE_EVENT_ROW_H

/* How an event becomes a row and back, for the event_*.c files. */

#include "store/event.h"
#include "store/private.h"

/* Where the members are in the JSON, as a short string of bytes. */
struct str event_members_encode(const struct event *event, struct arena *arena);
/* -1: these are not the places of members of that JSON. */
int event_members_decode(struct str encoded, struct str json,
                         struct event_members *ret_members) MUST_USE;

/* As event_load, from the row whatever the cache holds. */
int event_load_stored(struct read *r, int64_t id, struct event **ret_event,
                      struct err *err) MUST_USE;

#endif
