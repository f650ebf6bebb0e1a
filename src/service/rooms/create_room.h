/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_CREATE_ROOM_H
#define CHAPPE_SERVICE_ROOMS_CREATE_ROOM_H

/* Creating a room (client-server API, "Creation"): all its first events in one change. */

#include "service/rooms/change.h"
#include "json/doc.h"

/* The body of createRoom; what is absent is STR_NONE or NULL. */
struct new_room {
    struct str visibility, room_alias_name, name, topic, preset, room_version;
    const struct json *invite;           /* array of user ids */
    const struct json *invite_3pid;      /* array of medium and address */
    const struct json *initial_state;    /* array of state events */
    const struct json *creation_content; /* object */
    const struct json *power_level_content_override;
    bool is_direct;
    struct str message; /* content of a first m.room.message, JSON text */
    int64_t notices_of; /* a user who is sent server notices there (notices.h); 0: nobody's */
    struct str own_url; /* where clients reach this server: for the mails of invite_3pid */
};

/* USE_DONE: *ret_room_id is in the arena. */
int rooms_create(struct use *use, const struct new_room *new_room,
                 struct str *ret_room_id) MUST_USE;

/* Decides a state event of the caller's within a change; content is JSON text. */
int change_state(struct change *change, struct str type, struct str state_key,
                 struct str content) MUST_USE;

/* The default m.room.power_levels of a new room. creators: users with level 100 where the version
 * has no creators of its own. */
struct str default_power_levels(struct use *use, const struct room_version *version,
                                const struct str *admins, size_t n_admins,
                                const struct json *override);

/* {"key":"value"} in the arena. */
struct str content_of_one(struct use *use, struct str key, struct str value);

#endif
