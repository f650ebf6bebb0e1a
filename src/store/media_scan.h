/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_MEDIA_SCAN_H
#define CHAPPE_STORE_MEDIA_SCAN_H

/* Contents that wait for the antivirus, one row a content. A row is written by the job that stores
 * the content, and goes by the job that writes its verdict. With several nodes a row is claimed for
 * a time before it is worked on (on SQLite there is one node, which knows what it works on); a node
 * that dies leaves it to the others when that time is up. The wall clocks of the nodes may differ
 * by less than that. */

#include "store/store.h"

struct media_scan {
    struct str content; /* SHA-256, 32 bytes */
    int64_t since_ms;   /* when it began to wait */
    int64_t due_ms;     /* not before */
    int64_t tries;      /* that ended in the middle, by the scanner's fault */
};

/* From now on; one that waits already stays as it is. */
int media_scan_insert(struct write *w, struct str content, struct err *err) MUST_USE;
/* Takes a row that was listed, until then: 1; 0: it is gone, or another node's; -1. */
int media_scan_claim(struct write *w, const struct media_scan *scan, int64_t until_ms,
                     struct err *err) MUST_USE;
/* Gives it back to wait until due_ms, as one that was tried that often. */
int media_scan_postpone(struct write *w, struct str content, int64_t due_ms, int64_t tries,
                        struct err *err) MUST_USE;
/* It is no ciphertext, and needs the antivirus. */
int media_scan_judged(struct write *w, struct str content, struct err *err) MUST_USE;
int media_scan_delete(struct write *w, struct str content, struct err *err) MUST_USE;

/* Due at now_ms and nobody's, oldest due first, at most limit; copied into the arena. Those that
 * nobody has looked at yet, or those that are judged. */
int media_scan_list_due(struct read *r, bool judged, int64_t now_ms, size_t limit,
                        struct arena *arena, struct media_scan **ret_scans, size_t *ret_n,
                        struct err *err) MUST_USE;
/* When the next of them is due; INT64_MAX: none waits. */
int media_scan_next_due(struct read *r, bool judged, int64_t *ret_due_ms, struct err *err) MUST_USE;
/* Whether a content waits: 1, 0, -1. */
int media_scan_exists(struct read *r, struct str content, struct err *err) MUST_USE;
/* Whether it is still as it was listed: 1, 0, -1. */
int media_scan_is_same(struct read *r, const struct media_scan *scan, struct err *err) MUST_USE;
/* How many wait, and since when the oldest does (0: none). */
int media_scan_count(struct read *r, int64_t *ret_n, int64_t *ret_since_ms,
                     struct err *err) MUST_USE;

#endif
