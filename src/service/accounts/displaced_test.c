/* SPDX-License-Identifier: EUPL-1.2 */

/* A map that was read is gone by at once, whoever has read it: the background, which looks once a
 * minute by itself, is woken. At start it has begun before the first map is there. */

#include "service/accounts/displaced.h"

#include <time.h>

#include "base/clock.h"
#include "service/identity/identity.h"
#include "service/service_unit.h"
#include "store/account.h"
#include "store/email.h"

#define PATIENCE_MS 30000 /* half of what the background waits by itself */

static int read_map(void *arg, struct domain_map **ret_map, struct err *err)
{
    const struct domain_rule here = {.server = STR("x")};
    const bool *whole = arg;
    struct domain_map *map = domain_map_new();
    if (domain_map_add_domain(map, STR("kept.example"), &here, err) < 0 ||
        (*whole && domain_map_add_domain(map, STR("gone.example"), &here, err) < 0)) {
        domain_map_unref(map);
        return -1;
    }
    *ret_map = map;
    return 0;
}

struct having {
    int64_t user;
    struct email email;
};

static int write_email(struct write *w, void *arg, struct err *err)
{
    const struct having *having = arg;
    const unsigned char hash[SHA256_BYTES] = {(unsigned char)having->email.full.p[0]};
    return email_insert(w, having->user, &having->email, hash, err);
}

static struct caller account_of(struct service_unit *unit, const char *user_id, const char *address)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct caller caller = unit_account(unit, user_id);
    struct having having = {.user = caller.user};
    struct err err = ERR_INIT;
    assert_int_equal(email_parse(arena, str_from(address), &having.email, &err), 0);
    if (store_run(unit->server->store, write_email, &having, &err) < 0)
        fail_msg("email_insert: %s %s", err.text, err.detail);
    return caller;
}

static bool is_displaced(struct service_unit *unit, const struct caller *caller)
{
    struct account account;
    struct use use;
    unit_use_begin(unit, caller, &use);
    assert_int_equal(account_load(&use.read, caller->user, use.arena, &account, &use.err), 1);
    unit_use_end(&use);
    return (account.flags & ACCOUNT_DISPLACED) != 0;
}

static void wait_until(struct service_unit *unit, const struct caller *caller, bool displaced)
{
    const struct timespec moment = {.tv_nsec = 2000000};
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;
    while (is_displaced(unit, caller) != displaced) {
        if (clock_monotonic_ms() > until)
            fail_msg("nobody has looked at the accounts since the map was read");
        nanosleep(&moment, NULL);
    }
}

static void a_map_is_gone_by_as_soon_as_it_is_read(void **state)
{
    struct service_unit *unit = *state;
    bool whole = false;
    struct err err = ERR_INIT;
    size_t n;
    unit->config.domains = STR("map");
    service_unit_reopen(unit);
    struct caller kept = account_of(unit, "@kept:x", "a@kept.example");
    struct caller gone = account_of(unit, "@gone:x", "b@gone.example");
    assert_int_equal(identity_set_reader(unit->server, read_map, &whole, &err), 0);
    for (int i = 0; i < 4; i++) {
        wait_until(unit, &gone, !whole);
        whole = !whole;
        assert_int_equal(identity_reload(unit->server, &n, &err), 0);
        assert_int_equal(n, whole ? 2 : 1);
    }
    assert_false(is_displaced(unit, &kept));
}

static const struct CMUnitTest tests[] = {
    service_unit_test(a_map_is_gone_by_as_soon_as_it_is_read),
};
SERVICE_UNIT_MAIN(tests)
