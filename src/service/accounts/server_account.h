/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_SERVER_ACCOUNT_H
#define CHAPPE_SERVICE_ACCOUNTS_SERVER_ACCOUNT_H

/* Accounts that the server itself speaks through (welcome.h, notices.h): without a password and
 * without an address, so that nobody signs in to them, and on the red list. For uses without an
 * exchange. */

#include "service/use.h"

/* Makes it unless there is an account of that name. 0, -1. */
int server_account_make(struct use *use, struct str localpart, struct str display_name) MUST_USE;
/* The use acts as it from here on, in a snapshot that sees it. 400 M_USER_IN_USE when it is
 * somebody's. */
int server_account_become(struct use *use, struct str localpart) MUST_USE;

#endif
