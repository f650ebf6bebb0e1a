/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_SLIDING_H
#define CHAPPE_SERVICE_SYNC_SLIDING_H

/* Simplified sliding sync (MSC4186; docs/design/sliding-sync.md): a client says which part of its
 * list of rooms, and which rooms, it wants to know of, and is told what it does not know yet. One
 * engine with /sync; the two shapes of the wire are one request here. */

#include "base/limits.h"
#include "service/sync/sync.h"

enum sliding_shape {
    SLIDING_DEPLOYED, /* org.matrix.simplified_msc3575 */
    SLIDING_MERGED,   /* v4 */
};

struct sliding_range {
    int64_t from, to; /* both inside */
};

struct sliding_filter {
    int is_dm, is_encrypted, is_invited;                                       /* -1: not asked */
    const struct json *room_types, *not_room_types, *tags, *not_tags, *spaces; /* NULL: not asked */
};

/* What is asked of a room. */
struct sliding_wish {
    int64_t timeline_limit;    /* at most LIMIT_TIMELINE_MAX */
    struct str required_state; /* checked: required_state.h */
};

struct sliding_list {
    struct str name;
    struct sliding_range *ranges;
    size_t n_ranges;
    bool whole; /* whatever the ranges */
    struct sliding_filter filter;
    struct sliding_wish wish;
};

struct sliding_subscription {
    struct str room_id;
    struct sliding_wish wish;
};

/* In which rooms an extension is asked for. */
struct sliding_scope {
    bool enabled;
    const struct json *lists, *rooms; /* arrays of strings; NULL: all */
};

struct sliding_request {
    enum sliding_shape shape;
    struct str conn_id, txn_id; /* txn_id: STR_NONE: none */
    struct str pos;             /* STR_NONE: from the start */
    struct str set_presence;    /* of the merged shape; STR_NONE: absent */
    int64_t timeout_ms;
    struct sliding_list *lists;
    size_t n_lists;
    struct sliding_subscription *subscriptions;
    size_t n_subscriptions;
    bool to_device, e2ee;
    int64_t to_device_limit;
    struct str to_device_since; /* STR_NONE: none */
    struct sliding_scope account_data, receipts, typing;
    uint64_t asked; /* hash of all that but pos, timeout and to_device_since */
};

/* A body of either shape. pos and timeout_ms of the deployed one are the caller's to fill in: they
 * come in the query. -1: 400 M_BAD_JSON, M_MISSING_PARAM or M_INVALID_PARAM. The document outlives
 * the request, which is in the arena. */
int sliding_request_parse(struct arena *arena, const struct json *body, enum sliding_shape shape,
                          struct sliding_request *ret_request, struct err *err) MUST_USE;

/* Whether an index is inside one of the ranges. */
bool sliding_list_holds(const struct sliding_list *list, int64_t index);

/* Writes the answer, or parks. What the request points at lives as long as the use's arena. -1: 400
 * M_UNKNOWN_POS when pos is none that was given to this device on this connection, or what it stood
 * for has been forgotten; 400 M_INVALID_PARAM. */
int sliding_run(struct use *use, const struct sliding_request *request,
                struct json_writer *out) MUST_USE;

#endif
