/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/transaction.h"

#include <string.h>

#include "matrix/room_version.h"
#include "store/txn.h"

/* Both may hold NUL, at which a format would stop. */
struct str transaction_key(struct use *use, struct str kind, struct str txn)
{
    char *key = ARENA_NEW_N(use->arena, kind.n + 1 + txn.n, char);
    memcpy(key, kind.p, kind.n);
    key[kind.n] = ' ';
    memcpy(key + kind.n + 1, txn.p, txn.n);
    return str_make(key, kind.n + 1 + txn.n);
}

/* Whose they are: a device's; of an application service that acts without one, the user's. */
static int64_t owner_of(const struct use *use)
{
    const struct caller *caller = &use->caller;
    return caller->device || !caller->appservice ? caller->device : -caller->user;
}

static bool is_named(const struct use *use, const struct transaction_name *name)
{
    return name->txn.p && owner_of(use);
}

static int tell(struct use *use, const struct event *event, struct str *ret_event_id)
{
    struct room_row row;
    struct str version;
    int found = room_load(&use->read, event->room, &row, &use->err);
    if (found != 1)
        return found;
    if (store_name(use->server->store, row.version, use->arena, &version, &use->err) < 0)
        return -1;
    *ret_event_id = pdu_event_id(use->arena, room_version_find(version), event->hash);
    return 1;
}

static int find_in_store(struct use *use, const struct transaction_name *name,
                         struct str *ret_event_id)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int64_t id;
    int found = txn_find(&use->read, owner_of(use), name->room,
                         transaction_key(use, name->kind, name->txn), &id, &use->err);
    if (found == 1)
        found = event_load(&use->read, id, &event, &use->err);
    return found == 1 ? tell(use, event, ret_event_id) : found;
}

int transaction_find(struct use *use, const struct transaction_name *name, struct str *ret_event_id)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    if (!is_named(use, name))
        return 0;
    if (event_find_sent(use->server->store, owner_of(use), name->room,
                        transaction_key(use, name->kind, name->txn), &event))
        return tell(use, event, ret_event_id);
    return use_is_first_run(use) ? 0 : find_in_store(use, name, ret_event_id);
}

int transaction_excuse(struct use *use, const struct transaction_name *name,
                       struct str *ret_event_id)
{
    struct err refused = use->err;
    if (!is_named(use, name) || !use_is_first_run(use))
        return -1;          /* transaction_find has asked the store */
    read_renew(&use->read); /* it may have been committed while this one was refused */
    if (find_in_store(use, name, ret_event_id) == 1) {
        use->err = ERR_INIT;
        return 0;
    }
    use->err = refused;
    return -1;
}

struct transaction {
    int64_t device, room, event;
    struct str key;
};

static int write_transaction(struct write *w, void *arg, struct err *err)
{
    const struct transaction *transaction = arg;
    return txn_insert(w, transaction->device, transaction->room, transaction->key,
                      transaction->event, err);
}

void transaction_add(struct change *change, struct str txn, struct str kind, struct event *event)
{
    struct use *use = change->use;
    if (!txn.p || !owner_of(use))
        return;
    struct transaction *transaction = ARENA_NEW(use->arena, struct transaction);
    *transaction = (struct transaction){owner_of(use), room_row_id(change->room), event->id,
                                        transaction_key(use, kind, txn)};
    event_set_transaction(event, transaction->device, transaction->key);
    change_also(change, write_transaction, transaction);
}

/* ---- delayed events ---- */

static int write_delayed(struct write *w, void *arg, struct err *err)
{
    const struct delayed *delayed = arg;
    return delayed_end(w, delayed, err);
}

void transaction_end_delayed(struct change *change, struct delayed *delayed, int64_t event)
{
    if (!delayed)
        return;
    delayed->event = event;
    change_also(change, write_delayed, delayed);
}

int transaction_settle_delayed(struct use *use, struct delayed *delayed, int64_t event)
{
    delayed->event = event;
    return use_commit(use, write_delayed, NULL, delayed);
}
