/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_CAGE_H
#define CHAPPE_CAGE_CAGE_H

/* Thumbnails, made where nothing can happen: a child of this same program (`chappe decode`) builds
 * the walls around itself (cage/walls.h), reads the image from a pipe, answers on another and ends.
 * What it answers is checked like any bytes from outside. Whatever the image does to it, this
 * process only learns that there is no thumbnail.
 *
 * Safe from any thread; the child ends with the thread at the latest. Each call is one child of up
 * to LIMIT_CAGE_MEMORY and one processor: how many there are at once is the caller's to bound. The
 * process ignores SIGPIPE. */

#include "cage/talk.h"
#include "cage/thumbnail.h"

/* Blocks, LIMIT_DECODE_MS at most. -1: 400 M_UNKNOWN (not one of the four formats, or broken), 413
 * M_TOO_LARGE (more bytes, pixels, memory or processor time than an image may take), or our own
 * failure, which is worth another try.
 * err's detail is set, whatever its kind, when the child did what it should never do. */
int cage_thumbnail(const struct cage_source *source, const struct thumbnail_wish *wish,
                   struct thumbnail *ret_thumbnail, struct err *err) MUST_USE;

/* What `chappe decode` does: the child. */
void decode_run(void) NORETURN;

#endif
