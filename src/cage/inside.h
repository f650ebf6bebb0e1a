/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_INSIDE_H
#define CHAPPE_CAGE_INSIDE_H

/* The child's side of a talk (talk.h): walls that leave nothing but reading standard input and
 * writing standard output, and both. For the one thread of a process that was started for it. */

#include "base/buf.h"

/* What it ends with. */
enum inside_exit {
    INSIDE_GOOD = 0,
    INSIDE_NO_WALLS = 1,
    INSIDE_NO_REQUEST = 2, /* what came is not what was announced */
    INSIDE_NO_READER = 3,  /* nobody took the answer */
};

/* walls_enter with LIMIT_CAGE_MEMORY and LIMIT_CAGE_CPU_SECONDS. -1: at least one does not stand.
 */
int inside_enter(void) MUST_USE;

/* All n bytes; -1. */
int inside_read(void *to, size_t n) MUST_USE;
/* Whatever comes until the end; -1, also when it is more than the buffer may hold. */
int inside_read_rest(struct buf *to) MUST_USE;
int inside_write(struct str bytes) MUST_USE;

#endif
