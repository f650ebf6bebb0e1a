/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_CHILD_H
#define CHAPPE_CAGE_CHILD_H

/* A process of this same program (/proc/self/exe: the very file that runs, even while another
 * version is being installed), started for one thing. Safe in a process with threads: nothing runs
 * between the fork and the exec but what posix_spawn does. Whoever started a child ends it. */

#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

struct child {
    pid_t pid;
    int pidfd; /* readable once the process has ended */
};

/* Runs "chappe COMMAND". It has `in` as standard input and `out` as standard output (they may be
 * one), our standard error, no other descriptor, no environment, and every signal as by default.
 * in and out stay the caller's. */
int child_start(const char *command, int in, int out, struct child *ret_child,
                struct err *err) MUST_USE;

/* Kills it unless it has ended, and waits until it is gone: nothing of it is left. What waitpid
 * says of its end. */
int child_end(struct child *child);

#endif
