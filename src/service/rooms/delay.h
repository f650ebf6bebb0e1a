/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_DELAY_H
#define CHAPPE_SERVICE_ROOMS_DELAY_H

/* Delayed events (MSC4140; docs/design/delayed-events.md): sent later, for whoever scheduled them,
 * unless they are cancelled before. Whether they may be sent is decided when they are. All return
 * USE_DONE or USE_FAILED unless they say otherwise. */

#include "service/rooms/send.h"
#include "service/use.h"
#include "store/delayed.h"
#include "json/write.h"

/* The caller, who is in the room, schedules an event; the sending's own txn is what the request is
 * known by. *ret_delay_id is in the arena. 400 M_MAX_DELAY_EXCEEDED beyond delayed_events.max_delay
 * (err.number is what it may be), 429 when as many as allowed are scheduled. */
int rooms_delay(struct use *use, const struct sending *sending, int64_t delay_ms,
                struct str *ret_delay_id) MUST_USE;

enum delay_action { DELAY_SEND, DELAY_CANCEL, DELAY_RESTART };
/* Whoever knows the delay id may. What came to pass already is done; 404 when there is none, 409
 * when the contrary came to pass. Sending it now fails as sending it would, and it stays scheduled.
 */
int rooms_delay_act(struct use *use, struct str delay_id, enum delay_action action) MUST_USE;

/* One of the caller's own, as an object; 404. */
int rooms_delay_write(struct use *use, struct str delay_id, struct json_writer *out) MUST_USE;

/* One as its owner is shown it (delay_list.c). */
int delay_format(struct use *use, const struct delayed *delayed, struct json_writer *out) MUST_USE;

/* The parameters of the list, as they came; STR_NONE: absent. */
struct delay_query {
    struct str order_by, dir, from, since_ts, status, room_id, type, outcome, reason;
};
/* The caller's own: {"delayed_events": […], …}. 400 M_INVALID_PARAM. */
int rooms_delay_list(struct use *use, const struct delay_query *query,
                     struct json_writer *out) MUST_USE;

/* Its time has come: it is sent as its owner, who must still be allowed to do anything here. For
 * timers.h; a use without a caller. After USE_FAILED with ERR_KIND_CLIENT below 500, but for 429,
 * it is to end as failed (rooms_delay_fail). */
int rooms_delay_fire(struct use *use, const struct delayed *delayed) MUST_USE;
int rooms_delay_fail(struct use *use, const struct delayed *delayed,
                     const struct err *why) MUST_USE;

#endif
