/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_HEALTH_H
#define CHAPPE_API_HEALTH_H

#include "api/api.h"

/* GET /health, on every listener: {"status": "ok"}, or 503 once the store writes no more. */
int api_get_health(struct request *rq) MUST_USE;

#endif
