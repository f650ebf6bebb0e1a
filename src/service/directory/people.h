/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_DIRECTORY_PEOPLE_H
#define CHAPPE_SERVICE_DIRECTORY_PEOPLE_H

/* POST /user_directory/search (client-server API, "User Directory"). */

#include "service/use.h"
#include "json/write.h"

/* Writes {"results": […], "limited": …}. The term is found in a part of the user id or the display
 * name, whatever the case. */
int people_search(struct use *use, struct str term, int64_t limit,
                  struct json_writer *out) MUST_USE;

#endif
