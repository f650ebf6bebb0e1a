/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_FILTER_H
#define CHAPPE_SERVICE_SYNC_FILTER_H

/* Filters (client-server API, "Filtering"), parsed. Lists that are NULL let everything pass; an
 * empty list lets nothing pass. not_ lists win. Types may hold "*". */

#include "service/sync/filter_list.h"
#include "service/use.h"
#include "json/doc.h"

struct event_filter {
    const struct filter_list *types, *not_types, *senders, *not_senders, *rooms, *not_rooms;
    const struct filter_list *rel_types, *rel_senders; /* related_by_… */
    int64_t limit;                                     /* 0: none given */
    int contains_url;                                  /* -1 not asked, 0, 1 */
    bool lazy_load_members, include_redundant_members, unread_thread_notifications;
};

struct filter {
    struct event_filter presence, account_data; /* of the user */
    struct event_filter timeline, state, ephemeral, room_account_data;
    const struct filter_list *rooms, *not_rooms; /* of the room part */
    bool include_leave;
    bool federation; /* event_format: "federation" */
};

/* A filter that lets all pass. */
void filter_init(struct filter *filter);
/* -1: 400 M_BAD_JSON or M_INVALID_PARAM. The document outlives the filter, which is in the arena.
 */
int filter_parse(struct arena *arena, const struct json *doc, struct filter *ret_filter,
                 struct err *err) MUST_USE;
/* One part alone, as /messages and /context take it. */
int event_filter_parse(struct arena *arena, const struct json *doc, struct event_filter *ret_filter,
                       struct err *err) MUST_USE;
/* The text of a filter parameter: an id that the user has stored, or JSON in place (first byte
 * "{"). */
int filter_load_param(struct use *use, struct str param, struct filter *ret_filter) MUST_USE;
/* The text that a user has stored under an id, for filter_load_param too: 0, or -1 with 400
 * M_INVALID_PARAM when there is none. */
int filter_load_text(struct use *use, struct str id, struct str *ret_text) MUST_USE;

/* A filter parsed once for all who have stored the same text, which most users of one client have.
 * Immutable; shared by references, any thread. */
struct shared_filter {
    int refs; /* atomic */
    struct arena *arena;
    struct str text;
    struct filter filter;
};
/* -1: as filter_parse. The caller unrefs. */
int shared_filter_new(struct str text, struct shared_filter **ret_shared, struct err *err) MUST_USE;
struct shared_filter *shared_filter_ref(struct shared_filter *shared) MUST_USE;
void shared_filter_unref(struct shared_filter *shared); /* NULL is allowed */

struct filter_subject {
    struct str type, sender, room_id; /* STR_NONE: not asked */
    const struct json *content;       /* for contains_url; NULL */
};
/* True when everything passes. */
bool event_filter_is_open(const struct event_filter *filter);
bool filter_allows(const struct event_filter *filter, const struct filter_subject *subject);
bool filter_allows_room(const struct filter *filter, struct str room_id);

/* Stores a filter for the caller; the same text has the same id. */
int filter_store(struct use *use, const struct json *doc, struct str *ret_id) MUST_USE;

#endif
