/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_PREVIEWS_H
#define CHAPPE_SERVICE_MEDIA_PREVIEWS_H

/* Previews of links (client-server API, "Content repository"; docs/design/previews.md), where the
 * operator wants them (previews: on): what a page says of itself, for hosts of previews.hosts. The
 * page and its image are fetched through the one way out and read in the cage (preview_image.h).
 * What was found, also that nothing was, is remembered for an hour, in memory. */

#include "service/use.h"
#include "json/write.h"

struct previews;

struct previews *previews_new(void);
void previews_free(struct previews *previews); /* NULL is allowed */

/* Writes the object. USE_WAIT while it is fetched. USE_FAILED: 404 M_UNRECOGNIZED while previews
 * are off, 400 M_MISSING_PARAM, 403 M_FORBIDDEN for an address that is not looked at, 502 M_UNKNOWN
 * when nothing could be had of it. */
int preview_look(struct use *use, struct str url, struct json_writer *out) MUST_USE;

#endif
