/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_TURN_H
#define CHAPPE_SERVICE_ACCOUNTS_TURN_H

/* Credentials of the operator's TURN servers (client-server API, "Voice over IP"), which share a
 * secret with this one (coturn: use-auth-secret). The user name holds the end of its life, the
 * password is its HMAC-SHA1: draft-uberti-behave-turn-rest-00. */

#include "service/use.h"

struct turn_credentials {
    struct str username, password;
    int64_t ttl_s;
};

/* For the caller: 1; 0 there are no TURN servers. In the arena. */
int turn_make_credentials(struct use *use, struct turn_credentials *ret_credentials);

#endif
