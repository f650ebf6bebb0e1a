/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_WEB_H
#define CHAPPE_API_WEB_H

/* The web client's files, which the front serves as they are (net/http.h, struct http_mount). */

#include "net/http.h"

/* What every file of the client carries: the Content-Security-Policy that leaves it our own origin
 * only, Trusted Types, and isolation from other origins. Runs on a worker. */
void api_web_headers(struct http_exchange *x, struct str path);

#endif
