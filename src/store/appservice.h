/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_APPSERVICE_H
#define CHAPPE_STORE_APPSERVICE_H

/* How far each application service has been told of the log, and the one transaction that is on its
 * way to it: kept as it was first sent until it is acknowledged, so that it is sent again
 * unchanged, under the same number, whatever happens between. */

#include "store/store.h"

struct appservice_progress {
    int64_t pos;     /* all up to it has been told, or concerns it not */
    int64_t txn;     /* the number of the transaction that is on its way, or of the next */
    int64_t upto;    /* what pos will be when that is acknowledged */
    struct str body; /* of that; STR_NONE: none is on its way */
};

/* 1, 0 it is new, -1; the body is in the arena. */
int appservice_load(struct read *r, struct str id, struct arena *arena,
                    struct appservice_progress *ret_progress, struct err *err) MUST_USE;
/* Begins at a position; nothing when it has begun. */
int appservice_begin(struct write *w, struct str id, int64_t pos, struct err *err) MUST_USE;
/* What was found between progress->pos and upto. ERR_KIND_MOVED unless it is as the reader saw it,
 * with none on its way. */
int appservice_prepare(struct write *w, struct str id, const struct appservice_progress *progress,
                       struct err *err) MUST_USE;
/* Nothing was, up to progress->upto. ERR_KIND_MOVED as above. */
int appservice_skip(struct write *w, struct str id, const struct appservice_progress *progress,
                    struct err *err) MUST_USE;
/* The one of that number is acknowledged. ERR_KIND_MOVED when it is not on its way. */
int appservice_acknowledge(struct write *w, struct str id, int64_t txn, struct err *err) MUST_USE;

#endif
