/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_OUTBOUND_H
#define CHAPPE_NET_OUTBOUND_H

/* The one way out: every connection that this server begins is made on a handle of outbound_new.
 * The address that is checked is the one that is connected to, after the name was resolved: a name
 * that answers twice differently gains nothing. Destinations that the operator configured may be
 * private addresses; those that a user or a peer gave may not, but in networks that the operator
 * allows for the purpose. There are no redirects, no proxies
 * from the environment, and a time for everything. */

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "net/networks.h"

struct outbound {
    bool operators; /* the operator named the destination: private addresses are allowed */
    const struct networks *also; /* not public, and allowed all the same; NULL: none */
    bool only_also;              /* those alone: for what is not encrypted */
    bool *ret_barred;            /* when not NULL: turned true when an address was refused */
    int64_t connect_ms;          /* until connected, TLS included */
    int64_t total_ms;            /* for the whole exchange */
    const char *schemes;         /* "smtp,smtps" */
    const char *ca_file;         /* PEM; NULL: the system's */
};

/* A handle for connections under these rules, which outlive it. TLS is 1.2 at least, and verified,
 * name included. NULL: libcurl has none. */
CURL *outbound_new(const struct outbound *outbound) MUST_USE;

/* A global unicast address: neither this machine, nor a private, link-local, shared, documentation,
 * benchmark, multicast or reserved network, nor one of these wrapped in IPv6. */
bool outbound_is_public(const struct sockaddr *address);

#endif
