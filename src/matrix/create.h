/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_CREATE_H
#define CHAPPE_MATRIX_CREATE_H

/* What a room's m.room.create event says of the room. `create` may be NULL: then nothing. */

#include <stdbool.h>

#include "matrix/pdu.h"

/* The room version that content names; "1" when it names none, as the specification says. NULL:
 * unknown, unsupported or not a string. */
const struct room_version *create_version(const struct json *content);

/* The creator that the join rule knows: the sender from version 11 on, content.creator before.
 * STR_NONE when there is none. */
struct str create_creator(const struct pdu *create);

/* v12: the sender and content.additional_creators have infinite power. False before v12. */
bool create_is_privileged(const struct pdu *create, struct str user_id);

/* One of those is a key of the object. Costs the number of creators, not of keys: both come from
 * outside, and their product may not be walked. */
bool create_has_privileged_key(const struct pdu *create, const struct json *object);

/* content.m.federate is not false. */
bool create_federates(const struct pdu *create);

#endif
