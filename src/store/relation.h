/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_RELATION_H
#define CHAPPE_STORE_RELATION_H

/* Which events relate to which (client-server API, "Forming relationships between events"): an
 * index, made of the contents of events as they are written, by the parent's reference hash, so
 * that a parent that comes later finds its children. A redacted child is no longer in it. */

#include "matrix/pdu.h"
#include "matrix/relations.h"
#include "store/event.h"

struct relation_row {
    int64_t child; /* event */
    enum relation_kind kind;
    int64_t rel_type;     /* name */
    int64_t type, sender; /* names, of the child */
    int64_t place;        /* of the child */
    int64_t ts;           /* its origin_server_ts */
    struct str key;       /* of an annotation; STR_NONE */
};

/* The name of the type of an event's relation, before its job is submitted: a name that may be new
 * is not the appender's to look for. 0: it relates to nothing, or is a state event. */
int relation_intern(struct store *store, const struct pdu *pdu, int64_t *ret_rel_type,
                    struct err *err) MUST_USE;
/* Writes the row of an event that relates to another; nothing for others and for state events.
 * rel_type is what relation_intern gave. */
int relation_write(struct write *w, const struct event *event, const struct pdu *pdu,
                   int64_t rel_type, struct err *err) MUST_USE;
/* The child was redacted; pdu is what it was before. */
int relation_delete(struct write *w, const struct event *event, const struct pdu *pdu,
                    struct err *err) MUST_USE;

struct relation_query {
    const unsigned char *parent; /* hash */
    enum relation_kind kind;     /* RELATION_NONE: any */
    int64_t rel_type, type;      /* names; 0: any */
    int64_t room, sender;        /* of the children; 0: any. Other rooms may name the parent too. */
    int64_t after_place;         /* strictly after (forward) or before (backward); see has_place */
    bool has_place;
    enum event_direction direction;
    size_t limit;
};

/* In the order of places. */
int relation_list(struct read *r, const struct relation_query *query, struct arena *arena,
                  struct relation_row **ret_rows, size_t *ret_n, struct err *err) MUST_USE;
/* Which kinds of children an event has: a set of 1u << kind. */
int relation_kinds(struct read *r, const unsigned char parent[EVENT_HASH_BYTES],
                   unsigned *ret_kinds, struct err *err) MUST_USE;
struct relation_counts {
    int64_t n, by_user;
};
/* How many of a kind in the parent's room, those of the users left out not counted, and how many of
 * them by one user. */
int relation_count(struct read *r, const unsigned char parent[EVENT_HASH_BYTES],
                   enum relation_kind kind, int64_t user, const int64_t *left_out,
                   size_t n_left_out, struct relation_counts *ret_counts, struct err *err) MUST_USE;
/* Does the sender already annotate the parent with that type and key? 1, 0, -1. */
int relation_has_annotation(struct read *r, const unsigned char parent[EVENT_HASH_BYTES],
                            int64_t type, int64_t sender, struct str key, struct err *err) MUST_USE;
/* The roots of threads of a room with their last reply, newest reply first, before `before` (a
 * place; INT64_MAX: from the end). Hashes of roots, and places of last replies. */
struct relation_thread_row {
    unsigned char root[EVENT_HASH_BYTES];
    int64_t last_place;
};
int relation_list_threads(struct read *r, int64_t room, int64_t before, size_t limit,
                          struct arena *arena, struct relation_thread_row **ret_rows, size_t *ret_n,
                          struct err *err) MUST_USE;

#endif
