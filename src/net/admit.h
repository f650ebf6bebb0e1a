/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_ADMIT_H
#define CHAPPE_NET_ADMIT_H

/* What is decided about a request once its head is read, the same for HTTP/1.1 and HTTP/2: is there
 * such a path, may the body come, who answers. */

#include "net/exchange.h"

/* 0: x has its route and parameters, or its mount, and the maximum of its body: go on. Otherwise
 * the status to answer without a handler (204 for OPTIONS), with a reason for the log and the body.
 * length < 0: not announced. */
int admit_request(struct http_exchange *x, bool has_body, int64_t length,
                  const char **ret_reason) MUST_USE;

#endif
