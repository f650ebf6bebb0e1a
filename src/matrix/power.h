/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_POWER_H
#define CHAPPE_MATRIX_POWER_H

/* Power levels of a room (client-server API, m.room.power_levels; room version 12, "creators").
 * A struct power is a view of two state events, either of which may be absent; it needs no release
 * and is cheap to make. Levels that are absent or malformed have the specification's default. */

#include <stdbool.h>
#include <stdint.h>

#include "matrix/pdu.h"

/* Above any level that can be written (2^53-1): the creators of version 12. */
#define POWER_INFINITE INT64_MAX

enum power_action { POWER_INVITE, POWER_KICK, POWER_BAN, POWER_REDACT };

struct power {
    const struct room_version *version;
    const struct pdu *create;   /* NULL: no creator has a say */
    const struct json *content; /* of m.room.power_levels; NULL: defaults */
};

void power_init(struct power *ret_power, const struct room_version *version,
                const struct pdu *create, const struct pdu *power_levels);

/* A user's level: POWER_INFINITE for creators of v12; without m.room.power_levels, 100 for the
 * creator before v12. */
int64_t power_of_user(const struct power *power, struct str user_id);

/* What sending an event of that type takes. */
int64_t power_to_send(const struct power *power, struct str type, bool is_state);
int64_t power_to(const struct power *power, enum power_action action);
/* What `@room` and its like take: content.notifications, 50 by default. */
int64_t power_to_notify(const struct power *power, struct str key);

bool power_can_send(const struct power *power, struct str user_id, struct str type, bool is_state);
bool power_can(const struct power *power, struct str user_id, enum power_action action);

/* One level: an integer, or before version 10 also a string that is one. 0, or -1. */
int power_level_parse(const struct room_version *version, const struct json *value,
                      int64_t *ret_level) MUST_USE;

/* The shape of a new m.room.power_levels content (v12 auth 10.1 to 10.4; v10 auth 9.1 to 9.3; v3
 * auth 10.1). -1: 403 M_FORBIDDEN, the rule in the detail. */
int power_check_content(const struct room_version *version, const struct pdu *create,
                        const struct json *content, struct err *err) MUST_USE;

/* May `sender` replace the current levels by new ones? (v12 auth 10.6 to 10.10.) Both contents are
 * objects; power is the current one. -1: 403 M_FORBIDDEN. */
int power_check_change(const struct power *power, const struct json *content, struct str sender,
                       struct err *err) MUST_USE;

#endif
