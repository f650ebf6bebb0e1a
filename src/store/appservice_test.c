/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/appservice.h"

#include "store/store_unit.h"

struct act {
    struct str id;
    struct appservice_progress progress;
};

static int write_begin(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return appservice_begin(w, act->id, act->progress.pos, err);
}

static int write_prepare(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return appservice_prepare(w, act->id, &act->progress, err);
}

static int write_skip(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return appservice_skip(w, act->id, &act->progress, err);
}

static int write_acknowledge(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return appservice_acknowledge(w, act->id, act->progress.txn, err);
}

static struct appservice_progress progress_of(struct store_unit *unit, const char *id)
{
    struct appservice_progress progress = {0};
    struct err err = ERR_INIT;
    struct read read;
    read_begin(unit->store, &read);
    assert_int_equal(appservice_load(&read, str_from(id), unit->arena, &progress, &err), 1);
    read_end(&read);
    return progress;
}

static void refused(struct store_unit *unit,
                    int (*run)(struct write *w, void *arg, struct err *err), struct act *act)
{
    struct err err = ERR_INIT;
    assert_int_equal(store_run(unit->store, run, act, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
}

static void a_transaction_stays_as_it_was_until_it_is_acknowledged(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.id = STR("irc"), .progress = {.pos = 10}};
    unit_run(unit->store, write_begin, &act);
    act.progress.pos = 99; /* it has begun */
    unit_run(unit->store, write_begin, &act);
    struct appservice_progress progress = progress_of(unit, "irc");
    assert_true(progress.pos == 10 && progress.txn == 1 && !progress.body.p);
    act.progress = (struct appservice_progress){10, 1, 20, STR("{\"events\":[]}")};
    refused(unit, write_acknowledge, &act);
    unit_run(unit->store, write_prepare, &act);
    /* None other, and nothing is passed over, until then. */
    act.progress.body = STR("other");
    refused(unit, write_prepare, &act);
    refused(unit, write_skip, &act);
    store_unit_reopen(unit);
    progress = progress_of(unit, "irc");
    assert_true(progress.pos == 10 && progress.upto == 20 && progress.txn == 1);
    assert_true(str_eq(progress.body, STR("{\"events\":[]}")));
    act.progress.txn = 2;
    refused(unit, write_acknowledge, &act);
    act.progress.txn = 1;
    unit_run(unit->store, write_acknowledge, &act);
    refused(unit, write_acknowledge, &act);
    progress = progress_of(unit, "irc");
    assert_true(progress.pos == 20 && progress.txn == 2 && !progress.body.p);
    act.progress = (struct appservice_progress){20, 2, 35, STR_NONE};
    unit_run(unit->store, write_skip, &act);
    progress = progress_of(unit, "irc");
    assert_true(progress.pos == 35 && progress.txn == 2);
}

static void each_has_its_own(void **state)
{
    struct store_unit *unit = *state;
    struct act one = {.id = STR("one"), .progress = {.pos = 1}};
    struct act two = {.id = STR("two"), .progress = {.pos = 2}};
    struct appservice_progress progress;
    struct err err = ERR_INIT;
    struct read read;
    unit_run(unit->store, write_begin, &one);
    unit_run(unit->store, write_begin, &two);
    assert_true(progress_of(unit, "one").pos == 1 && progress_of(unit, "two").pos == 2);
    read_begin(unit->store, &read);
    assert_int_equal(appservice_load(&read, STR("three"), unit->arena, &progress, &err), 0);
    read_end(&read);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_transaction_stays_as_it_was_until_it_is_acknowledged),
    store_unit_test(each_has_its_own),
};

STORE_UNIT_MAIN(tests)
