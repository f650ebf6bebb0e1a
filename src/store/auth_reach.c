/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/auth_reach.h"

static const struct db_stmt AUTH_PLACES = {
    "auth_places",
    "SELECT event, chain, seq FROM auth_chain WHERE event {in:events}",
};
static const struct db_stmt AUTH_LINKS = {
    "auth_links",
    "SELECT chain, seq, to_chain, to_seq FROM chain_link WHERE chain {in:chains}",
};

void auth_reach_init(struct auth_reach *reach, struct arena *arena)
{
    *reach = (struct auth_reach){.arena = arena};
}

void auth_reach_done(struct auth_reach *reach)
{
    int_map_done(&reach->marks);
}

int64_t auth_reach_seq(const struct auth_reach *reach, int64_t chain)
{
    const struct auth_mark *mark = int_map_find(&reach->marks, chain);
    return mark ? mark->reached : 0;
}

int auth_places_load(struct db_conn *conn, const int64_t *events, size_t n, struct arena *arena,
                     struct auth_place **ret_places, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct auth_place) places = {0};
    int more;
    if (db_query(conn, &AUTH_PLACES, DB_PARAMS(DB_INT_LIST("events", events, n)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0) {
        struct auth_place place = {
            .event = db_column_int(query, 0),
            .chain = db_column_int(query, 1),
            .seq = db_column_int(query, 2),
        };
        ARENA_VEC_ADD(arena, &places, place);
    }
    *ret_places = places.p;
    *ret_n = places.n;
    return more;
}

static void raise_mark(struct auth_reach *reach, int64_t chain, int64_t reached, int64_t links)
{
    struct auth_mark *mark = int_map_find(&reach->marks, chain);
    if (!mark) {
        mark = ARENA_NEW(reach->arena, struct auth_mark);
        mark->chain = chain;
        int_map_put(&reach->marks, chain, mark);
    }
    if (mark->reached < reached)
        mark->reached = reached;
    if (mark->links < links)
        mark->links = links;
    if (mark->links > mark->links_done && !mark->waits) {
        mark->waits = true;
        ARENA_VEC_ADD(reach->arena, &reach->waiting, mark);
    }
}

void auth_reach_from(struct auth_reach *reach, const struct auth_place *place, bool itself)
{
    raise_mark(reach, place->chain, itself ? place->seq : place->seq - 1, place->seq);
}

/* One round: the links of all chains that were raised since the last one. A link above the place
 * that is reached says nothing. */
static int follow_round(struct auth_reach *reach, struct db_conn *conn, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    size_t n = reach->waiting.n;
    int64_t *chains = ARENA_NEW_N(reach->arena, n, int64_t);
    int more;
    for (size_t i = 0; i < n; i++) {
        struct auth_mark *mark = reach->waiting.p[i];
        chains[i] = mark->chain;
        mark->links_done = mark->links;
        mark->waits = false;
    }
    reach->waiting.n = 0;
    if (db_query(conn, &AUTH_LINKS, DB_PARAMS(DB_INT_LIST("chains", chains, n)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0) {
        const struct auth_mark *from = int_map_find(&reach->marks, db_column_int(query, 0));
        int64_t to_seq = db_column_int(query, 3);
        if (from && db_column_int(query, 1) <= from->links_done)
            raise_mark(reach, db_column_int(query, 2), to_seq, to_seq);
    }
    return more;
}

int auth_reach_follow(struct auth_reach *reach, struct db_conn *conn, struct err *err)
{
    while (reach->waiting.n)
        if (follow_round(reach, conn, err) < 0)
            return -1;
    return 0;
}
