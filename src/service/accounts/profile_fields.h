/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_PROFILE_FIELDS_H
#define CHAPPE_SERVICE_ACCOUNTS_PROFILE_FIELDS_H

/* What people add to their profiles themselves (client-server API, "Profiles"): m.tz and fields of
 * a namespace, any JSON. Names under "org.chappe." are the server's own and are refused, so that
 * nobody writes an organisation into their profile. */

#include "service/use.h"
#include "store/profile_field.h"
#include "json/doc.h"

/* Of a user whose profile was loaded. */
int profile_fields_load(struct use *use, int64_t user, struct profile_field_row **ret_rows,
                        size_t *ret_n) MUST_USE;
/* Of the caller. 400 M_INVALID_PARAM, M_KEY_TOO_LARGE, M_PROFILE_TOO_LARGE; 403 for the server's
 * own. */
int profile_fields_set(struct use *use, struct str key, struct str value) MUST_USE;
int profile_fields_unset(struct use *use, struct str key) MUST_USE;

#endif
