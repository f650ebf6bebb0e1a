/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_H1_H
#define CHAPPE_NET_H1_H

/* HTTP/1.1 on a connection: one request after the other, each answered before the next is read out
 * of what was pipelined, so answers keep their order. */

struct conn;

/* Every connection begins here; the preface of HTTP/2 or ALPN may switch it. */
void h1_begin(struct conn *conn);
void h1_switch_to_h2(struct conn *conn);

#endif
