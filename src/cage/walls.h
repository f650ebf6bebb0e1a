/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_WALLS_H
#define CHAPPE_CAGE_WALLS_H

/* What a child process does to itself before it reads its first hostile byte. Behind the walls it
 * computes, and reads and writes on descriptors it was given; whatever else it asks the kernel for
 * ends it. There is no way back. From outside to inside:
 *
 *  - every descriptor but those named is closed;
 *  - it ends with the thread that started it, is not dumpable (no core, no debugger of the same
 *    user, nothing of it to be read in /proc) and has no capability;
 *  - limits: memory, processor time, no new descriptor, no child, no file, no core;
 *  - no_new_privs; Landlock with every right of the running kernel and no rule that gives one back;
 *  - seccomp: an allow-list; any other call kills the process.
 *
 * Landlock is left out where the kernel has none: the list of calls suffices without. Everything
 * else is there, or walls_enter fails and the child must end.
 *
 * Called once, by a process with one thread. What its libraries set up at first use (a random seed,
 * what the processor can do) has been set up before. */

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/* A system call that stays open. */
struct walls_call {
    long number; /* SYS_… */
    int fd;      /* what its first argument must be; -1: anything */
};

/* All walls let memory be had and given back (never executable), and the process end. */
struct walls {
    size_t memory;        /* bytes of address space, program included; 0: no limit */
    unsigned cpu_seconds; /* then SIGXCPU; 0: no limit, for a child that lives long */
    unsigned files;       /* no descriptor of this number or above is ever made; 0: none at all */
    const int *keep;      /* descriptors that stay open, in ascending order */
    size_t n_keep;
    const struct walls_call *calls;
    size_t n_calls;
};

/* -1: at least one wall does not stand. */
int walls_enter(const struct walls *walls, struct err *err) MUST_USE;

/* Landlock alone, for tests: 1 it holds; 0 the kernel has none; -1. Part of walls_enter. */
int walls_landlock(struct err *err) MUST_USE;

#endif
