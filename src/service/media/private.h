/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_PRIVATE_H
#define CHAPPE_SERVICE_MEDIA_PRIVATE_H

/* What the files of service/media/ share. */

#include <pthread.h>

#include "base/map.h"
#include "base/vec.h"
#include "service/media/content.h"
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
    struct str_map making;       /* thumbnails that are being made, by their wishes */
    struct str_map fetching;     /* contents that are fetched, or could not be, by their hashes */
    struct int_map parts;        /* uploads in parts that are under way, by their rows' ids */
    struct int_map uploads;      /* how many are under way, by their users */
    struct content_nodes nodes;  /* the claims of this node among the others */
    bool is_stopping;            /* atomic */
    bool is_judged;              /* parts of uploads have been, since the start */
    struct shelf_cursor swept;   /* the background's: where it has got to, */
    int64_t sweep_ms;            /* and when it begins anew; wall clock, 0: it is on its way */
};

/* An upload in parts that is under way. */
struct part {
    int64_t id;
    unsigned users;
    pthread_mutex_t lock; /* holder; and the draft while it is added to */
    const void *holder;   /* the request that may add to it: the last that began */
};
/* Becomes its holder. part_give once. */
struct part *part_take(struct media_repository *repository, int64_t id, const void *holder);
void part_give(struct media_repository *repository, struct part *part, const void *holder);
/* Under its lock. */
bool part_is_of(const struct part *part, const void *holder);
bool part_is_under_way(struct media_repository *repository, int64_t id);

/* One more, or one less, upload of a user is under way; false: there are LIMIT_MEDIA_UPLOADS. */
bool uploads_count(struct media_repository *repository, int64_t user) MUST_USE;
void uploads_uncount(struct media_repository *repository, int64_t user);

/* What a request that looks at files keeps over its reruns, in its wait slot. */
struct media_request {
    struct media_repository *repository;
    int64_t began_ms, look_ms; /* monotonic */
    int64_t waits_for;         /* 0: nothing yet */
    struct making *work;       /* thumbnails.c: the one that this request makes; NULL: none */
};
struct media_request *media_request_of(struct use *use); /* with an exchange */

/* Parks until media_wake(id), or until timeout_ms after the request began: USE_PARK; 504 then. */
int media_wait_for(struct use *use, int64_t id, int64_t timeout_ms) MUST_USE;
void media_stop_waiting(struct use *use);

/* What content.h asks of the rows, for the nodes that share a shelf. */
struct content_nodes media_nodes(struct server *server);

/* Has a content fetched that is not at hand: USE_WAIT, and the handler is run again when it is, or
 * when it could not be: USE_FAILED. */
int media_fetch(struct use *use, struct str hash, int64_t size) MUST_USE;
/* Of fetches, after a while; all: at the end, and who waits is let go of. */
void media_forget_failures(struct media_repository *repository, bool all);

/* Parts whose reservations are gone go; the first time is at the start, before requests. */
int media_judge_parts(struct server *server, struct err *err) MUST_USE;

/* 0; -1: 400, 404 when there is no row. */
int media_find_row(struct use *use, struct str server_name, struct str media_id,
                   struct media *ret_media) MUST_USE;

#endif
