/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_DIRECTORY_PEOPLE_H
#define CHAPPE_SERVICE_DIRECTORY_PEOPLE_H

/* POST /user_directory/search (client-server API, "User Directory"): who is found, and in which
 * order, is docs/design/directory.md. */

#include "service/use.h"
#include "store/account.h"
#include "json/write.h"

/* Writes {"results": […], "limited": …}. */
int people_search(struct use *use, struct str term, int64_t limit,
                  struct json_writer *out) MUST_USE;

/* Whether a search may show an account: not closed, not past its end, not on the red list. */
bool people_may_be_found(struct use *use, const struct account *account);
/* One result. */
void people_write(struct json_writer *out, struct str user_id, const struct account *account);
/* "org.chappe.external" and "org.chappe.organisation", of an account that has an organisation. */
void people_write_organisation(struct json_writer *out, const struct account *account);

#endif
