/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_MEMBER_H
#define CHAPPE_MATRIX_MEMBER_H

/* What m.room.member and m.room.join_rules events say, as values. */

#include "base/str.h"
#include "matrix/membership.h"
#include "matrix/pdu.h"

/* Of an m.room.member event; NULL, or a membership that is not known: MEMBERSHIP_NONE. */
enum membership membership_of(const struct pdu *member);

enum join_rule {
    JOIN_RULE_INVITE, /* also when there is no m.room.join_rules event */
    JOIN_RULE_PUBLIC,
    JOIN_RULE_KNOCK,
    JOIN_RULE_RESTRICTED,
    JOIN_RULE_KNOCK_RESTRICTED,
    JOIN_RULE_PRIVATE,
    JOIN_RULE_UNKNOWN, /* any other text, or one that the version does not have: nobody joins */
};

/* Of an m.room.join_rules event, or NULL. */
enum join_rule join_rule_of(const struct room_version *version, const struct pdu *join_rules);
struct str join_rule_text(enum join_rule rule);

#endif
