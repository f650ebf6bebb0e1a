/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_DIAL_H
#define CHAPPE_NET_DIAL_H

/* A connected socket to a service that the operator named (a scanner), for protocols that libcurl
 * does not speak. TCP goes out by outbound.h, the one way there is; a unix socket leaves nothing.
 */

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

/* "unix:PATH", with a path that a socket's name has room for, or "tcp:HOST:PORT", with an IPv6
 * address in brackets. -1: it is neither. */
int dial_check(struct str address) MUST_USE;

/* Connects within timeout_ms. The descriptor is the caller's, closed on exec, non-blocking. The
 * address passes dial_check. */
int dial_open(struct str address, int64_t timeout_ms, int *ret_fd, struct err *err) MUST_USE;

#endif
