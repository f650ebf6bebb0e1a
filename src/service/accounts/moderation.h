/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_MODERATION_H
#define CHAPPE_SERVICE_ACCOUNTS_MODERATION_H

/* What administrators may ask about other accounts, and do to them, through the client-server API
 * ("Server administration"). That the caller is one has been checked before. */

#include "service/use.h"
#include "store/account.h"

/* 400 M_INVALID_PARAM: not of this server; 404 M_NOT_FOUND: unknown or closed; 403 M_FORBIDDEN:
 * another administrator's. */
int moderation_get(struct use *use, struct str user_id, struct account *ret_account) MUST_USE;

/* Sets or clears ACCOUNT_LOCKED or ACCOUNT_SUSPENDED; nobody does it to themselves (403). */
int moderation_set(struct use *use, struct str user_id, int64_t flag, bool on) MUST_USE;

#endif
