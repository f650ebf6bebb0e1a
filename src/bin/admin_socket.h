/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_ADMIN_SOCKET_H
#define CHAPPE_BIN_ADMIN_SOCKET_H

/* DATA/admin.sock: how commands reach a running server. A connection carries one request and one
 * answer, each ended by the end of its direction, each at most LIMIT_ADMIN_MESSAGE. The socket's
 * mode is 0600, and a peer must run as the server's own user or as root.
 *
 * Requests are answered one after the other, on a thread of the socket's own. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct admin_socket;

/* answer runs on the socket's thread and appends to out. The caller holds the lock of the data
 * directory: a socket that is left from before is nobody's, and is replaced. */
int admin_socket_open(struct str data_dir,
                      void (*answer)(void *arg, struct str request, struct buf *out), void *arg,
                      struct admin_socket **ret_socket, struct err *err) MUST_USE;

/* The request at hand is finished first. NULL is allowed. */
void admin_socket_close(struct admin_socket *socket);

/* The other side: sends a request and waits for its answer. 1 answered; 0 no server listens; -1. */
int admin_socket_call(struct str data_dir, struct arena *arena, struct str request,
                      struct str *ret_answer, struct err *err) MUST_USE;

#endif
