/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_ARRIVAL_H
#define CHAPPE_SERVICE_ROOMS_ARRIVAL_H

/* Invitations by address whose address has an account now become real ones, in the name of who
 * invited (client-server API, "Third-party invites"): the job that made the account took them, and
 * they are found in the store, so that a restart forgets none. Those that expired are taken back in
 * their rooms. */

struct server;

/* Tasks of service/background.h: a bounded piece each. */
void rooms_take_in(struct server *server);
void rooms_take_back(struct server *server);

#endif
