/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_SEARCH_H
#define CHAPPE_SERVICE_ROOMS_SEARCH_H

/* Searching messages, names and topics of the rooms in clear that the caller is or was in
 * (client-server API, "Server Side Search"; docs/design/search.md). Every result is an event that
 * view_can_see allows now; a message that was edited is found by its last text alone, and given
 * with that edit bundled. A room brings the rooms it replaces with it. */

#include "service/sync/filter.h"
#include "service/use.h"
#include "json/write.h"

#define SEARCH_BY_ROOM   1u
#define SEARCH_BY_SENDER 2u

struct search_request {
    struct str term;
    unsigned keys; /* a set of enum search_key (store/search.h) */
    struct event_filter filter;
    bool by_rank; /* else the newest first */
    bool with_context, with_profiles, with_state;
    size_t before_limit, after_limit;
    unsigned groups; /* SEARCH_BY_… */
    struct str next_batch;
};

/* Writes the object of "room_events". USE_WAIT: what was said last is being taken into the index;
 * -1: 400 for a term of too many words, or a next_batch that is none of ours. */
int rooms_search(struct use *use, const struct search_request *request,
                 struct json_writer *out) MUST_USE;

/* ---- tokens ---- */

/* next_batch: where a page begins, in which order, and of which group. "r<before>_<passed>" and
 * "k<offset>_<top>", each followed by "_r<room>" or "_s<sender>" for a group. */
struct search_token {
    bool by_rank;
    int64_t at;  /* newest first: results are before this position; by rank: results passed over */
    int64_t top; /* newest first: results passed over; by rank: only what is before this position */
    unsigned group; /* 0, SEARCH_BY_ROOM, SEARCH_BY_SENDER */
    int64_t group_id;
};
/* -1: not a token, or one of numbers past LIMIT_SAFE_INTEGER. No token has two spellings. */
int search_token_read(struct str text, struct search_token *ret_token) MUST_USE;
struct str search_token_write(struct arena *arena, const struct search_token *token);

#endif
