/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/auth_chain.h"

#include <string.h>

#include "store/store_unit.h"

/* Random auth graphs, and the difference by walking them as the specification says it. */

enum { EVENTS = 300, AUTH_MAX = 4, SETS = 3 };

struct graph {
    int64_t auth[EVENTS][AUTH_MAX];
    size_t n_auth[EVENTS];
    uint64_t seed;
};

static uint64_t draw(struct graph *graph, uint64_t below)
{
    graph->seed = graph->seed * 6364136223846793005u + 1442695040888963407u;
    return (graph->seed >> 33) % below;
}

/* Event i has the id i + 1. Most auth events are late ones, as power levels are. */
static void make_graph(struct graph *graph)
{
    for (size_t i = 1; i < EVENTS; i++) {
        size_t n = 1 + draw(graph, AUTH_MAX);
        for (size_t j = 0; j < n; j++) {
            uint64_t back = draw(graph, 4) ? 1 + draw(graph, 12) : 1 + draw(graph, i);
            graph->auth[i][j] = back > i ? 1 : (int64_t)(i - back + 1);
        }
        graph->n_auth[i] = n;
    }
}

static int insert_graph(struct write *w, void *arg, struct err *err)
{
    const struct graph *graph = arg;
    for (size_t i = 0; i < EVENTS; i++)
        if (auth_chain_insert(w, (int64_t)i + 1, graph->auth[i], graph->n_auth[i], err) < 0)
            return -1;
    return 0;
}

static void add_chain(const struct graph *graph, const int64_t *events, size_t n, bool *chain)
{
    bool walk[EVENTS] = {false};
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < graph->n_auth[events[i] - 1]; j++)
            walk[graph->auth[events[i] - 1][j] - 1] = true;
    for (size_t i = EVENTS; i-- > 0;)
        for (size_t j = 0; walk[i] && j < graph->n_auth[i]; j++)
            walk[graph->auth[i][j] - 1] = true;
    for (size_t i = 0; i < EVENTS; i++)
        chain[i] = chain[i] || walk[i];
}

static void assert_difference(struct store_unit *unit, struct graph *graph)
{
    int64_t events[SETS][5], common_events[3];
    bool chains[SETS][EVENTS] = {{false}};
    struct event_set sets[SETS], common = {common_events, draw(graph, 4)};
    struct err err = ERR_INIT;
    struct read r;
    int64_t *found;
    size_t n_sets = 1 + draw(graph, SETS), n, expected = 0;
    for (size_t j = 0; j < common.n; j++)
        common_events[j] = 1 + (int64_t)draw(graph, EVENTS);
    for (size_t i = 0; i < n_sets; i++) {
        sets[i] = (struct event_set){events[i], draw(graph, 6)};
        for (size_t j = 0; j < sets[i].n; j++)
            events[i][j] = 1 + (int64_t)draw(graph, EVENTS);
        add_chain(graph, events[i], sets[i].n, chains[i]);
        add_chain(graph, common_events, common.n, chains[i]);
    }
    read_begin(unit->store, &r);
    assert_int_equal(event_auth_difference(&r, sets, n_sets, common, unit->arena, &found, &n, &err),
                     0);
    read_end(&r);
    for (int64_t i = 0; i < EVENTS; i++) {
        size_t in = 0;
        for (size_t s = 0; s < n_sets; s++)
            in += chains[s][i];
        if (in == 0 || in == n_sets)
            continue;
        assert_true(expected < n);
        assert_int_equal(found[expected], i + 1);
        expected++;
    }
    assert_int_equal(n, expected);
}

static void differences_are_those_of_a_walk(void **state)
{
    struct store_unit *unit = *state;
    struct graph *graph = arena_alloc(unit->arena, 1, sizeof *graph);
    graph->seed = 42;
    make_graph(graph);
    unit_run(unit->store, insert_graph, graph);
    for (int i = 0; i < 400; i++)
        assert_difference(unit, graph);
}

/* A room as rooms are: create, power levels, then each member joins and changes its name. */
static int insert_room(struct write *w, void *arg, struct err *err)
{
    int64_t *last = arg, next = 1;
    if (auth_chain_insert(w, next++, NULL, 0, err) < 0 ||
        auth_chain_insert(w, next++, (int64_t[]){1}, 1, err) < 0 ||
        auth_chain_insert(w, next++, (int64_t[]){1, 2}, 2, err) < 0)
        return -1;
    for (int member = 0; member < 100; member++) {
        int64_t join = next++;
        if (auth_chain_insert(w, join, (int64_t[]){1, 2, 3}, 3, err) < 0)
            return -1;
        for (int change = 0; change < 5; change++, next++)
            if (auth_chain_insert(w, next, (int64_t[]){1, 3, next - 1}, 3, err) < 0)
                return -1;
    }
    *last = next - 1;
    return 0;
}

static const struct db_stmt UNIT_CHAINS = {
    "unit_chains",
    "SELECT count(DISTINCT chain) FROM auth_chain",
};
static const struct db_stmt UNIT_LINKS = {"unit_links", "SELECT count(*) FROM chain_link"};

static void a_member_is_about_one_chain(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct db_conn *conn;
    struct read r;
    int64_t last = 0, chains, links;
    unit_run(unit->store, insert_room, &last);
    assert_int_equal(last, 603);
    read_begin(unit->store, &r);
    assert_int_equal(read_conn(&r, &conn, &err), 0);
    assert_int_equal(db_query_int(conn, &UNIT_CHAINS, DB_NO_PARAMS, &chains, &err), 1);
    assert_int_equal(db_query_int(conn, &UNIT_LINKS, DB_NO_PARAMS, &links, &err), 1);
    read_end(&r);
    assert_true(chains <= 101);
    assert_true(links <= 101);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(differences_are_those_of_a_walk),
    store_unit_test(a_member_is_about_one_chain),
};
STORE_UNIT_MAIN(tests)
