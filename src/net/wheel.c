/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/wheel.h"

static int64_t tick_after(int64_t ms)
{
    return (ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS;
}

static struct wheel_entry *slot_of(struct wheel *wheel, int64_t tick)
{
    return &wheel->slots[(size_t)tick % WHEEL_SLOTS];
}

static void link_before(struct wheel_entry *head, struct wheel_entry *entry)
{
    entry->prev = head->prev;
    entry->next = head;
    head->prev->next = entry;
    head->prev = entry;
}

static void unlink_entry(struct wheel_entry *entry)
{
    entry->prev->next = entry->next;
    entry->next->prev = entry->prev;
    entry->prev = entry->next = NULL;
}

void wheel_init(struct wheel *wheel, int64_t now_ms)
{
    for (size_t i = 0; i < WHEEL_SLOTS; i++)
        wheel->slots[i].prev = wheel->slots[i].next = &wheel->slots[i];
    wheel->tick = now_ms / WHEEL_TICK_MS;
    wheel->n = 0;
}

void wheel_set(struct wheel *wheel, struct wheel_entry *entry, int64_t due_ms)
{
    int64_t tick = tick_after(due_ms);
    wheel_cancel(wheel, entry);
    entry->due_ms = due_ms;
    if (tick <= wheel->tick)
        tick = wheel->tick + 1;
    link_before(slot_of(wheel, tick), entry);
    wheel->n++;
}

void wheel_cancel(struct wheel *wheel, struct wheel_entry *entry)
{
    if (!entry->next)
        return;
    unlink_entry(entry);
    wheel->n--;
}

/* The entries of a slot that are due; those of a later turn of the wheel stay. Firing may change
 * any list, so each due entry is taken out first. */
static void slot_fire(struct wheel *wheel, struct wheel_entry *slot, int64_t now_ms)
{
    struct wheel_entry due = {.prev = &due, .next = &due};
    for (struct wheel_entry *e = slot->next, *next; e != slot; e = next) {
        next = e->next;
        if (e->due_ms > now_ms)
            continue;
        unlink_entry(e);
        link_before(&due, e);
    }
    while (due.next != &due) {
        struct wheel_entry *e = due.next;
        wheel_cancel(wheel, e);
        e->fire(e);
    }
}

void wheel_advance(struct wheel *wheel, int64_t now_ms)
{
    int64_t last = now_ms / WHEEL_TICK_MS, first = wheel->tick + 1;
    if (last - first >= WHEEL_SLOTS)
        first = last - WHEEL_SLOTS + 1;
    for (int64_t tick = first; tick <= last; tick++) {
        wheel->tick = tick;
        slot_fire(wheel, slot_of(wheel, tick), now_ms);
    }
}

int64_t wheel_wait(const struct wheel *wheel, int64_t now_ms)
{
    if (wheel->n == 0)
        return -1;
    for (int64_t tick = wheel->tick + 1; tick <= wheel->tick + WHEEL_SLOTS; tick++) {
        const struct wheel_entry *slot = &wheel->slots[(size_t)tick % WHEEL_SLOTS];
        int64_t wait = tick * WHEEL_TICK_MS - now_ms;
        if (slot->next != slot)
            return wait < 1 ? 1 : wait;
    }
    return WHEEL_SLOTS * WHEEL_TICK_MS;
}
