/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MAIL_DROP_H
#define CHAPPE_SERVICE_MAIL_DROP_H

/* The file transport: a directory of the operator's, mode 0700, into which each mail is put as
 * ID.eml, whole or not at all. A mail written again replaces its file. */

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

/* Makes the directory when it is absent. The path is terminated. */
int drop_open(struct str directory, struct err *err) MUST_USE;
int drop_write(struct str directory, int64_t id, struct str message, struct err *err) MUST_USE;

#endif
