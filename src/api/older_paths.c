/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/routes.h"

/* Paths that deployed clients still use for routes that have others now: those of before v1.1, and
 * of proposals as they were before the specification took them in (versions.c says which). */
static const struct http_alias aliases[] = {
    {"/_matrix/client/r0/", "/_matrix/client/v3/"},
    {"/_matrix/media/r0/", "/_matrix/media/v3/"},
    {"/_matrix/media/v1/", "/_matrix/media/v3/"},
    {"/_matrix/client/unstable/im.nheko.summary/summary/", "/_matrix/client/v1/room_summary/"},
    {"/_matrix/client/unstable/uk.tcpip.msc4133/profile/", "/_matrix/client/v3/profile/"},
    {"/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms",
     "/_matrix/client/v1/mutual_rooms"},
    {"/_matrix/client/unstable/org.matrix.msc3882/login/get_token",
     "/_matrix/client/v1/login/get_token"},
    {"/_matrix/client/unstable/org.matrix.msc3882/login/token",
     "/_matrix/client/v1/login/get_token"},
    {"/_matrix/client/unstable/uk.timedout.msc4323/admin/", "/_matrix/client/v1/admin/"},
    {"/_matrix/client/unstable/org.matrix.msc3916/media/", "/_matrix/client/v1/media/"},
};

const struct http_alias *api_older_paths(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(aliases);
    return aliases;
}
