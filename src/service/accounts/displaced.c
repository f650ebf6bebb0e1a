/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/displaced.h"

#include "base/limits.h"
#include "base/log.h"
#include "service/audit.h"
#include "service/background.h"
#include "service/config.h"
#include "service/identity/identity.h"
#include "store/account.h"
#include "store/email.h"
#include "store/lease.h"

#define LEASE_MS   (60 * 1000)
#define PAGE       500
#define PAGES_TURN 20

/* ---- one account ---- */

struct placing {
    int64_t user, set, clear;
};

static int write_placing(struct write *w, void *arg, struct err *err)
{
    const struct placing *placing = arg;
    int64_t pos;
    if (account_set_flags(w, placing->user, placing->set, placing->clear, err) < 0)
        return -1;
    /* Cached sessions carry the flags. */
    return write_position(w, LOG_KIND_DEVICE, 0, placing->user, 0, &pos, err);
}

static int place(struct use *use, int64_t user, bool displaced)
{
    struct placing placing = {user, displaced ? ACCOUNT_DISPLACED : 0,
                              displaced ? 0 : ACCOUNT_DISPLACED};
    if (use_audit_user(use, displaced ? STR("user.displace") : STR("user.replace"), user,
                       STR_NONE) < 0)
        return -1;
    return use_commit(use, write_placing, NULL, &placing);
}

static int report(struct use *use, int64_t user)
{
    struct str user_id;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    log_line(LOG_LEVEL_WARN, "account_displaced", "user", LOG_STR(user_id), NULL);
    return 0;
}

static int look_at(struct use *use, const struct email_row *row)
{
    struct account account;
    int found = account_load(&use->read, row->user, use->arena, &account, &use->err);
    if (found <= 0 || (account.flags & ACCOUNT_DEACTIVATED))
        return found < 0 ? -1 : 0;
    struct placement placement = identity_place(use->server, &row->email, use->arena);
    bool displaced = !placement.here || (placement.external && !(account.flags & ACCOUNT_EXTERNAL));
    if (displaced && use->server->config->accounts_displaced == CONFIG_DISPLACED_REPORT) {
        if (report(use, row->user) < 0)
            return -1;
        displaced = false;
    }
    return displaced == !!(account.flags & ACCOUNT_DISPLACED) ? 0
                                                              : place(use, row->user, displaced);
}

/* ---- all of them ---- */

/* 1 there is more, 0, -1. */
static int walk_page(struct displaced_walk *walk, struct server *server, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct use use = {.server = server, .arena = arena};
    struct email_row *rows;
    size_t n = 0;
    read_begin(server->store, &use.read);
    int status = email_list(&use.read, walk->after, PAGE, arena, &rows, &n, &use.err);
    for (size_t i = 0; status == 0 && i < n && !background_is_stopping(server->background); i++) {
        status = look_at(&use, &rows[i]);
        if (status == 0)
            walk->after = rows[i].user;
    }
    read_end(&use.read);
    *err = use.err;
    return status < 0 ? -1 : n == PAGE;
}

/* A map that is replaced on the way begins the walk anew. 1 there is more, 0, -1. */
static int walk_some(struct displaced_walk *walk, struct server *server, struct err *err)
{
    int64_t serial = identity_serial(server->identity);
    bool ours;
    int more = 1;
    if (lease_hold(server->store, STR("displaced"), server->node, LEASE_MS, &ours, err) < 0)
        return -1;
    for (int page = 0; ours && more == 1 && page < PAGES_TURN; page++)
        more = background_is_stopping(server->background) ? 0 : walk_page(walk, server, err);
    if (!ours || more < 0)
        return more < 0 ? -1 : 0; /* looked at again in a minute */
    if (more == 0 && !background_is_stopping(server->background)) {
        walk->serial = serial;
        walk->after = 0;
    }
    return more;
}

void displaced_work(struct displaced_walk *walk, struct server *server)
{
    struct err err = ERR_INIT;
    int64_t serial = identity_serial(server->identity);
    if (!server->config->domains.p || !serial || walk->serial == serial)
        return;
    int more = walk_some(walk, server, &err);
    if (more < 0)
        log_line(LOG_LEVEL_ERROR, "displaced", "detail",
                 LOG_Z(err.detail[0] ? err.detail : err.text), NULL);
    if (more == 1)
        background_wake(server->background);
}
