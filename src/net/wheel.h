/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_WHEEL_H
#define CHAPPE_NET_WHEEL_H

/* Deadlines of one I/O thread: a hashed timer wheel with ticks of 20 ms. Setting and cancelling
 * cost O(1); an entry never fires before its time and at most two ticks after it. Entries are
 * embedded in their owners and zeroed at birth. Threads: one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wheel_entry {
    struct wheel_entry *prev, *next; /* NULL: not set */
    int64_t due_ms;
    void (*fire)(struct wheel_entry *entry);
};

#define WHEEL_SLOTS   1024
#define WHEEL_TICK_MS 20

struct wheel {
    struct wheel_entry slots[WHEEL_SLOTS]; /* list heads */
    int64_t tick;                          /* all before it have fired */
    size_t n;
};

void wheel_init(struct wheel *wheel, int64_t now_ms);
/* Sets or moves. */
void wheel_set(struct wheel *wheel, struct wheel_entry *entry, int64_t due_ms);
void wheel_cancel(struct wheel *wheel, struct wheel_entry *entry);
/* Fires what is due; an entry that fires is no longer set, and may set itself again. */
void wheel_advance(struct wheel *wheel, int64_t now_ms);
/* Milliseconds until something may be due (at least 1); -1: nothing is set. */
int64_t wheel_wait(const struct wheel *wheel, int64_t now_ms);

#endif
