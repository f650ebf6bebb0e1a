/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_SEARCH_H
#define CHAPPE_STORE_SEARCH_H

/* The index of searches (docs/design/search.md): the words of messages, names and topics of rooms
 * in clear, one row an event, at its position. It follows the log: a mark says up to where. What
 * moves the mark is a round, made from a snapshot and written by a job; the store's own thread
 * makes one a second when there is something to take in, from the beginning when the table is new.
 *
 * The index says what may be a result. Who may see it, whether it is redacted by now, and which is
 * the last edit of a message is for the reader to ask (service/rooms/search.h). */

#include "store/event.h"
#include "store/search_words.h"
#include "json/doc.h"

enum search_key {
    SEARCH_BODY = 1,  /* content.body of m.room.message */
    SEARCH_NAME = 2,  /* content.name of m.room.name */
    SEARCH_TOPIC = 4, /* content.topic of m.room.topic, and its text in m.topic */
};
#define SEARCH_ALL 7u

/* The key under which events of that type are found; 0: they are not. */
unsigned search_key_of(const struct store *store, int64_t type);
/* What an event says to a search: of an edit the new text. Empty: nothing. */
struct str search_text(struct arena *arena, unsigned key, const struct json *content);

/* ---- finding ---- */

struct search_query {
    struct search_words words; /* all of them; at least one */
    const int64_t *rooms;      /* in one of these; at least one */
    size_t n_rooms;
    const int64_t *senders; /* of one of these; n 0: of anybody */
    size_t n_senders;
    unsigned keys;  /* a set of enum search_key */
    int64_t before; /* a position */
    size_t limit;
};

struct search_hit {
    int64_t pos, event;
};

/* Newest first. */
int search_find(struct read *r, const struct search_query *query, struct arena *arena,
                struct search_hit **ret_hits, size_t *ret_n, struct err *err) MUST_USE;

/* ---- keeping it ---- */

/* Entries of the log that the index may not hold yet. */
int search_measure_backlog(struct read *r, int64_t *ret_n, struct err *err) MUST_USE;

struct search_round;

/* What comes after the mark, a bounded piece of it: 1 there is a round to write, 0 the index holds
 * all of the snapshot that there is to hold, -1. The round is in the arena. */
int search_round_load(struct read *r, struct arena *arena, struct search_round **ret_round,
                      struct err *err) MUST_USE;
/* The job. arg: the round. ERR_KIND_MOVED when somebody else has moved the mark, or one of the
 * events was redacted since. */
int search_round_write(struct write *w, void *arg, struct err *err) MUST_USE;

/* One round, by who may wait: 1 there is more, 0, -1. */
int search_follow(struct store *store, struct err *err) MUST_USE;

/* In the job that redacts or deletes the event. */
int search_forget(struct write *w, const struct event *event, struct err *err) MUST_USE;

#endif
