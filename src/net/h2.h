/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_H2_H
#define CHAPPE_NET_H2_H

/* HTTP/2 on a connection, by nghttp2: each stream is an exchange of its own. */

struct conn;

void h2_begin(struct conn *conn);

#endif
