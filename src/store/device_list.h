/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_DEVICE_LIST_H
#define CHAPPE_STORE_DEVICE_LIST_H

/* Whose devices changed, as their readers must learn it (client-server API, "Tracking the device
 * list for a user"). A change is one row of the log for each encrypted room its user has joined
 * (LOG_KIND_DEVICE_LIST, room, user), and one with room 0 for the user alone; nothing is written
 * per member. Who starts or stops to share an encrypted room is a row of that room too. A reader
 * takes the rows of the encrypted rooms joined now, and of those left since.
 * docs/design/device-lists.md tells the whole. */

#include "store/store.h"

/* What LOG_KIND_DEVICE_LIST rows carry as ref, beside a device. (With room 0, a negative one names
 * whom the user has signed.) */
#define DEVICE_LIST_KEYS      0    /* keys, signatures or names of the user */
#define DEVICE_LIST_JOINED    (-1) /* the user joined that encrypted room */
#define DEVICE_LIST_LEFT      (-2) /* the user was in that encrypted room, and is not any more */
#define DEVICE_LIST_ENCRYPTED (-3) /* the room became encrypted; user 0 */

/* Something others see of a user's devices or cross-signing keys has changed. Reads in the job. */
int device_list_changed(struct write *w, int64_t user, int64_t device, struct err *err) MUST_USE;
/* `user` has signed a key of `target`: nobody else sees it than the other devices of `user`, which
 * are told that `target` has changed. */
int device_list_signed(struct write *w, int64_t user, int64_t target, struct err *err) MUST_USE;
/* Of an encrypted room: what is one of DEVICE_LIST_JOINED, _LEFT and _ENCRYPTED. Called by the job
 * that writes the membership (or the encryption). */
int device_list_room_changed(struct write *w, int64_t room, int64_t user, int64_t what,
                             struct err *err) MUST_USE;

struct device_list_changes {
    int64_t *changed; /* users (names) whose keys the reader should ask again, sorted */
    size_t n_changed;
    int64_t *left; /* users with whom the reader shares no encrypted room any more, sorted */
    size_t n_left;
};

/* For the reader `user`, of what is in the log with after < pos <= upto. The reader is among
 * `changed` when his own devices changed. Costs little when nothing did. */
int device_list_changes(struct read *r, int64_t user, int64_t after, int64_t upto,
                        struct arena *arena, struct device_list_changes *ret_changes,
                        struct err *err) MUST_USE;

#endif
