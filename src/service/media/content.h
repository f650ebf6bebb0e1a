/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_CONTENT_H
#define CHAPPE_SERVICE_MEDIA_CONTENT_H

/* Contents, named by the SHA-256 of their bytes, on a shelf (shelf.h): a directory, or
 * S3-compatible storage. One is written to ".incoming/" on this machine and hashed while it
 * arrives; content_draft_keep has the shelf make it durable under its name. Only then may a row
 * name it (store/media.h), so that each row has its content whatever happens on the way; a content
 * without a row is collected.
 *
 * Between its naming and its row a content is pinned, and no collection takes it away.
 *
 * Any thread, each draft on one at a time. What sleeps (on the disk, or on the network) says so: it
 * is for pools of threads, commands and the background. A hash is SHA256_BYTES bytes. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "service/media/shelf.h"

struct content; /* the store of them */
struct content_draft;

/* Clears what a crash left in ".incoming". The shelf is its own from here on, also when it fails.
 */
int content_new(struct shelf *shelf, struct content **ret_content, struct err *err) MUST_USE;
void content_free(struct content *content); /* after its drafts; NULL is allowed */
/* The server stops: what waits for the network ends soon, and fails. */
void content_stop(struct content *content);

/* What keeps nodes that share a shelf from taking away what another is about to name. All but give
 * and took_away sleep. */
struct content_nodes {
    /* No node takes it away until it is given: 0, -1 (503 while one does). Again and again. */
    int (*take)(void *arg, struct str hash, struct err *err);
    void (*give)(void *arg, struct str hash);
    /* 1 no row names it and no node has taken it, and none does before took_away; 0 it is not so;
     * -1. */
    int (*take_away)(void *arg, struct str hash, struct err *err);
    void (*took_away)(void *arg, struct str hash);
    void *arg;
};
/* Before it is used. Nothing where the shelf is this node's alone. */
void content_share(struct content *content, const struct content_nodes *nodes);

/* ---- writing ---- */

/* 503 when the disk is full, here and below. */
int content_draft_new(struct content *content, struct content_draft **ret_draft,
                      struct err *err) MUST_USE;
/* A draft that lasts: freed, it stays under its id, and this goes on where it ended. What it holds
 * outlives the process; what of it outlives a power cut is what content_draft_sync has seen. One
 * at a time has an id's draft. */
int content_draft_resume(struct content *content, int64_t id, struct content_draft **ret_draft,
                         struct err *err) MUST_USE;
/* Sleeps. */
int content_draft_sync(struct content_draft *draft, struct err *err) MUST_USE;
/* What a lasting draft holds: 1; 0 there is none; -1. */
int content_part_size(struct content *content, int64_t id, int64_t *ret_size,
                      struct err *err) MUST_USE;
/* Gives each lasting draft to judge, which says how much of it stays; less than 0: nothing, it
 * goes. All of them: sleeps. */
int content_part_judge(struct content *content,
                       int (*judge)(void *arg, int64_t id, int64_t size, int64_t *ret_keep,
                                    struct err *err),
                       void *arg, struct err *err) MUST_USE;
/* Whether the machine has started anew since the contents were last used: a lasting draft may be
 * less than it looks. */
bool content_is_after_boot(const struct content *content);
int content_draft_add(struct content_draft *draft, struct str bytes, struct err *err) MUST_USE;
int64_t content_draft_size(const struct content_draft *draft);
/* Sleeps. The content is durable under its name, and pinned: content_unpin follows. The draft is to
 * be freed in any case. */
int content_draft_keep(struct content_draft *draft, unsigned char ret_hash[SHA256_BYTES],
                       struct err *err) MUST_USE;
/* Nothing of a draft that was not kept remains. NULL is allowed. */
void content_draft_free(struct content_draft *draft);

void content_unpin(struct content *content, struct str hash);

/* ---- reading ---- */

/* What is at hand. A descriptor of its bytes, the caller's, and how many: 1; 0 not there; -1. */
int content_open(struct content *content, struct str hash, int *ret_fd, int64_t *ret_size,
                 struct err *err) MUST_USE;
/* Whether what is not at hand may be had by content_fetch. */
bool content_is_far(const struct content *content);
/* Sleeps. As content_open, of all that is there and has at most max bytes. -1 also for bytes that
 * are not those of the hash; 503 when the storage cannot be reached. */
int content_fetch(struct content *content, struct str hash, int64_t max, int *ret_fd,
                  int64_t *ret_size, struct err *err) MUST_USE;
/* The directory that holds all of them; NULL: they are elsewhere. */
const char *content_directory(const struct content *content);
/* Copies at hand that are too many or too old go. Sleeps a little. */
void content_trim(struct content *content);
/* Sleeps: reads all of it, where it durably is, and says whether it has that size and its hash. */
int content_examine(struct content *content, struct str hash, int64_t size,
                    enum shelf_finding *ret_finding, struct err *err) MUST_USE;

/* ---- taking away ---- */

/* Something may not be named any more: looked at by the next content_collect_suspects. */
void content_suspect(struct content *content, struct str hash);

/* Whether a row names it: 1, 0, -1. */
typedef int (*content_named)(void *arg, struct str hash, struct err *err);
/* Sleeps. Takes away what was suspected, is not pinned and has no name. Another's upload of the
 * same bytes waits meanwhile. Nothing while the contents are held. */
int content_collect_suspects(struct content *content, content_named named, void *arg,
                             struct err *err) MUST_USE;

/* While they are held (counted), nothing is taken away: for a backup. */
void content_hold(struct content *content);
void content_release(struct content *content);

/* A page of what there is, from where the cursor is (zeroed: from the beginning), which goes on: 1,
 * there may be more; 0, this was the last; -1 (also when visit returns -1). Sleeps. */
typedef int (*content_visit)(void *arg, const struct shelf_item *item, struct err *err);
int content_list(struct content *content, struct shelf_cursor *cursor, content_visit visit,
                 void *arg, struct err *err) MUST_USE;

#endif
