/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/audit.h"

#include <stdio.h>
#include <string.h>

#include "store/store_unit.h"

static const struct audit_entry acts[] = {
    {STR_INIT("operator"), STR_INIT("user.add"), STR_INIT("@a:x"), STR_INIT("{\"admin\":true}")},
    {STR_INIT("@a:x"), STR_INIT("user.lock"), STR_INIT("@b:x"), {NULL, 0}},
    {STR_INIT("@a:x"), STR_INIT("user.unlock"), STR_INIT("@b:x"), {NULL, 0}},
    {STR_INIT("operator"), STR_INIT("backup"), {NULL, 0}, {NULL, 0}},
};

/* Two rows in one transaction, too: the second follows the first. */
static int write_acts(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(acts); i++)
        if (audit_append(w, &acts[i], err) < 0)
            return -1;
    return 0;
}

static int write_statement(struct write *w, void *arg, struct err *err)
{
    return db_exec(write_conn(w), arg, DB_NO_PARAMS, err);
}

static int64_t broken_row(struct store *store)
{
    struct err err = ERR_INIT;
    struct read r;
    int64_t broken = -1;
    read_begin(store, &r);
    assert_int_equal(audit_verify(&r, &broken, &err), 0);
    read_end(&r);
    return broken;
}

static void rows_are_chained_and_listed(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct audit_row *rows, last;
    struct read r;
    size_t n;
    assert_int_equal(broken_row(unit->store), 0);
    unit_run(unit->store, write_acts, NULL);
    unit_run(unit->store, write_acts, NULL);
    assert_int_equal(broken_row(unit->store), 0);
    read_begin(unit->store, &r);
    assert_int_equal(audit_list(&r, 1, 2, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].seq, 2);
    assert_str(rows[0].entry.actor, STR("@a:x"));
    assert_str(rows[0].entry.detail, STR("{}"));
    assert_int_equal(audit_last(&r, unit->arena, &last, &err), 1);
    assert_int_equal(last.seq, 8);
    assert_str(last.entry.action, STR("backup"));
    assert_memory_not_equal(last.hash, rows[0].hash, SHA256_BYTES);
    read_end(&r);
}

static void count_line(void *arg, const char *line)
{
    int *n = arg;
    *n += strstr(line, "audit: row") != NULL;
}

/* Whatever is done to a row shows at that row, or at the one after when it is gone. */
static void what_is_tampered_with_shows(void **state)
{
    static const struct {
        struct db_stmt stmt;
        int64_t broken;
    } cases[] = {
        {{"t_actor", "UPDATE audit SET actor = target WHERE seq = 2"}, 2},
        {{"t_action", "UPDATE audit SET action = detail WHERE seq = 3"}, 3},
        {{"t_target", "UPDATE audit SET target = actor WHERE seq = 1"}, 1},
        {{"t_detail", "UPDATE audit SET detail = actor WHERE seq = 4"}, 4},
        {{"t_ts", "UPDATE audit SET ts = ts + 1 WHERE seq = 2"}, 2},
        {{"t_hash", "UPDATE audit SET hash = actor WHERE seq = 2"}, 2},
        {{"t_gone", "DELETE FROM audit WHERE seq = 2"}, 3},
        {{"t_first", "DELETE FROM audit WHERE seq = 1"}, 2},
        {{"t_moved", "UPDATE audit SET seq = seq + 10 WHERE seq = 4"}, 14},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct store_unit *unit;
        struct err err = ERR_INIT;
        int told = 0;
        if (i)
            assert_int_equal(store_unit_open(state), 0);
        unit = *state;
        unit_run(unit->store, write_acts, NULL);
        unit_run(unit->store, write_statement, (void *)(uintptr_t)&cases[i].stmt);
        assert_int_equal(broken_row(unit->store), cases[i].broken);
        assert_int_equal(store_check(unit->store, count_line, &told, &err), 0);
        assert_int_equal(told, 1);
        if (i + 1 < ARRAY_LEN(cases))
            assert_int_equal(store_unit_close(state), 0);
    }
}

/* Texts that change places are not the same row. */
static void borders_between_texts_count(void **state)
{
    static const struct db_stmt move = {
        "t_border", "UPDATE audit SET actor = action, action = actor WHERE seq = 1"};
    struct store_unit *unit = *state;
    unit_run(unit->store, write_acts, NULL);
    unit_run(unit->store, write_statement, (void *)(uintptr_t)&move);
    assert_int_equal(broken_row(unit->store), 1);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(rows_are_chained_and_listed),
    store_unit_test(what_is_tampered_with_shows),
    store_unit_test(borders_between_texts_count),
};

STORE_UNIT_MAIN(tests)
