/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_CHILDREN_H
#define CHAPPE_SERVICE_ROOMS_CHILDREN_H

/* Events that relate to an event, and the threads of a room, as one reader may see them
 * (client-server API, "Relationships API" and "Server-side aggregation of m.thread"). Tokens are
 * places, as in service/rooms/history.h. */

#include "service/rooms/ignored.h"
#include "service/rooms/view.h"
#include "store/relation.h"

/* How far a recursion goes, and how many events it looks at. */
#define CHILDREN_DEPTH        3
#define CHILDREN_RECURSED_MAX 10000

struct children_query {
    const struct event *parent;
    struct str rel_type, type; /* STR_NONE: any */
    int64_t from, to;          /* places of tokens */
    bool has_from, has_to;
    enum event_direction direction;
    size_t limit;
    bool recurse; /* children of children too */
};

struct children_page {
    struct event **events; /* referenced */
    size_t n;
    int64_t next; /* to go on from */
    bool more;
};

int children_read(struct view *view, const struct children_query *query,
                  struct children_page *ret_page) MUST_USE;

/* The roots of threads, that of the latest reply first, those with a reply before the place. */
struct threads_query {
    int64_t before; /* INT64_MAX: all */
    size_t limit;
    bool participated; /* only those the reader wrote in */
};
int threads_read(struct view *view, const struct threads_query *query,
                 struct children_page *ret_page) MUST_USE;

void children_done(struct children_page *page);

#endif
