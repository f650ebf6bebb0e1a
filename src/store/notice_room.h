/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_NOTICE_ROOM_H
#define CHAPPE_STORE_NOTICE_ROOM_H

/* The one room of server notices of each user who was sent one (client-server API, "Server
 * Notices"). */

#include "store/store.h"

/* ERR_KIND_MOVED when the user has one. */
int notice_room_insert(struct write *w, int64_t user, int64_t room, struct err *err) MUST_USE;
/* 1, 0, -1. */
int notice_room_find(struct read *r, int64_t user, int64_t *ret_room, struct err *err) MUST_USE;

#endif
