/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_NETWORK_ROOM_H
#define CHAPPE_STORE_NETWORK_ROOM_H

/* The rooms that application services list for the third-party networks they bridge (application
 * service API, "Application service room directories"), apart from this server's own list. */

#include "store/alias.h"

/* instance: which network of which service. */
int network_room_set(struct write *w, struct str instance, int64_t room, bool listed,
                     struct err *err) MUST_USE;
/* As directory_list. */
int network_room_list(struct read *r, struct str instance, const struct listed_room *after,
                      size_t limit, struct arena *arena, struct listed_room **ret_rooms,
                      size_t *ret_n, struct err *err) MUST_USE;
/* Those of all instances, each once. */
int network_room_list_all(struct read *r, const struct listed_room *after, size_t limit,
                          struct arena *arena, struct listed_room **ret_rooms, size_t *ret_n,
                          struct err *err) MUST_USE;

#endif
