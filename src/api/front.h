/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_FRONT_H
#define CHAPPE_API_FRONT_H

/* The HTTP server with all routes in front of a struct server. */

#include "service/server.h"

/* Listens as the configuration says; sets server->http. */
int api_front_start(struct server *server, struct err *err) MUST_USE;
/* Finishes requests, at most grace_ms, and ends. */
void api_front_stop(struct server *server, int64_t grace_ms);
/* "METHOD<TAB>PATH" a line, for `chappe routes`. */
void api_front_print_routes(void (*line)(void *arg, const char *method, const char *path),
                            void *arg);

#endif
