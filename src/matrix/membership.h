/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_MEMBERSHIP_H
#define CHAPPE_MATRIX_MEMBERSHIP_H

/* content.membership of m.room.member (client-server API, m.room.member). The numbers may be
 * stored. */

#include "base/str.h"

enum membership {
    MEMBERSHIP_NONE = 0, /* no member event, or a word that is not known */
    MEMBERSHIP_INVITE = 1,
    MEMBERSHIP_JOIN = 2,
    MEMBERSHIP_LEAVE = 3,
    MEMBERSHIP_BAN = 4,
    MEMBERSHIP_KNOCK = 5,
};

enum membership membership_parse(struct str word);
struct str membership_format(enum membership membership); /* "leave" for MEMBERSHIP_NONE */

#endif
