/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_PASSWORDS_H
#define CHAPPE_SERVICE_ACCOUNTS_PASSWORDS_H

/* A piece of password work for a use case: on the pool when there is an exchange (USE_WAIT until it
 * is done), at once without one. */

#include "service/accounts/password_task.h"
#include "service/use.h"

int passwords_run(struct use *use, enum password_work work, struct str password, struct str hash,
                  struct password_task **ret_task) MUST_USE;

/* The hash of a new password, kept over reruns. USE_WAIT. */
int accounts_hash_password(struct use *use, struct str password, struct str *ret_hash) MUST_USE;

#endif
