/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_CONTENT_PRIVATE_H
#define CHAPPE_SERVICE_MEDIA_CONTENT_PRIVATE_H

/* What content.c (contents) and draft.c (files under way) share. */

#include <pthread.h>

#include "base/map.h"
#include "base/vec.h"
#include "service/media/content.h"
#include "service/media/shelf.h"

#define INCOMING ".incoming"

struct content_digest {
    unsigned char bytes[SHA256_BYTES];
};

struct content {
    struct shelf *shelf;
    const struct content_nodes *nodes; /* NULL: no other node keeps contents there */
    int incoming_fd;
    bool is_after_boot;
    pthread_mutex_t lock;
    pthread_cond_t gone; /* a collection has ended */
    struct str_map pins; /* by hash */
    VEC(struct content_digest) suspects;
    unsigned holds;
};

/* Clears what no request remembers, and looks whether the machine has started anew. */
int draft_start(struct content *content, struct err *err) MUST_USE;

/* Waits while the content is being taken away. 0: content_unpin follows; -1 (503). */
int content_pin(struct content *content, struct str hash, struct err *err) MUST_USE;
#endif
