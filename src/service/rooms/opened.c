/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/opened.h"

#include <pthread.h>

#include "base/limits.h"
#include "base/mem.h"

#define SLOTS 2048 /* some 8 kB each where they are filled */

struct opened {
    struct event *event; /* referenced: as long as it is held no other has its address */
    struct arena *arena;
    struct pdu pdu;
    int refs; /* atomic */
};

struct opened_table {
    pthread_mutex_t lock;
    struct opened *slots[SLOTS]; /* referenced, or NULL */
};

static struct opened *ref(struct opened *opened)
{
    __atomic_add_fetch(&opened->refs, 1, __ATOMIC_RELAXED);
    return opened;
}

void opened_unref(struct opened *opened)
{
    if (!opened || __atomic_sub_fetch(&opened->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    event_unref(opened->event);
    arena_free(opened->arena);
    mem_free(opened);
}

const struct pdu *opened_pdu(const struct opened *opened)
{
    return &opened->pdu;
}

static struct opened **slot_of(struct opened_table *table, const struct event *event)
{
    return &table->slots[(uint64_t)event->id % SLOTS];
}

static struct opened *find(struct opened_table *table, const struct event *event)
{
    pthread_mutex_lock(&table->lock);
    struct opened *opened = *slot_of(table, event);
    opened = opened && opened->event == event ? ref(opened) : NULL;
    pthread_mutex_unlock(&table->lock);
    return opened;
}

static void keep(struct opened_table *table, struct opened *opened)
{
    if (opened->event->json.n > LIMIT_EVENT_OPENED)
        return;
    pthread_mutex_lock(&table->lock);
    struct opened **slot = slot_of(table, opened->event), *old = *slot;
    *slot = ref(opened);
    pthread_mutex_unlock(&table->lock);
    opened_unref(old);
}

int opened_take(struct opened_table *table, const struct room_version *version, struct event *event,
                struct opened **ret_opened, struct err *err)
{
    struct opened *opened = find(table, event);
    if (!opened) {
        opened = MEM_NEW(struct opened);
        opened->refs = 1;
        opened->event = event;
        event_ref(event);
        opened->arena = arena_new(LIMIT_REQUEST_ARENA);
        if (pdu_open(opened->arena, version, event->json, event->hash, &opened->pdu, err) < 0) {
            opened_unref(opened);
            return -1;
        }
        keep(table, opened);
    }
    *ret_opened = opened;
    return 0;
}

struct opened_table *opened_table_new(void)
{
    struct opened_table *table = MEM_NEW(struct opened_table);
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

void opened_table_free(struct opened_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        opened_unref(table->slots[i]);
    pthread_mutex_destroy(&table->lock);
    mem_free(table);
}
