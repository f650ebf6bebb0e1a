/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/lease.h"

#include "store/private.h"

static const struct db_stmt HOLDER = {
    "lease_holder", "SELECT node FROM lease WHERE name = :name AND until_ms > :now"};
static const struct db_stmt TAKE = {
    "lease_take", "INSERT INTO lease (name, node, until_ms) VALUES (:name, :node, :until)"
                  " ON CONFLICT (name) DO UPDATE SET node = excluded.node,"
                  " until_ms = excluded.until_ms"};
static const struct db_stmt GIVE = {"lease_give",
                                    "DELETE FROM lease WHERE name = :name AND node = :node"};

int lease_take(struct write *w, struct str name, int64_t holder, int64_t ttl_ms, bool *ret_ours,
               struct err *err)
{
    int64_t now = write_time_ms(w), other = holder;
    *ret_ours = true;
    if (w->store->engine == DB_ENGINE_SQLITE)
        return 0;
    if (db_query_int(write_conn(w), &HOLDER, DB_PARAMS(DB_BYTES("name", name), DB_INT("now", now)),
                     &other, err) < 0)
        return -1;
    *ret_ours = other == holder;
    if (!*ret_ours)
        return 0;
    return db_exec(
        write_conn(w), &TAKE,
        DB_PARAMS(DB_BYTES("name", name), DB_INT("node", holder), DB_INT("until", now + ttl_ms)),
        err);
}

struct holding {
    struct str name;
    int64_t holder, ttl_ms;
    bool *ret_ours;
};

static int write_holding(struct write *w, void *arg, struct err *err)
{
    const struct holding *holding = arg;
    return lease_take(w, holding->name, holding->holder, holding->ttl_ms, holding->ret_ours, err);
}

int lease_hold(struct store *store, struct str name, int64_t holder, int64_t ttl_ms, bool *ret_ours,
               struct err *err)
{
    struct holding holding = {name, holder, ttl_ms, ret_ours};
    *ret_ours = true;
    if (store->engine == DB_ENGINE_SQLITE)
        return 0;
    return store_run(store, write_holding, &holding, err);
}

int lease_give(struct write *w, struct str name, int64_t holder, struct err *err)
{
    return db_exec(write_conn(w), &GIVE, DB_PARAMS(DB_BYTES("name", name), DB_INT("node", holder)),
                   err);
}
