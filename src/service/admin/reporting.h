/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ADMIN_REPORTING_H
#define CHAPPE_SERVICE_ADMIN_REPORTING_H

/* Reporting content (client-server API, "Reporting Content"). An event needs its reader; of a room
 * or a user nobody is told whether they exist: a report of what is not there is taken, and kept
 * nowhere. */

#include "service/use.h"

int reporting_event(struct use *use, struct str room_id, struct str event_id,
                    struct str reason) MUST_USE;
int reporting_room(struct use *use, struct str room_id, struct str reason) MUST_USE;
int reporting_user(struct use *use, struct str user_id, struct str reason) MUST_USE;

#endif
