/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/expiry.h"

#include "base/limits.h"
#include "base/log.h"
#include "service/background.h"
#include "service/server.h"
#include "store/to_device.h"

/* Rows looked at in one page, and pages in one turn, which comes once a minute. */
#define PAGE  1000
#define PAGES 50

static int tell(const char *what, const struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "expiry", "what", LOG_Z(what), "detail",
             LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
    return -1;
}

/* ---- transaction ids ---- */

struct forgetting {
    const struct txn_old *old;
    size_t n;
};

static int write_forgotten(struct write *w, void *arg, struct err *err)
{
    const struct forgetting *forgetting = arg;
    for (size_t i = 0; i < forgetting->n; i++)
        if (txn_delete(w, &forgetting->old[i], err) < 0)
            return -1;
    return 0;
}

/* 1 there is more, 0, -1. */
static int forget_transactions(struct expiry *expiry, struct server *server, int64_t now_ms)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct forgetting forgetting = {0};
    struct txn_old *old;
    struct err err = ERR_INIT;
    struct read read;
    read_begin(server->store, &read);
    int more = txn_list_old(&read, &expiry->transactions, now_ms - LIMIT_TXN_AGE_MS, PAGE, arena,
                            &old, &forgetting.n, &err);
    read_end(&read);
    forgetting.old = old;
    if (more >= 0 && forgetting.n &&
        store_run(server->store, write_forgotten, &forgetting, &err) < 0)
        more = -1;
    return more < 0 ? tell("transaction ids", &err) : more;
}

/* ---- inboxes ---- */

struct trimming {
    int64_t device;
    int more;
};

static int write_trimmed(struct write *w, void *arg, struct err *err)
{
    struct trimming *trimming = arg;
    trimming->more = to_device_trim(w, trimming->device, LIMIT_STALE_INBOX, PAGE, err);
    return trimming->more < 0 ? -1 : 0;
}

static int trim(struct server *server, int64_t device, struct err *err)
{
    struct trimming trimming = {.device = device, .more = 1};
    while (trimming.more > 0)
        if (store_run(server->store, write_trimmed, &trimming, err) < 0)
            return -1;
    return 0;
}

static int trim_inboxes(struct expiry *expiry, struct server *server, int64_t now_ms)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct err err = ERR_INIT;
    struct read read;
    int64_t *devices;
    size_t n = 0;
    read_begin(server->store, &read);
    int more = to_device_list_stale(&read, &expiry->after_device, now_ms - LIMIT_DEVICE_STALE_MS,
                                    LIMIT_STALE_INBOX, PAGE, arena, &devices, &n, &err);
    read_end(&read);
    for (size_t i = 0; more >= 0 && i < n; i++)
        if (trim(server, devices[i], &err) < 0)
            more = -1;
    return more < 0 ? tell("inboxes", &err) : more;
}

void expiry_run(struct expiry *expiry, struct server *server, int64_t now_ms)
{
    static int (*const walks[])(struct expiry * expiry, struct server * server,
                                int64_t now_ms) = {forget_transactions, trim_inboxes};
    for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
        int more = 1;
        for (int page = 0; more > 0 && page < PAGES; page++)
            more =
                background_is_stopping(server->background) ? 0 : walks[i](expiry, server, now_ms);
    }
}
