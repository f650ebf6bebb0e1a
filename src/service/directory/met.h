/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_DIRECTORY_MET_H
#define CHAPPE_SERVICE_DIRECTORY_MET_H

/* The search for people where accounts are not those of an administration (registration.mode is not
 * email): among whom the caller shares a room with, and those of rooms that anybody may join or
 * read (client-server API, "User directory"). So many of both, the newest open ones, are looked at.
 */

#include "service/use.h"
#include "json/write.h"

/* Writes at most `limit` results into an array that is open. The term is found in a part of the
 * user id or the display name, whatever the case. */
int met_search(struct use *use, struct str term, int64_t limit, struct json_writer *out,
               bool *ret_limited) MUST_USE;

#endif
