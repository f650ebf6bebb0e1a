/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_WELCOME_H
#define CHAPPE_SERVICE_ROOMS_WELCOME_H

/* The forum « Bienvenue » of the demonstration: docs/design/room-rules.md, "The forum of the
 * demonstration". */

#include "base/err.h"

struct server;

/* Makes the forum and its owner, @chappe:NAME, unless its alias #bienvenue:NAME leads somewhere
 * already. Nothing outside the demonstration. To be called at start, before requests are taken;
 * waits for its jobs. 0: also when the name of the owner or the alias is somebody else's, which is
 * said in the log; -1: the store's fault. */
int rooms_welcome(struct server *server, struct err *err) MUST_USE;

#endif
