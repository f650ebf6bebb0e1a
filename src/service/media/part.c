/* SPDX-License-Identifier: EUPL-1.2 */

/* Uploads under way: how many each user has, and who adds to one in parts. */

#include "base/limits.h"
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

/* The map's values are the numbers themselves. */
static uintptr_t count_of(const struct media_repository *repository, int64_t user)
{
    return (uintptr_t)int_map_find(&repository->uploads, user);
}

bool uploads_count(struct media_repository *repository, int64_t user)
{
    pthread_mutex_lock(&repository->lock);
    uintptr_t n = count_of(repository, user);
    if (n < LIMIT_MEDIA_UPLOADS)
        int_map_put(&repository->uploads, user, (void *)(n + 1));
    pthread_mutex_unlock(&repository->lock);
    return n < LIMIT_MEDIA_UPLOADS;
}

void uploads_uncount(struct media_repository *repository, int64_t user)
{
    pthread_mutex_lock(&repository->lock);
    uintptr_t n = count_of(repository, user);
    if (n > 1)
        int_map_put(&repository->uploads, user, (void *)(n - 1));
    else
        int_map_remove(&repository->uploads, user);
    pthread_mutex_unlock(&repository->lock);
}
