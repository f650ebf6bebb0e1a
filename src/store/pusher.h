/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_PUSHER_H
#define CHAPPE_STORE_PUSHER_H

/* Pushers (client-server API, "Push Notifications"): one row for an account, an app_id and a
 * pushkey; and the one row that says how far pushes have gone (docs/design/push.md). Nothing is
 * written for a push that succeeds, but that position, now and then: what was not answered for at a
 * crash is sent again. Each change of the set of pushers changes the generation, so that the node
 * that pushes knows that what it remembers is old. */

#include "store/store.h"

/* The numbers are stored. */
enum pusher_kind {
    PUSHER_HTTP = 1, /* a push gateway */
    PUSHER_WEB = 2,  /* a browser's push service */
};

struct pusher {
    int64_t id, user;
    int64_t device; /* whose token set it: it goes with it; 0: a token without one */
    enum pusher_kind kind;
    struct str app_id, pushkey, app_name, device_name, lang;
    struct str profile_tag; /* STR_NONE: none */
    struct str data;        /* a JSON object */
    int64_t made_ms;        /* when it was last set */
    int64_t pos;            /* what came up to this position was told, or is none of its business */
    bool behind;            /* and what came after it was not: it is to catch up at due_ms */
    int64_t tries;          /* in vain, since the last success */
    int64_t failing_ms;     /* since when; 0: it is not */
    int64_t due_ms;
    int64_t begun; /* how often it began to catch up since that last ended in some way */
};

/* Sets the one of that user, app_id and pushkey. id is from store_new_id; one that is there keeps
 * its id and its position, and is tried again at once. others: those of other users with that
 * app_id and pushkey go. Refused with 400 M_TOO_LARGE when the user has LIMIT_PUSHERS others. */
int pusher_put(struct write *w, const struct pusher *pusher, bool others, struct err *err) MUST_USE;
int pusher_delete(struct write *w, int64_t user, struct str app_id, struct str pushkey,
                  struct err *err) MUST_USE;
/* ERR_KIND_MOVED when it was set again since, or deleted. */
int pusher_delete_id(struct write *w, const struct pusher *pusher, struct err *err) MUST_USE;
int pusher_delete_device(struct write *w, int64_t device, struct err *err) MUST_USE;
int pusher_delete_user(struct write *w, int64_t user, struct err *err) MUST_USE;

/* It begins to catch up: once more. */
int pusher_begin(struct write *w, int64_t id, struct err *err) MUST_USE;
/* What the pusher says of pos, behind, tries, failing_ms and due_ms; what it began
 * has ended. ERR_KIND_MOVED when it was set again since, or deleted. */
int pusher_set_progress(struct write *w, const struct pusher *pusher, struct err *err) MUST_USE;

/* Those of them that are behind wait until then, but for those that were set again and are to be
 * tried at once. Nothing else is changed. */
int pusher_put_off(struct write *w, const int64_t *ids, size_t n, int64_t due_ms,
                   struct err *err) MUST_USE;

/* 1, 0, -1; texts are copied into the arena. */
int pusher_load(struct read *r, int64_t id, struct arena *arena, struct pusher *ret_pusher,
                struct err *err) MUST_USE;
int pusher_find(struct read *r, int64_t user, struct str app_id, struct str pushkey,
                struct arena *arena, struct pusher *ret_pusher, struct err *err) MUST_USE;
/* In the order they were first set. */
int pusher_list(struct read *r, int64_t user, struct arena *arena, struct pusher **ret_pushers,
                size_t *ret_n, struct err *err) MUST_USE;
/* Where a walk over those that are due has come to; zeroed: to its beginning. */
struct pusher_mark {
    int64_t due_ms, id;
};
/* Those behind whose time has come, longest due first, from a mark on; at most limit. */
int pusher_list_due(struct read *r, int64_t now_ms, const struct pusher_mark *after, size_t limit,
                    struct arena *arena, struct pusher **ret_pushers, size_t *ret_n,
                    struct err *err) MUST_USE;
/* When the next one is due; INT64_MAX: none is behind. */
int pusher_next_due(struct read *r, int64_t *ret_due_ms, struct err *err) MUST_USE;
/* The joined members of a room that have a pusher. */
int pusher_list_members(struct read *r, int64_t room, struct arena *arena, int64_t **ret_users,
                        size_t *ret_n, struct err *err) MUST_USE;
int pusher_exists(struct read *r, struct err *err) MUST_USE; /* any: 1, 0, -1 */

/* How far pushes have gone. begun: how often the work was begun since it last ended well; at…: what
 * it was at, written down after a crash; pusher 0: looking for whom an event notifies. */
struct push_progress {
    int64_t pos;
    int64_t generation;
    int64_t begun;
    int64_t at_pusher, at_pos;
};

/* What the program was at when it crashed. */
struct push_suspect {
    int64_t pusher, pos, crashes;
};

int push_progress_load(struct read *r, struct push_progress *ret_progress,
                       struct err *err) MUST_USE;
/* The work begins: once more; what it was at is one more crash of that suspect. *ret_progress is as
 * it was before. */
int push_progress_begin(struct write *w, struct push_progress *ret_progress,
                        struct err *err) MUST_USE;
int push_progress_set_pos(struct write *w, int64_t pos, struct err *err) MUST_USE;
int push_progress_set_at(struct write *w, int64_t pusher, int64_t pos, struct err *err) MUST_USE;
/* Past the suspects, which are forgotten: the work goes on as if begun for the first time. */
int push_progress_set_past(struct write *w, struct err *err) MUST_USE;
/* It ended well, and so did what pushers had begun. */
int push_progress_end(struct write *w, int64_t pos, struct err *err) MUST_USE;
int push_suspect_list(struct read *r, struct arena *arena, struct push_suspect **ret_suspects,
                      size_t *ret_n, struct err *err) MUST_USE;

#endif
