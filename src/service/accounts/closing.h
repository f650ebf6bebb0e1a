/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_CLOSING_H
#define CHAPPE_SERVICE_ACCOUNTS_CLOSING_H

/* Closing an account (client-server API, "Deactivation"): it can never be used again, its local
 * part is never given out again, its devices, keys and pushers go, and it leaves its rooms, each by
 * an event of its own. With erase, profile and account data go too. Where it is the last
 * administrator a successor is promoted before it is closed (rooms/succession.h); invitations that
 * wait for its address end. The rooms are left by a background task that survives a restart: closed
 * accounts that are still in rooms are found at start. */

#include "service/use.h"

/* USE_DONE, USE_WAIT, -1. */
int accounts_deactivate(struct use *use, int64_t user, bool erase, struct str uia_session) MUST_USE;

/* The background's part of it. */
void accounts_leave_rooms(struct server *server);

#endif
