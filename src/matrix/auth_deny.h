/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_AUTH_DENY_H
#define CHAPPE_MATRIX_AUTH_DENY_H

/* How a rule says no. For src/matrix only. */

#include "base/err.h"

/* Fills err with 403 M_FORBIDDEN, the text for the client and the rule for the log; -1. */
int auth_deny(struct err *err, const char *rule, const char *text);

#endif
