/* SPDX-License-Identifier: EUPL-1.2 */

/* What signs a user's devices out is decided in its job: a device that signs in between the
 * request's snapshot and its job goes with the others. */

#include "base/limits.h"
#include "service/accounts/accounts.h"
#include "service/accounts/closing.h"
#include "service/service_unit.h"

static int write_device(struct write *w, void *arg, struct err *err)
{
    return device_insert(w, arg, err);
}

/* The caller with a device of its own, "D". */
static struct caller begin(struct service_unit *unit)
{
    struct caller caller = unit_account(unit, "@a:x");
    struct device device = {.id = caller.device, .user = caller.user, .device_id = STR("D")};
    struct err err = ERR_INIT;
    assert_int_equal(store_run(unit->server->store, write_device, &device, &err), 0);
    return caller;
}

static void sign_in(struct service_unit *unit, const struct caller *caller, const char *device_id)
{
    const struct new_session session = {
        .wanted = true, .device_id = str_from(device_id), .refresh = true};
    struct session_tokens tokens;
    struct use use;
    unit_use_begin(unit, caller, &use);
    if (accounts_sign_in(&use, caller->user, &session, &tokens) != 0)
        fail_msg("accounts_sign_in: %s %s", use.err.text, use.err.detail);
    unit_use_end(&use);
}

/* The ids of the devices, each with a space after it. */
static struct str devices(struct use *use)
{
    struct str ids = STR("");
    struct device *rows;
    size_t n;
    assert_int_equal(device_list(&use->read, use->caller.user, use->arena, &rows, &n, &use->err),
                     0);
    for (size_t i = 0; i < n; i++)
        ids = arena_printf(use->arena, "%.*s%.*s ", STR_ARG(ids), STR_ARG(rows[i].device_id));
    return ids;
}

/* Does it on a snapshot in which "LATE" has not signed in yet; tells the devices that are left. */
static void race(struct service_unit *unit, int (*act)(struct use *use), const char *left)
{
    struct caller caller = begin(unit);
    struct use use, after;
    sign_in(unit, &caller, "EARLY");
    unit_use_begin(unit, &caller, &use);
    assert_str(devices(&use), STR("D EARLY "));
    sign_in(unit, &caller, "LATE");
    if (act(&use) != 0)
        fail_msg("%s %s", use.err.text, use.err.detail);
    unit_use_end(&use);
    unit_use_begin(unit, &caller, &after);
    assert_str(devices(&after), str_from(left));
    unit_use_end(&after);
    unit_check_store(unit);
}

static void test_sign_out_all(void **state)
{
    race(*state, accounts_sign_out_all, "");
}

static int change_password(struct use *use)
{
    return accounts_set_password(use, use->caller.user, STR("another password"), true, STR_NONE);
}

static void test_password_change(void **state)
{
    race(*state, change_password, "D ");
}

static int deactivate(struct use *use)
{
    return accounts_deactivate(use, use->caller.user, false, STR_NONE);
}

static void test_deactivation(void **state)
{
    race(*state, deactivate, "");
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_sign_out_all),
    service_unit_test(test_password_change),
    service_unit_test(test_deactivation),
};

SERVICE_UNIT_MAIN(tests)
