/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_SEND_H
#define CHAPPE_SERVICE_ROOMS_SEND_H

/* Sending into a room: messages, state and redactions (client-server API, "Sending events to a
 * room" and "Redactions"). The caller of the use is the sender. All return USE_DONE or USE_FAILED;
 * the event id is in the arena. */

#include "service/use.h"
#include "json/doc.h"

struct delayed; /* store/delayed.h */

struct sending {
    struct str room_id, type;
    struct str state_key;       /* STR_NONE: a message */
    struct str txn;             /* STR_NONE: none (state) */
    const struct json *content; /* an object */
    int64_t origin_server_ts;   /* 0: now */
    struct delayed *delayed;    /* ends as said there, in the same job; NULL: not of one */
};

/* A message or a state event. The same transaction id from the same device gives the same event id,
 * also after a restart. State that says what stands already is not sent again. A message of type
 * m.room.redaction is a redaction of content.redacts. */
int rooms_send(struct use *use, const struct sending *sending, struct str *ret_event_id) MUST_USE;

/* The bounds on the sizes of type, state key and transaction id: 0, -1. */
int rooms_check_sizes(struct use *use, const struct sending *sending) MUST_USE;

struct redacting {
    struct str room_id, target;
    struct str reason; /* STR_NONE: none */
    struct str txn;
    struct delayed *delayed; /* as in struct sending */
};

/* 403 when the target is another's and the caller may not redact; 404 when
 * it is not in the room. */
int rooms_redact(struct use *use, const struct redacting *redacting,
                 struct str *ret_event_id) MUST_USE;

#endif
