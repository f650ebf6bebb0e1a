/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_MEDIA_USE_H
#define CHAPPE_STORE_MEDIA_USE_H

/* Which events name which files of this server (docs/design/retention.md), so that a file goes with
 * the last message that named it. It is made from the log, in the order of positions, up to a mark;
 * nothing is written with an event. What is said in encrypted events is not known. */

#include "store/event.h"

/* Takes in what follows the mark, up to `limit` positions. *ret_more: there is more. */
int media_use_follow(struct write *w, struct str server_name, size_t limit, bool *ret_more,
                     struct err *err) MUST_USE;

/* Whether there is: 1, 0, -1. */
int media_use_is_behind(struct read *r, struct err *err) MUST_USE;

/* An event is about to go: what it names and the mark may not have come to is noted… */
int media_use_end(struct write *w, const struct event *event, struct str server_name,
                  struct err *err) MUST_USE;
/* …and of all that go, the files are to be judged, and the uses are forgotten. */
int media_use_doom(struct write *w, const int64_t *events, size_t n, struct err *err) MUST_USE;

/* Files to be judged, by id after `after`. */
int media_use_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
                   int64_t **ret_media, size_t *ret_n, struct err *err) MUST_USE;

struct media_judgement {
    struct str server_name;
    int64_t media;
    bool aged; /* not because its message went, but for its age: see media_use_list_aged */
    /* Filled in: the hash of its content (SHA256_BYTES) when it was deleted, else empty. */
    unsigned char hash[32];
    bool deleted;
    bool again; /* the mark was too far behind: follow first */
};
/* Deletes the file unless an event names it, it is its owner's picture, or it is held: by a hold on
 * its owner; one that has aged also by a hold on any room of its owner's, or on somebody who shares
 * one, since what names it is not known. One that is held is to be judged again. */
int media_use_judge(struct write *w, struct media_judgement *judgement, struct err *err) MUST_USE;

/* Of the `limit` files after `after`, by id: those from before that time, with a content, that no
 * event names as far as is known. *ret_next: where the next page begins; 0: that was the last. */
int media_use_list_aged(struct read *r, int64_t before_ms, int64_t after, size_t limit,
                        struct arena *arena, int64_t **ret_media, size_t *ret_n, int64_t *ret_next,
                        struct err *err) MUST_USE;

#endif
