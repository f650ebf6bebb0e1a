/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ADMIN_METRICS_H
#define CHAPPE_SERVICE_ADMIN_METRICS_H

/* Figures of the running server, in Prometheus's text format. No name of a user or a room is among
 * them, and their number does not grow with the server. */

#include "base/buf.h"
#include "service/server.h"

void metrics_write(const struct server *server, struct buf *out);

#endif
