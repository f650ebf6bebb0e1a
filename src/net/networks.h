/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_NETWORKS_H
#define CHAPPE_NET_NETWORKS_H

/* A list of networks as an operator writes it: "10.1.0.0/16, 127.0.0.1, fd00::/8". */

#include <stdbool.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/str.h"

struct network {
    unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
    int bits;                  /* of those 128 */
};

struct networks {
    struct network p[LIMIT_NETWORKS];
    size_t n;
};

/* An empty text (STR_NONE too) is an empty list. -1: a part is no address and no network, one whose
 * address has bits beyond its length, or there are more than LIMIT_NETWORKS. */
int networks_parse(struct str text, struct networks *ret_networks) MUST_USE;
/* Whether an IPv4 or IPv6 address is in one of them. An IPv4 address wrapped in IPv6 is itself. */
bool networks_hold(const struct networks *networks, const struct sockaddr *address);

#endif
