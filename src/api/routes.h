/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_ROUTES_H
#define CHAPPE_API_ROUTES_H

/* The list of route tables, and the rows for the HTTP server made from it. */

#include "api/api.h"

/* Ended by NULL: what the listeners serve, and what metrics.listen serves. */
extern const struct api_table *const api_tables[];
extern const struct api_table *const api_metrics_tables[];

/* What is not Matrix: root.c, demo.c, legal.c. */
extern const struct api_table api_root;
extern const struct api_table api_demo;
extern const struct api_table api_legal;

/* older_paths.c; static. */
const struct http_alias *api_older_paths(size_t *ret_n);

struct config;

/* One row a route, but for those the web client takes the place of; the caller frees the array. */
struct http_route *api_http_routes_new(const struct api_table *const *tables,
                                       const struct config *config, bool has_web, size_t *ret_n);

#endif
