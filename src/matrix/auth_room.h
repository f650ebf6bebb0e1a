/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_AUTH_ROOM_H
#define CHAPPE_MATRIX_AUTH_ROOM_H

/* What the rules know while they look at one event. For src/matrix only. */

#include "matrix/auth.h"
#include "matrix/member.h"
#include "matrix/power.h"

struct auth_room {
    const struct auth_input *input;
    const struct room_version *version;
    const struct pdu *event;
    const struct pdu *create; /* never NULL, once loaded */
    const struct pdu *power_levels;
    struct power power;
    enum membership sender; /* membership of the sender */
    int64_t level;          /* power of the sender */
};

/* The event at a key, or NULL in *ret_event. -1: the lookup failed. */
int auth_room_find(const struct auth_room *room, struct str type, struct str state_key,
                   const struct pdu **ret_event, struct err *err) MUST_USE;
int auth_room_membership(const struct auth_room *room, struct str user_id,
                         enum membership *ret_membership, struct err *err) MUST_USE;

/* What comes after the first ':' of a user or room id. */
struct str auth_domain(struct str id);

/* v12 auth 5: 0 allowed, -1. */
int auth_check_member(const struct auth_room *room, struct err *err) MUST_USE;
/* v12 auth 5.4.1 */
int auth_check_third_party(const struct auth_room *room, const struct json *invite,
                           enum membership target, struct err *err) MUST_USE;

#endif
