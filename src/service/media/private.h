/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_PRIVATE_H
#define CHAPPE_SERVICE_MEDIA_PRIVATE_H

/* What the files of service/media/ share. */

#include <pthread.h>

#include "base/vec.h"
#include "service/media/media.h"

/* A request that waits for a file; the list holds a reference. */
struct waiting {
    int64_t id;
    struct http_exchange *x;
};

struct media_repository {
    struct content *content;
    pthread_mutex_t lock;
    VEC(struct waiting) waiting; /* few: it is searched through */
    unsigned swept;              /* the background's: the next part to be looked through */
};

/* 0; -1: 400, 404 when there is no row. */
int media_find_row(struct use *use, struct str server_name, struct str media_id,
                   struct media *ret_media) MUST_USE;

#endif
