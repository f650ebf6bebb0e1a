/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PIECES_H
#define CHAPPE_SERVICE_PIECES_H

/* A large answer, written step by step as its reader takes it (docs/design/pieces.md).
 *
 * Each step has memory of its own and each piece a snapshot, so that a slow reader holds neither:
 * what lasts from step to step is in `arg`, and says where the answer is (a key to go on after,
 * ids). The head stays that of the first step: use->read.head, fixed. Rows after it are left out by
 * the reads that know of heads; what is named by an id of state or of event is the same in any
 * later snapshot, but for a redaction, which is to be seen at once.
 *
 * Whose answer it is may be signed out meanwhile: then it ends there.
 *
 * An answer that is small leaves whole, and one that fails before it began to leave is an ordinary
 * error. Later the connection is cut: nobody takes half an answer for a whole one. */

#include "service/use.h"
#include "json/write.h"

/* Writes a bounded part of the answer, some tens of KiB at best. 1 there is more, 0 that was all,
 * -1 with use->err. Neither `use` nor `out` is the same at each step. */
typedef int (*pieces_step)(struct use *use, struct json_writer *out, void *arg);

/* Runs steps until all is written, or until there is enough for the first piece: then the rest
 * comes as the reader takes it, after the handler has returned. The first steps share the request's
 * snapshot. done is called once, however it ends. Without an exchange all steps are run. */
int pieces_run(struct use *use, struct json_writer *out, pieces_step step, void (*done)(void *arg),
               void *arg) MUST_USE;

#endif
