/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_STATIC_H
#define CHAPPE_NET_STATIC_H

/* Files of a mount (struct http_mount). Runs on a worker. */

#include "net/exchange.h"

void static_serve(struct http_exchange *x);

#endif
