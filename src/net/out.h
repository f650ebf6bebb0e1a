/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_OUT_H
#define CHAPPE_NET_OUT_H

/* The way out of a connection: what the kernel has not taken yet is kept as it was given, encrypted
 * piece by piece as there is room, and written on when the socket drains. Part of conn. */

#include "net/conn.h"

/* No, or too little, progress since the last look: at least LIMIT_HTTP_BODY_RATE is asked for. */
bool out_is_stuck(struct conn *conn, int64_t now_ms);
void out_done(struct conn *conn);
/* conn.c: sets the timer after a change of deadline_ms or out_check_ms. */
void conn_arm(struct conn *conn);

#endif
