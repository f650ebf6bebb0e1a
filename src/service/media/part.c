/* SPDX-License-Identifier: EUPL-1.2 */

/* Who adds to an upload in parts. */

#include "base/mem.h"
#include "service/media/private.h"

struct part *part_take(struct media_repository *repository, int64_t id, const void *holder)
{
    pthread_mutex_lock(&repository->lock);
    struct part *part = int_map_find(&repository->parts, id);
    if (!part) {
        part = MEM_NEW(struct part);
        part->id = id;
        pthread_mutex_init(&part->lock, NULL);
        int_map_put(&repository->parts, id, part);
    }
    part->users++;
    pthread_mutex_unlock(&repository->lock);
    pthread_mutex_lock(&part->lock);
    part->holder = holder;
    pthread_mutex_unlock(&part->lock);
    return part;
}

void part_give(struct media_repository *repository, struct part *part, const void *holder)
{
    pthread_mutex_lock(&part->lock);
    if (part->holder == holder)
        part->holder = NULL;
    pthread_mutex_unlock(&part->lock);
    pthread_mutex_lock(&repository->lock);
    bool is_last = --part->users == 0;
    if (is_last)
        int_map_remove(&repository->parts, part->id);
    pthread_mutex_unlock(&repository->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&part->lock);
    mem_free(part);
}

bool part_is_of(const struct part *part, const void *holder)
{
    return part->holder == holder;
}

bool part_is_under_way(struct media_repository *repository, int64_t id)
{
    pthread_mutex_lock(&repository->lock);
    bool is = int_map_find(&repository->parts, id) != NULL;
    pthread_mutex_unlock(&repository->lock);
    return is;
}
