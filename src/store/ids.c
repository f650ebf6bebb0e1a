/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "store/private.h"

void ids_init(struct ids *ids)
{
    pthread_mutex_init(&ids->lock, NULL);
    pthread_cond_init(&ids->refilled, NULL);
}

void ids_done(struct ids *ids)
{
    pthread_mutex_destroy(&ids->lock);
    pthread_cond_destroy(&ids->refilled);
}

bool ids_want_block(struct ids *ids)
{
    pthread_mutex_lock(&ids->lock);
    bool want = ids->end != INT64_MAX && ids->spare_next == ids->spare_end;
    pthread_mutex_unlock(&ids->lock);
    return want;
}

void ids_add_block(struct ids *ids, int64_t from, int64_t end)
{
    CHECK(from > 0 && from < end);
    pthread_mutex_lock(&ids->lock);
    if (ids->next == ids->end) {
        ids->next = from;
        ids->end = end;
    } else {
        CHECK(ids->spare_next == ids->spare_end);
        ids->spare_next = from;
        ids->spare_end = end;
    }
    pthread_cond_broadcast(&ids->refilled);
    pthread_mutex_unlock(&ids->lock);
}

int64_t ids_peek(struct ids *ids)
{
    pthread_mutex_lock(&ids->lock);
    int64_t next = ids->next;
    pthread_mutex_unlock(&ids->lock);
    return next;
}

/* Waiting happens on PostgreSQL only, when two million ids went out since the last batch. The
 * appender may take the spare block, but it must not wait for one, which would be for itself: a
 * single job that uses up two blocks is a bug. */
static void wait_for_block(struct store *store)
{
    struct ids *ids = &store->ids;
    while (ids->next == ids->end && ids->spare_next == ids->spare_end) {
        CHECK(!store->has_appender || !pthread_equal(pthread_self(), store->appender));
        pthread_cond_wait(&ids->refilled, &ids->lock);
    }
}

int64_t store_new_id(struct store *store)
{
    struct ids *ids = &store->ids;
    bool low = false;
    pthread_mutex_lock(&ids->lock);
    if (ids->next == ids->end) {
        wait_for_block(store);
        if (ids->next == ids->end) {
            ids->next = ids->spare_next;
            ids->end = ids->spare_end;
            ids->spare_next = ids->spare_end = 0;
        }
        low = true;
    }
    int64_t id = ids->next++;
    pthread_mutex_unlock(&ids->lock);
    if (low)
        queue_want_batch(&store->queue);
    return id;
}
