/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_RELATIONS_H
#define CHAPPE_MATRIX_RELATIONS_H

/* What a server reads of an event's content: relations (client-server API, "Forming relationships
 * between events"), rich replies, and mentions. Reading is forgiving, as relations come from
 * clients and other servers: what is not well formed is absent. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "json/doc.h"

enum relation_kind {
    RELATION_NONE = 0,
    RELATION_ANNOTATION = 1, /* m.annotation */
    RELATION_REPLACE = 2,    /* m.replace */
    RELATION_THREAD = 3,     /* m.thread */
    RELATION_REFERENCE = 4,  /* m.reference */
    RELATION_OTHER = 5,      /* any other rel_type */
};

struct relation {
    enum relation_kind kind;
    struct str rel_type; /* STR_NONE without a relation */
    struct str event_id; /* the parent */
    struct str key;      /* of an annotation, else STR_NONE */
    struct str reply_to; /* m.in_reply_to.event_id, also without a rel_type; else STR_NONE */
    bool is_falling_back;
    bool key_is_no_text; /* of an annotation: it has a key that clients cannot show */
};

/* Of content (NULL is allowed). Strings are views of the document. */
void relation_parse(const struct json *content, struct relation *ret_relation);

/* What is known of a parent or child when the validity of a relation is judged. */
struct relation_event {
    struct str type, sender, room_id;
    bool is_state;
    bool is_redacted;
    const struct json *content;
};

/* Is `edit` a valid replacement of `original`? (client-server API, "Validity of replacement
 * events".) Same room, sender and type, no state, not the edit of an edit, with m.new_content
 * unless encrypted. An invalid one is an event like any other, but replaces nothing. */
bool relation_replaces(const struct relation_event *edit, const struct relation_event *original);

/* May a client send this event with a relation to that parent? -1: 400. A thread cannot start on an
 * event that itself relates to another (client-server API, "Server behaviour" of threading). The
 * duplicate annotation is the caller's to look up. */
int relation_check_send(const struct relation *relation, const struct relation_event *parent,
                        struct err *err) MUST_USE;

/* The thread an event belongs to (client-server API, "Threaded read receipts"): found by following
 * its relation for at most RELATION_THREAD_HOPS events.
 *
 *     for (hop = 0; hop <= RELATION_THREAD_HOPS; hop++) — load the event, then
 *     relation_thread_step(&relation, &root or &next)
 */
#define RELATION_THREAD_HOPS 3

enum relation_thread {
    RELATION_THREAD_MAIN, /* the main timeline: nothing more to follow */
    RELATION_THREAD_ROOT, /* found: *ret_event_id is the root of its thread */
    RELATION_THREAD_NEXT, /* look at the event *ret_event_id next */
};
enum relation_thread relation_thread_step(const struct relation *relation,
                                          struct str *ret_event_id);

/* Follows to the end. find gives the relation of an event: 1 found, 0 unknown, -1. A root gives 1
 * and its id, the main timeline 0. */
int relation_find_thread(const struct relation *relation,
                         int (*find)(void *arg, struct str event_id, struct relation *ret_relation,
                                     struct err *err),
                         void *arg, struct str *ret_root, struct err *err) MUST_USE;

/* m.mentions (client-server API, "User and room mentions"). */
struct mentions {
    bool present;
    bool room;
    struct str *user_ids; /* each once, in the order given, at most LIMIT_MENTIONS */
    size_t n;
};
void mentions_parse(const struct json *content, struct arena *arena, struct mentions *ret_mentions);

#endif
