/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_H2_ANSWER_H
#define CHAPPE_NET_H2_ANSWER_H

/* An answer as frames of HTTP/2. Part of h2_stream. */

struct http_exchange;

void h2_answer(struct http_exchange *x);
void h2_piece(struct http_exchange *x);

#endif
