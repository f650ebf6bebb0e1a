/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/uia.h"

#include <string.h>

#include "store/store_unit.h"

static int write_new(struct write *w, void *arg, struct err *err)
{
    return uia_insert(w, arg, err);
}

static int write_completed(struct write *w, void *arg, struct err *err)
{
    return uia_complete(w, arg, err);
}

static struct uia_session load(struct store_unit *unit)
{
    struct uia_session session = {0};
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    assert_int_equal(uia_load(&r, STR("s"), unit->arena, &session, &err), 1);
    read_end(&r);
    return session;
}

/* Each of them read the session before the other wrote. */
static void stages_completed_at_once_are_all_kept(void **state)
{
    struct store_unit *unit = *state;
    struct uia_session session = {.id = STR("s"), .action = STR("/x"), .created_ms = 1};
    unit_run(unit->store, write_new, &session);
    struct uia_session mailbox = load(unit), page = load(unit);
    mailbox.completed = 1 << 4;
    mailbox.validation = STR("sid");
    mailbox.bound = true;
    memset(mailbox.body, 7, sizeof mailbox.body);
    page.completed = 1 << 3;
    page.token = STR("token");
    unit_run(unit->store, write_completed, &mailbox);
    unit_run(unit->store, write_completed, &page);
    session = load(unit);
    assert_int_equal(session.completed, 1 << 4 | 1 << 3);
    assert_str(session.validation, STR("sid"));
    assert_str(session.token, STR("token"));
    assert_true(session.bound);
    assert_memory_equal(session.body, mailbox.body, sizeof session.body);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(stages_completed_at_once_are_all_kept),
};

STORE_UNIT_MAIN(tests)
