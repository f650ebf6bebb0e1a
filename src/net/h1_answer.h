/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_H1_ANSWER_H
#define CHAPPE_NET_H1_ANSWER_H

/* An answer as bytes of HTTP/1.1. */

#include "net/exchange.h"

/* Status line and header fields; also calls the server's common_headers. Initialises *ret_head. */
void h1_answer_head(struct http_exchange *x, bool is_1_0, bool closes, struct buf *ret_head);

/* Frames a piece of a streamed answer: what goes before it into *ret_before, what goes after it at
 * the end of the piece. */
void h1_answer_piece(const struct http_exchange *x, bool is_1_0, struct buf *piece, bool last,
                     struct buf *ret_before);

#endif
