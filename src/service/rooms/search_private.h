/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_SEARCH_PRIVATE_H
#define CHAPPE_SERVICE_ROOMS_SEARCH_PRIVATE_H

/* What the files of a search share: search.c finds, search_answer.c writes. */

#include "base/map.h"
#include "base/vec.h"
#include "service/rooms/ignored.h"
#include "service/rooms/search.h"
#include "service/rooms/view.h"
#include "store/search.h"

struct search_result {
    int64_t pos, match, shown; /* what was found, and what is shown: the same, or what it edits */
    int64_t room, sender;      /* of the match */
    struct view *view;
    double rank;
};

/* A result of the page, its events loaded. */
struct search_item {
    struct event *match, *event; /* referenced: what was found, what is shown */
    struct view *view;
    double rank;
};

struct search {
    struct use *use;
    const struct search_request *request;
    struct search_token token; /* where the page begins */
    struct search_words words;
    struct search_phrases phrases;
    VEC(int64_t) rooms;
    const int64_t *senders;
    size_t n_senders;
    bool nobody; /* of the senders asked for, nobody is known */
    struct int_map views;
    struct int_map edits; /* by the id of a message: the id of its last edit, or 0 */
    struct ignored ignored;
    struct arena *scratch; /* for one match */
    /* In the order asked for, from the beginning of the page on (newest first) or from the best
     * (by rank). */
    VEC(struct search_result) results;
    size_t first, n; /* the page among them */
    struct search_item *page;
    size_t looked_at;  /* events, for contexts */
    bool cut;          /* there may be more than was looked at */
    int64_t looked_to; /* newest first: the position of the last match looked at */
};

/* {count, highlights, results, …} of the page. */
int search_write(struct search *search, struct json_writer *out) MUST_USE;

#endif
