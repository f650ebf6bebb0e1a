/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_AUTH_H
#define CHAPPE_MATRIX_AUTH_H

/* The authorisation rules of room versions 3 to 12 (specification, "Room versions").
 *
 * Pure: the same event and state give the same answer on every server, which is what keeps rooms
 * whole. Signatures are checked before (pdu.h); here only the presence of the second signature of
 * a restricted join is. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "matrix/pdu.h"

/* Where the rules find the state they ask for: a callback, as state lives in many forms. 1: found,
 * the event in *ret_event, which lives until auth_check returns; 0: absent; -1: err is filled, and
 * passed on. Asked only for keys that auth_needs names. */
struct auth_state {
    int (*find)(void *context, struct str type, struct str state_key, const struct pdu **ret_event,
                struct err *err);
    void *context;
};

/* A state that is a few events in an array: auth events, tests. */
struct auth_list {
    const struct pdu *const *events;
    size_t n;
};
struct auth_state auth_state_of_list(const struct auth_list *list);

struct auth_input {
    const struct room_version *version;
    const struct pdu *event;
    struct auth_state state; /* the keys of auth_needs, in the state before it */
    bool is_template; /* not signed yet (make_join): the presence of signatures is not asked */
};

/* All rules but those on the event's own auth_events (auth_check_cited). -1: 403 M_FORBIDDEN, the
 * text says why and the detail names the rule ("v12 auth 5.3.2"; by its number in version 12, or in
 * the last version that had it). */
int auth_check(const struct auth_input *input, struct err *err) MUST_USE;

/* An event named in auth_events, and whether it was itself rejected. */
struct auth_cited {
    const struct pdu *event;
    bool rejected;
};

/* The rules on auth_events (v12 auth 3, v3 auth 2): duplicates, entries that auth_select does not
 * name, rejected ones, another room's, a missing m.room.create (before version 12), any
 * m.room.create (version 12). cited[i] is the event of event->auth_events[i]. */
int auth_check_cited(const struct pdu *event, const struct auth_cited *cited,
                     struct err *err) MUST_USE;

/* Server-server API, "Auth events selection": the keys of the state events that an event cites in
 * its auth_events, of which those present are cited. Create events cite none. Works on an event
 * that is not built yet. Returns how many; no key twice. */
#define AUTH_SELECT_MAX 7
struct auth_key {
    struct str type, state_key;
};
struct auth_subject {
    struct str type, sender, state_key; /* state_key STR_NONE: not a state event */
    const struct json *content;
};
size_t auth_select(const struct room_version *version, const struct auth_subject *subject,
                   struct auth_key ret_keys[AUTH_SELECT_MAX]);

/* What auth_check looks up: the same, and m.room.create also in version 12. */
size_t auth_needs(const struct room_version *version, const struct auth_subject *subject,
                  struct auth_key ret_keys[AUTH_SELECT_MAX]);

/* Handling redactions (rooms v3): may this m.room.redaction, once allowed into the room, be applied
 * to its target? The sender has the redact level, or sender and target's sender are of the same
 * server; and both are in the same room. 1 yes, 0 no, -1 when a lookup fails. */
int auth_may_redact(const struct auth_state *state, const struct pdu *redaction,
                    const struct pdu *target, struct err *err) MUST_USE;

#endif
