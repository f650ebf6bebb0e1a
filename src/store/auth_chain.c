/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/auth_chain.h"

#include <stdlib.h>

#include "base/limits.h"
#include "store/auth_reach.h"
#include "store/private.h"

static const struct db_stmt AUTH_CHAIN_INSERT = {
    "auth_chain_insert",
    "INSERT INTO auth_chain (event, chain, seq) VALUES (:event, :chain, :seq)",
};
static const struct db_stmt AUTH_CHAIN_NEXT = {
    "auth_chain_next",
    "SELECT event FROM auth_chain WHERE chain = :chain AND seq = :seq",
};
static const struct db_stmt AUTH_CHAIN_RANGE = {
    "auth_chain_range",
    "SELECT event FROM auth_chain WHERE chain = :chain AND seq > :low AND seq <= :high",
};
static const struct db_stmt CHAIN_LINK_INSERT = {
    "chain_link_insert",
    "INSERT INTO chain_link (chain, seq, to_chain, to_seq)"
    " VALUES (:chain, :seq, :to_chain, :to_seq)",
};

/* ---- putting in ---- */

/* The auth events of the new event, and what each reaches. */
struct parents {
    struct auth_place *places;
    struct auth_reach *reaches;
    size_t n;
};

static int load_parents(struct write *w, const int64_t *auth, size_t n, struct parents *parents,
                        struct err *err)
{
    parents->n = 0;
    if (auth_places_load(w->conn, auth, n, w->arena, &parents->places, &n, err) < 0)
        return -1;
    parents->reaches = ARENA_NEW_N(w->arena, n + 1, struct auth_reach);
    for (size_t i = 0; i < n; i++) {
        auth_reach_init(&parents->reaches[i], w->arena);
        parents->n++;
        auth_reach_from(&parents->reaches[i], &parents->places[i], true);
        if (auth_reach_follow(&parents->reaches[i], w->conn, err) < 0)
            return -1;
    }
    return 0;
}

static void parents_done(struct parents *parents)
{
    for (size_t i = 0; i < parents->n; i++)
        auth_reach_done(&parents->reaches[i]);
}

static bool reaches(const struct parents *parents, size_t from, size_t to)
{
    const struct auth_place *place = &parents->places[to];
    return auth_reach_seq(&parents->reaches[from], place->chain) >= place->seq;
}

/* The auth event whose chain the new one goes on with: of those that nothing follows in their
 * chain, the one that reaches most of the others. n: none. */
static int choose_chain(struct write *w, const struct parents *parents, size_t *ret_best,
                        struct err *err)
{
    size_t best = parents->n, best_reached = 0;
    for (size_t i = 0; i < parents->n; i++) {
        const struct auth_place *place = &parents->places[i];
        size_t reached = 0;
        int64_t next;
        int followed = db_query_int(
            w->conn, &AUTH_CHAIN_NEXT,
            DB_PARAMS(DB_INT("chain", place->chain), DB_INT("seq", place->seq + 1)), &next, err);
        if (followed < 0)
            return -1;
        for (size_t j = 0; j < parents->n; j++)
            reached += reaches(parents, i, j);
        if (!followed && reached > best_reached) {
            best = i;
            best_reached = reached;
        }
    }
    *ret_best = best;
    return 0;
}

/* True when another auth event reaches this one too (of two in one place, the first counts). */
static bool follows(const struct parents *parents, size_t i)
{
    for (size_t j = 0; j < parents->n; j++)
        if (j != i && reaches(parents, j, i) && (!reaches(parents, i, j) || j < i))
            return true;
    return false;
}

static int insert_links(struct write *w, const struct parents *parents, size_t chosen,
                        int64_t chain, int64_t seq, struct err *err)
{
    for (size_t i = 0; i < parents->n; i++) {
        const struct auth_place *place = &parents->places[i];
        if (i == chosen || follows(parents, i))
            continue;
        if (db_exec(w->conn, &CHAIN_LINK_INSERT,
                    DB_PARAMS(DB_INT("chain", chain), DB_INT("seq", seq),
                              DB_INT("to_chain", place->chain), DB_INT("to_seq", place->seq)),
                    err) < 0)
            return -1;
    }
    return 0;
}

int auth_chain_insert(struct write *w, int64_t event, const int64_t *auth, size_t n,
                      struct err *err)
{
    CLEANUP(parents_done) struct parents parents = {0};
    size_t chosen;
    w->touched = true;
    if (load_parents(w, auth, n, &parents, err) < 0 || choose_chain(w, &parents, &chosen, err) < 0)
        return -1;
    bool on = chosen < parents.n;
    int64_t chain = on ? parents.places[chosen].chain : event; /* a new chain has its first's id */
    int64_t seq = on ? parents.places[chosen].seq + 1 : 1;
    if (db_exec(w->conn, &AUTH_CHAIN_INSERT,
                DB_PARAMS(DB_INT("event", event), DB_INT("chain", chain), DB_INT("seq", seq)),
                err) < 0)
        return -1;
    return insert_links(w, &parents, chosen, chain, seq, err);
}

/* ---- differences ---- */

static int reach_of(struct db_conn *conn, struct event_set set, struct arena *arena,
                    struct auth_reach *reach, struct err *err)
{
    struct auth_place *places;
    size_t n;
    if (set.n == 0)
        return 0;
    if (auth_places_load(conn, set.events, set.n, arena, &places, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        auth_reach_from(reach, &places[i], false);
    return auth_reach_follow(reach, conn, err);
}

/* In a chain, what is above the lowest mark of the sets and not above the highest. */
struct range {
    int64_t chain, low, high;
};

static size_t find_ranges(const struct auth_reach *reaches, size_t n, struct arena *arena,
                          struct range **ret_ranges)
{
    VEC(struct range) ranges = {0};
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        int64_t chain;
        void *value;
        while (int_map_next(&reaches[i].marks, &at, &chain, &value)) {
            const struct auth_mark *mark = value;
            struct range range = {chain, mark->reached, mark->reached};
            bool first = true; /* the highest mark, and of equal ones the first, brings the range */
            for (size_t j = 0; j < n; j++) {
                int64_t other = auth_reach_seq(&reaches[j], chain);
                first = first && (other < range.high || (other == range.high && j >= i));
                range.low = other < range.low ? other : range.low;
            }
            if (first && range.low < range.high)
                ARENA_VEC_ADD(arena, &ranges, range);
        }
    }
    *ret_ranges = ranges.p;
    return ranges.n;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int read_ranges(struct db_conn *conn, const struct range *ranges, size_t n,
                       const struct auth_reach *common, struct arena *arena, int64_t **ret_events,
                       size_t *ret_n, struct err *err)
{
    VEC(int64_t) events = {0};
    for (size_t i = 0; i < n; i++) {
        CLEANUP(db_query_cleanup) struct db_query *query = NULL;
        int64_t known = auth_reach_seq(common, ranges[i].chain);
        int64_t low = known > ranges[i].low ? known : ranges[i].low;
        int more;
        if (db_query(conn, &AUTH_CHAIN_RANGE,
                     DB_PARAMS(DB_INT("chain", ranges[i].chain), DB_INT("low", low),
                               DB_INT("high", ranges[i].high)),
                     &query, err) < 0)
            return -1;
        while ((more = db_step(query, err)) > 0)
            ARENA_VEC_ADD(arena, &events, db_column_int(query, 0));
        if (more < 0)
            return -1;
    }
    if (events.n > 1)
        qsort(events.p, events.n, sizeof *events.p, compare_ids);
    *ret_events = events.p;
    *ret_n = events.n;
    return 0;
}

static int difference(struct db_conn *conn, const struct event_set *sets, size_t n_sets,
                      struct event_set common, struct auth_reach *reaches, struct arena *scratch,
                      struct arena *arena, int64_t **ret_events, size_t *ret_n, struct err *err)
{
    struct range *ranges;
    for (size_t i = 0; i < n_sets; i++)
        if (reach_of(conn, sets[i], scratch, &reaches[i], err) < 0)
            return -1;
    size_t n = find_ranges(reaches, n_sets, scratch, &ranges);
    /* What all have is asked for only when there is something to take it from. */
    if (n && reach_of(conn, common, scratch, &reaches[n_sets], err) < 0)
        return -1;
    return read_ranges(conn, ranges, n, &reaches[n_sets], arena, ret_events, ret_n, err);
}

int event_auth_difference(struct read *r, const struct event_set *sets, size_t n_sets,
                          struct event_set common, struct arena *arena, int64_t **ret_events,
                          size_t *ret_n, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(MIB(16));
    struct auth_reach *reaches = ARENA_NEW_N(scratch, n_sets + 1, struct auth_reach);
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    for (size_t i = 0; i <= n_sets; i++)
        auth_reach_init(&reaches[i], scratch);
    int result =
        difference(conn, sets, n_sets, common, reaches, scratch, arena, ret_events, ret_n, err);
    for (size_t i = 0; i <= n_sets; i++)
        auth_reach_done(&reaches[i]);
    return result;
}
