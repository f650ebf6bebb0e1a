/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_PUBLISHED_H
#define CHAPPE_SERVICE_ROOMS_PUBLISHED_H

/* The rooms that this server's directory lists, in pages, the largest first (client-server API,
 * "Published room directory"). */

#include "service/use.h"
#include "json/doc.h"
#include "json/write.h"

struct published_query {
    /* Words, each a part of a name, topic, alias or theme, folded (crypto/fold.h); STR_NONE. */
    struct str term;
    struct str instance;           /* the list of that third-party network; STR_NONE: our own */
    bool all_networks;             /* our own, and those of all networks; with no instance */
    struct str theme;              /* that theme alone; STR_NONE: all */
    const struct json *room_types; /* array of types and null; NULL: all */
    struct str since;              /* a token of ours; STR_NONE: from the start */
    size_t limit;
};

/* {"chunk":[…],"next_batch":…} */
int published_write(struct use *use, const struct published_query *query,
                    struct json_writer *out) MUST_USE;

#endif
