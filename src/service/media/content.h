/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_CONTENT_H
#define CHAPPE_SERVICE_MEDIA_CONTENT_H

/* Contents: files named by the SHA-256 of their bytes, "ab/cd/abcd…" under one directory. One is
 * written to ".incoming/" and hashed while it arrives; content_draft_keep makes it durable and
 * gives it its name. Only then may a row name it (store/media.h), so that each row has its content
 * whatever happens on the way; a content without a row is collected.
 *
 * Between its naming and its row a content is pinned, and no collection takes it away.
 *
 * Any thread, each draft on one at a time. What sleeps on the disk says so: it is for the pool of
 * server->sleepers, commands and the background. A hash is SHA256_BYTES bytes. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/hash.h"

struct content; /* the store of them */
struct content_draft;

/* Makes the directory where it is not, and clears what a crash left in ".incoming". */
int content_new(const char *directory, struct content **ret_content, struct err *err) MUST_USE;
void content_free(struct content *content); /* after its drafts; NULL is allowed */

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

/* A descriptor of its bytes, the caller's, and how many: 1; 0 not there; -1. */
int content_open(struct content *content, struct str hash, int *ret_fd, int64_t *ret_size,
                 struct err *err) MUST_USE;
/* Sleeps: reads all of it. 1 the bytes are those of its name, 0 they are not, -1. */
int content_verify(int fd, struct str hash, struct err *err) MUST_USE;

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

/* The contents are listed in CONTENT_PARTS parts, those of the first two bytes of their hashes. A
 * file with any other name is told with an empty hash. 0, or -1 (also when visit returns -1). */
#define CONTENT_PARTS 65536
struct content_file {
    struct str hash;
    const char *name;
    int64_t size, changed_ms;
};
int content_list(struct content *content, unsigned part,
                 int (*visit)(void *arg, const struct content_file *file, struct err *err),
                 void *arg, struct err *err) MUST_USE;

#endif
