/* SPDX-License-Identifier: EUPL-1.2 */

/* The routes of metrics.listen: no one else may reach the figures. */

#include "service/admin/metrics.h"
#include "api/health.h"
#include "api/routes.h"

static int get_metrics(struct request *rq)
{
    http_set_header(rq->use.x, STR("Content-Type"), STR("text/plain; version=0.0.4"));
    metrics_write(rq->use.server, http_answer(rq->use.x));
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/metrics", API_ACCESS_NOBODY, API_RATE_NONE, get_metrics, .flags = API_PAGE},
    {HTTP_GET, "/health", API_ACCESS_NOBODY, API_RATE_NONE, api_get_health},
};
static const struct api_table metrics = {routes, ARRAY_LEN(routes)};
const struct api_table *const api_metrics_tables[] = {&metrics, NULL};
