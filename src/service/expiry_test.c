/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/expiry.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/vec.h"
#include "service/service_unit.h"
#include "store/device.h"
#include "store/to_device.h"

#define TRANSACTIONS 2500
#define WAITING      (LIMIT_STALE_INBOX + 1500)

/* ---- transaction ids ---- */

static int write_transactions(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    for (int64_t i = 0; i < TRANSACTIONS; i++) {
        char txn[16];
        int n = snprintf(txn, sizeof txn, "m %d", (int)i);
        if (txn_insert(w, 1 + i % 7, 5, str_make(txn, (size_t)n), 0, err) < 0)
            return -1;
    }
    return 0;
}

static size_t count_transactions(struct server *server)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct txn_walk walk = {0};
    struct txn_old *old;
    struct err err = ERR_INIT;
    struct read read;
    size_t n, count = 0;
    int more = 1;
    while (more > 0) {
        read_begin(server->store, &read);
        more = txn_list_old(&read, &walk, INT64_MAX, 100, arena, &old, &n, &err);
        read_end(&read);
        assert_true(more >= 0);
        count += n;
    }
    return count;
}

static void transaction_ids_are_forgotten_after_their_time(void **state)
{
    struct service_unit *unit = *state;
    struct expiry expiry = {0};
    struct err err = ERR_INIT;
    int64_t now = clock_wall_ms();
    assert_int_equal(store_run(unit->server->store, write_transactions, NULL, &err), 0);
    expiry_run(&expiry, unit->server, now);
    assert_int_equal(count_transactions(unit->server), TRANSACTIONS);
    expiry_run(&expiry, unit->server, now + LIMIT_TXN_AGE_MS / 2);
    assert_int_equal(count_transactions(unit->server), TRANSACTIONS);
    expiry_run(&expiry, unit->server, now + LIMIT_TXN_AGE_MS + 60000);
    assert_int_equal(count_transactions(unit->server), 0);
}

/* ---- inboxes ---- */

struct filling {
    int64_t user, device;
    int64_t seen_ms;
};

static int write_device(struct write *w, void *arg, struct err *err)
{
    const struct filling *filling = arg;
    struct device device = {.id = filling->device,
                            .user = filling->user,
                            .device_id = STR("D"),
                            .created_ms = 1,
                            .last_seen_ms = filling->seen_ms};
    return device_insert(w, &device, err);
}

static int write_messages(struct write *w, void *arg, struct err *err)
{
    const struct filling *filling = arg;
    for (int i = 0; i < WAITING; i++)
        if (to_device_put(w, filling->user, filling->device, filling->user, STR("{}"), err) < 0)
            return -1;
    return 0;
}

static void fill(struct service_unit *unit, struct filling *filling)
{
    struct err err = ERR_INIT;
    if (store_run(unit->server->store, write_device, filling, &err) < 0 ||
        store_run(unit->server->store, write_messages, filling, &err) < 0)
        fail_msg("%s %s", err.text, err.detail);
}

/* How many messages wait; the first of them must be the oldest that may be left. */
static size_t count_waiting(struct service_unit *unit, int64_t device)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct to_device *messages;
    struct err err = ERR_INIT;
    struct read read;
    int64_t after = 0, upto = 0;
    size_t n, count = 0;
    read_begin(unit->server->store, &read);
    for (; after < read.head.pos; after = upto) {
        assert_int_equal(to_device_list(&read, device, after, LIMIT_TO_DEVICE_PER_SYNC, arena,
                                        &messages, &n, &upto, &err),
                         0);
        count += n;
    }
    read_end(&read);
    return count;
}

static void the_inbox_of_a_device_that_does_not_come_is_cut(void **state)
{
    struct service_unit *unit = *state;
    struct caller alice = unit_account(unit, "@a:x"), bob = unit_account(unit, "@b:x");
    int64_t now = clock_wall_ms();
    struct filling gone = {alice.user, alice.device, now - LIMIT_DEVICE_STALE_MS - 1000};
    struct filling here = {bob.user, bob.device, now};
    struct expiry expiry = {0};
    fill(unit, &gone);
    fill(unit, &here);
    expiry_run(&expiry, unit->server, now);
    assert_int_equal(count_waiting(unit, gone.device), LIMIT_STALE_INBOX);
    assert_int_equal(count_waiting(unit, here.device), WAITING);
    expiry_run(&expiry, unit->server, now);
    assert_int_equal(count_waiting(unit, gone.device), LIMIT_STALE_INBOX);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(transaction_ids_are_forgotten_after_their_time),
    service_unit_test(the_inbox_of_a_device_that_does_not_come_is_cut),
};
SERVICE_UNIT_MAIN(tests)
