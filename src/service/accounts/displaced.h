/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_DISPLACED_H
#define CHAPPE_SERVICE_ACCOUNTS_DISPLACED_H

/* Accounts whose address has no place here any more: its domain was taken from the map, belongs to
 * another server by now, or is one of externals while the account is an agent's. By
 * accounts.displaced they are barred (lock, the default: ACCOUNT_DISPLACED, which is to a person
 * what a locked account is) until the map has a place for them again, or only told in the log
 * (report). Whoever bars is the map, so a barred account is never opened by hand but by another
 * address (`chappe user email`) or another map.
 *
 * All addresses are looked at whenever the map in force is another one, and at start, in pieces, by
 * one node; what changes leaves a row in the audit table. Without a map of the operator's
 * (`domains`) nothing is done. */

#include "service/use.h"

/* The background's part. Zeroed at the start. */
struct displaced_walk {
    int64_t serial; /* of the map that was walked last (identity_serial) */
    int64_t after;  /* the last user looked at */
};
void displaced_work(struct displaced_walk *walk, struct server *server);

#endif
