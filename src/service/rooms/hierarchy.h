/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_HIERARCHY_H
#define CHAPPE_SERVICE_ROOMS_HIERARCHY_H

/* A space and the rooms in it, as somebody who might join them is shown them (client-server API,
 * "Querying rooms within spaces"): depth first, each room once, in pages. Rooms that the caller may
 * not know of are left out, with all that is below them. */

#include "service/use.h"
#include "json/write.h"

/* How deep, and how many rooms of one space. */
#define HIERARCHY_DEPTH_MAX 20
#define HIERARCHY_ROOMS_MAX 2000
#define HIERARCHY_PAGE_MAX  50

struct hierarchy_query {
    struct str room_id;
    struct str from; /* a token of ours; STR_NONE: from the start */
    size_t limit;
    int64_t max_depth;
    bool suggested_only;
};

/* {"rooms":[…],"next_batch":…}; 403 M_FORBIDDEN when the space is not there for the caller. */
int hierarchy_write(struct use *use, const struct hierarchy_query *query,
                    struct json_writer *out) MUST_USE;

#endif
