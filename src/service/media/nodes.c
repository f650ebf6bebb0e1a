/* SPDX-License-Identifier: EUPL-1.2 */

/* Nodes that share a shelf: what one is about to name, another does not take away. Their claims are
 * rows (store/media_claim.h), since the storage has no lock to offer. */

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "service/commit.h"
#include "service/config.h"
#include "service/media/private.h"
#include "store/media_claim.h"

/* Longer than a content takes to be sent and named. */
#define TAKE_MS (4 * LIMIT_S3_TRIES * LIMIT_S3_MS)

struct claim {
    unsigned char content[SHA256_BYTES];
    int64_t node, away_ms;
    bool ours;
};

static struct claim claim_of(void *arg, struct str hash)
{
    const struct server *server = arg;
    struct claim claim = {.node = server->node};
    memcpy(claim.content, hash.p, sizeof claim.content);
    return claim;
}

static struct str content_of(const struct claim *claim)
{
    return str_make(claim->content, sizeof claim->content);
}

static int run_take(struct write *w, void *arg, struct err *err)
{
    const struct claim *claim = arg;
    return media_claim_take(w, content_of(claim), claim->node, write_time_ms(w) + TAKE_MS, err);
}

static int run_take_away(struct write *w, void *arg, struct err *err)
{
    struct claim *claim = arg;
    return media_claim_take_away(w, content_of(claim), claim->node,
                                 write_time_ms(w) + claim->away_ms, &claim->ours, err);
}

static int run_drop(struct write *w, void *arg, struct err *err)
{
    const struct claim *claim = arg;
    return media_claim_drop(w, content_of(claim), claim->node, err);
}

static int take(void *arg, struct str hash, struct err *err)
{
    struct server *server = arg;
    struct claim claim = claim_of(server, hash);
    return store_run(server->store, run_take, &claim, err);
}

/* A deletion is a short request: what hangs is given up before half of the time. */
static int take_away(void *arg, struct str hash, struct err *err)
{
    struct server *server = arg;
    struct claim claim = claim_of(server, hash);
    claim.away_ms =
        2 * LIMIT_S3_TRIES * (LIMIT_S3_CONNECT_MS + server->config->media_s3_timeout_ms);
    if (store_run(server->store, run_take_away, &claim, err) < 0)
        return -1;
    return claim.ours;
}

/* When the server stops, a claim ends by itself. */
static void drop(void *arg, struct str hash)
{
    struct server *server = arg;
    struct claim *claim;
    if (__atomic_load_n(&server->media->is_stopping, __ATOMIC_ACQUIRE))
        return;
    claim = MEM_NEW(struct claim);
    *claim = claim_of(server, hash);
    commit_later(server, run_drop, claim);
}

struct content_nodes media_nodes(struct server *server)
{
    return (struct content_nodes){take, drop, take_away, drop, server};
}
