/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_TALK_H
#define CHAPPE_CAGE_TALK_H

/* One conversation with a child: it is started, given bytes, listened to until it has said all, and
 * ended, whatever it does. SIGPIPE is ignored by the process (a child need not listen). */

#include "base/buf.h"
#include "cage/child.h"

/* A stretch of an open file, read with pread: its position is not looked at and does not move. */
struct cage_source {
    int fd;
    int64_t offset, size;
};

/* A file in memory of those bytes, to be a source: the caller's. -1. */
int cage_open_bytes(struct str bytes, int *ret_fd, struct err *err) MUST_USE;

enum talk_outcome {
    TALK_ENDED,   /* by itself; code is its exit status */
    TALK_KILLED,  /* by a signal, the code: the kernel's walls, or a crash */
    TALK_LATE,    /* not done in time, and ended by us */
    TALK_FLOODED, /* said more than may be said, and was ended by us */
};

struct talk_end {
    enum talk_outcome outcome;
    int code;
};

struct talk {
    const char *command;
    struct str head; /* said first */
    struct cage_source source;
    int64_t milliseconds; /* for everything */
};

/* Blocks. What the child says goes to answer, whose maximum is what it may say. -1: it could not be
 * started, or the source not be read (it is shorter than told). */
int child_talk(const struct talk *talk, struct buf *answer, struct talk_end *ret_end,
               struct err *err) MUST_USE;

#endif
