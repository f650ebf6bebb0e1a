/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_ROUTES_H
#define CHAPPE_API_ROUTES_H

/* The list of route tables, and the rows for the HTTP server made from it. */

#include "api/api.h"

/* Ended by NULL. */
extern const struct api_table *const api_tables[];

/* One row a route; the caller frees the array. */
struct http_route *api_http_routes_new(size_t *ret_n);

#endif
