/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_ROOM_VERSION_H
#define CHAPPE_MATRIX_ROOM_VERSION_H

/* What differs between room versions (specification, "Room versions"), as data: code asks for a
 * feature, never for a number. Versions 3 to 12 are supported; 1 and 2, whose events have another
 * shape, are not. The table is constant. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "crypto/base64.h"

/* What a redaction keeps in content, each on top of the one before. */
enum redaction_rules {
    REDACTION_RULES_V1,  /* 3 to 5: keeps the aliases of m.room.aliases */
    REDACTION_RULES_V6,  /* 6, 7: that is gone */
    REDACTION_RULES_V8,  /* 8: join_rules keeps allow */
    REDACTION_RULES_V9,  /* 9, 10: member keeps join_authorised_via_users_server */
    REDACTION_RULES_V11, /* 11, 12 */
};

enum state_resolution {
    STATE_RESOLUTION_2,
    STATE_RESOLUTION_2_1, /* 12 */
};

struct room_version {
    struct str name;
    int number; /* for texts and tests; no decision hangs on it */
    enum base64_alphabet event_id_alphabet;
    enum redaction_rules redaction;
    enum state_resolution state_resolution;
    bool aliases_rule;        /* 3 to 5: m.room.aliases is authorised by its own rule */
    bool power_notifications; /* 6: changes of notifications are authorised */
    bool strict_json;         /* 6: canonical JSON is enforced */
    bool knock;               /* 7 */
    bool restricted;          /* 8: join rule and join_authorised_via_users_server */
    bool knock_restricted;    /* 10 */
    bool integer_power;       /* 10: power levels in strings are refused */
    bool redacts_in_content;  /* 11 */
    bool creator_is_sender;   /* 11: content.creator is gone */
    bool room_id_is_hash;     /* 12: and create is no auth event */
    bool privileged_creators; /* 12 */
};

/* NULL: unknown or unsupported. */
const struct room_version *room_version_find(struct str name);
const struct room_version *room_version_default(void); /* 12 */

/* All of them, oldest first. */
const struct room_version *room_version_list(size_t *ret_n);

/* The grammar of any version's name: 1 to 32 of [a-z0-9.-]. */
bool room_version_name_is_valid(struct str name);

#endif
