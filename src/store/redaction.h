/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_REDACTION_H
#define CHAPPE_STORE_REDACTION_H

/* Redactions whose target is not known yet: they apply when it comes. (The rewriting itself is
 * event_redact.) */

#include "store/event.h"

/* Remembers it; twice is once. */
int redaction_wait(struct write *w, const unsigned char target[EVENT_HASH_BYTES], int64_t redaction,
                   struct err *err) MUST_USE;
/* The oldest redaction that waits for that event: 1, 0, -1. */
int redaction_find(struct read *r, const unsigned char target[EVENT_HASH_BYTES],
                   int64_t *ret_redaction, struct err *err) MUST_USE;
/* Forgets those that wait for it. */
int redaction_done(struct write *w, const unsigned char target[EVENT_HASH_BYTES],
                   struct err *err) MUST_USE;

#endif
