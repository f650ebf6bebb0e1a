/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_MEDIA_H
#define CHAPPE_STORE_MEDIA_H

/* Files that people sent: one row an mxc URI, which names its content by hash; several rows may
 * name one content (docs/design/media.md). Names and types are bytes from outside: kept as data,
 * judged when they are served. How much an account keeps is counted beside, in the same job, so
 * that a quota is exact. No row takes a position of the log. */

#include "crypto/hash.h"
#include "store/store.h"

/* The numbers are stored. */
enum media_state {
    MEDIA_RESERVED = 0, /* an id without a content yet */
    MEDIA_THERE = 1,
    MEDIA_QUARANTINED = 2, /* kept, given to nobody; so is the same content sent again */
    MEDIA_DELETED = 3,     /* the id stays taken, the content is not named any more */
};

struct media {
    int64_t id;
    struct str origin;   /* empty: this server's */
    struct str media_id; /* [A-Za-z0-9_-], at most LIMIT_MEDIA_ID */
    int64_t owner;       /* user; 0: nobody of ours (imported) */
    enum media_state state;
    int64_t size;          /* RESERVED: how much of it has come and is durable (media_advance) */
    struct str type, name; /* as declared; STR_NONE: not */
    struct str hash;       /* SHA256_BYTES of the content; STR_NONE: RESERVED, DELETED */
    int64_t created_ms;
    int64_t expires_ms; /* of a reservation; of a file of nobody that is kept for a time; else 0 */
};

struct media_usage {
    int64_t bytes, files;
};

/* 1, 0, -1; texts are copied into the arena. */
int media_find(struct read *r, struct str origin, struct str media_id, struct arena *arena,
               struct media *ret_media, struct err *err) MUST_USE;
/* An id for a content that is to come. 429 when the owner has LIMIT_MEDIA_RESERVED that have not
 * expired. */
int media_reserve(struct write *w, const struct media *media, struct err *err) MUST_USE;
/* A new file with its content. 403, reason "media_quota", when the owner would have more than quota
 * bytes (0: no limit), or is a closed account. It is QUARANTINED where its content is. */
int media_insert(struct write *w, const struct media *media, int64_t quota,
                 struct err *err) MUST_USE;
/* The same for a reservation, found by its id: size, type, name, hash. 404 when it is not there or
 * has expired, 409 M_CANNOT_OVERWRITE_MEDIA when it has a content. */
int media_fill(struct write *w, const struct media *media, int64_t quota, struct err *err) MUST_USE;
/* Whether a reservation may still be filled, by what a reader saw: 0, or -1 as media_fill. */
int media_may_fill(const struct media *media, int64_t now_ms, struct err *err) MUST_USE;
/* So much of a reservation's content has come and is durable. Nothing when it is none any more. */
int media_advance(struct write *w, int64_t id, int64_t size, struct err *err) MUST_USE;
/* 1, 0, -1, as media_find. */
int media_load(struct read *r, int64_t id, struct arena *arena, struct media *ret_media,
               struct err *err) MUST_USE;
/* Reservations that have expired go, and files that were kept for a time, whose owner is nobody. */
int media_expire(struct write *w, int64_t now_ms, struct err *err) MUST_USE;

/* THERE or QUARANTINED becomes DELETED, and its name and type are forgotten; any other state:
 * nothing is done. */
int media_delete(struct write *w, int64_t id, struct err *err) MUST_USE;
/* The same of all of an account's; its reservations go. */
int media_delete_owner(struct write *w, int64_t owner, struct err *err) MUST_USE;
/* Every file with that content becomes QUARANTINED, or THERE again. */
int media_quarantine(struct write *w, struct str hash, bool quarantined, struct err *err) MUST_USE;

int media_usage_load(struct read *r, int64_t owner, struct media_usage *ret_usage,
                     struct err *err) MUST_USE;
/* Whether a row names the content: 1, 0, -1. */
int media_names(struct read *r, struct str hash, struct err *err) MUST_USE;
/* An account's files with a content, by id after `after`. */
int media_list_owner(struct read *r, int64_t owner, int64_t after, size_t limit,
                     struct arena *arena, struct media **ret_rows, size_t *ret_n,
                     struct err *err) MUST_USE;
/* Every file with a content, by id after `after`: for chappe check. */
int media_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
               struct media **ret_rows, size_t *ret_n, struct err *err) MUST_USE;

#endif
