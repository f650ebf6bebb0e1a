/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_ADMIN_ADDRESS_H
#define CHAPPE_BIN_ADMIN_ADDRESS_H

/* What both sides of the admin socket share: its address, and reading one direction to its end. */

#include <sys/un.h>

#include "base/buf.h"
#include "base/str.h"

/* An address is shorter than a path may be: the socket is named through its directory's
 * descriptor. *ret_directory_fd must stay open while the address is used. -1: errno tells. */
int admin_address(struct str data_dir, struct sockaddr_un *ret_address,
                  int *ret_directory_fd) MUST_USE;

/* Until the peer closes its direction. 0; -1 when it fails, takes too long or is too much. */
int admin_receive(int fd, struct buf *to) MUST_USE;
int admin_send(int fd, struct str text) MUST_USE;

#endif
