/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/email.h"

#include "store/account.h"
#include "store/invitation.h"
#include "store/store_unit.h"

struct act {
    int64_t user;
    struct email email;
    struct invitation invitation;
    unsigned char hash[SHA256_BYTES];
    bool replace, take;
    int result;
};

static int write_email(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return act->replace ? email_replace(w, act->user, &act->email, act->hash, err)
                        : email_insert(w, act->user, &act->email, act->hash, err);
}

static int write_account(struct write *w, void *arg, struct err *err)
{
    const struct account *account = arg;
    return account_insert(w, account, err);
}

static int64_t new_account(struct store_unit *unit, const char *name, bool external)
{
    struct account account = {.user = unit_intern(unit->store, name),
                              .flags = external ? ACCOUNT_EXTERNAL : 0,
                              .organisation = STR("Intérieur")};
    unit_run(unit->store, write_account, &account);
    return account.user;
}

static void in_use(struct store_unit *unit, struct act *act)
{
    struct err err = ERR_INIT;
    assert_int_equal(store_run(unit->store, write_email, act, &err), -1);
    assert_string_equal(err.errcode, "M_THREEPID_IN_USE");
}

static int64_t owner(struct store_unit *unit, const char *address)
{
    struct email email = unit_email(unit, address);
    struct err err = ERR_INIT;
    struct read r;
    int64_t user = 0;
    read_begin(unit->store, &r);
    int found = email_find_user(&r, &email, &user, &err);
    read_end(&r);
    assert_true(found >= 0);
    return found ? user : 0;
}

static void an_address_is_of_one_account(void **state)
{
    struct store_unit *unit = *state;
    int64_t alice = new_account(unit, "@alice:x", false), bob = new_account(unit, "@bob:x", false);
    struct act act = {.user = alice, .email = unit_email(unit, "Alice@a.example")};
    unit_run(unit->store, write_email, &act);
    assert_int_equal(owner(unit, "alice@A.example"), alice);
    assert_int_equal(owner(unit, "bob@a.example"), 0);
    act.user = bob;
    in_use(unit, &act);
    act.replace = true;
    in_use(unit, &act);
    act.email = unit_email(unit, "bob@a.example");
    unit_run(unit->store, write_email, &act);
    unit_run(unit->store, write_email, &act);
    assert_int_equal(owner(unit, "bob@a.example"), bob);
    act.email = unit_email(unit, "b2@a.example");
    unit_run(unit->store, write_email, &act);
    assert_int_equal(owner(unit, "bob@a.example"), 0);
    assert_int_equal(owner(unit, "b2@a.example"), bob);
}

static int expect_owner(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    struct err why = ERR_INIT;
    (void)err;
    act->result = email_expect_owner(w, act->user, &act->email, &why);
    assert_true(act->result == 0 || why.kind == ERR_KIND_MOVED);
    return 0;
}

static void an_address_that_is_another_s_by_now_proves_nothing(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.user = new_account(unit, "@alice:x", false),
                      .email = unit_email(unit, "alice@a.example")};
    unit_run(unit->store, expect_owner, &act);
    assert_int_equal(act.result, -1);
    unit_run(unit->store, write_email, &act);
    unit_run(unit->store, expect_owner, &act);
    assert_int_equal(act.result, 0);
    act.user = new_account(unit, "@bob:x", false);
    unit_run(unit->store, expect_owner, &act);
    assert_int_equal(act.result, -1);
}

static int write_no_email(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return email_delete_user(w, act->user, err);
}

static void addresses_are_listed_and_go(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.user = new_account(unit, "@alice:x", false),
                      .email = unit_email(unit, "alice@a.example")};
    struct err err = ERR_INIT;
    struct email_row *rows;
    struct email email;
    struct read r;
    size_t n;
    unit_run(unit->store, write_email, &act);
    read_begin(unit->store, &r);
    assert_int_equal(email_list(&r, 0, 10, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].user, act.user);
    assert_str(rows[0].email.domain, STR("a.example"));
    assert_int_equal(email_load(&r, act.user, unit->arena, &email, &err), 1);
    assert_str(email.full, STR("alice@a.example"));
    assert_int_equal(email_load(&r, act.user + 1, unit->arena, &email, &err), 0);
    read_end(&r);
    unit_run(unit->store, write_no_email, &act);
    assert_int_equal(owner(unit, "alice@a.example"), 0);
}

static int write_organisation(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return account_set_organisation(w, act->user, STR("Culture"), act->take, err);
}

static void assert_external(struct store_unit *unit, int64_t user, bool wanted)
{
    struct err err = ERR_INIT;
    struct read r;
    bool external = !wanted;
    read_begin(unit->store, &r);
    assert_int_equal(account_is_external(&r, user, &external, &err), 0);
    read_end(&r);
    assert_int_equal(external, wanted);
}

static void an_external_is_known_by_one_read(void **state)
{
    struct store_unit *unit = *state;
    int64_t agent = new_account(unit, "@agent:x", false),
            partner = new_account(unit, "@partner:x", true);
    struct act act = {.user = agent, .take = true};
    struct account account;
    struct err err = ERR_INIT;
    struct read r;
    assert_external(unit, agent, false);
    assert_external(unit, partner, true);
    assert_external(unit, unit_intern(unit->store, "@far:away"), false);
    unit_run(unit->store, write_organisation, &act);
    assert_external(unit, agent, true);
    act.take = false;
    unit_run(unit->store, write_organisation, &act);
    assert_external(unit, agent, false);
    read_begin(unit->store, &r);
    assert_int_equal(account_load(&r, agent, unit->arena, &account, &err), 1);
    assert_str(account.organisation, STR("Culture"));
    read_end(&r);
}

/* ---- invitations ---- */

static int write_invitation(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return invitation_insert(w, &act->invitation, err);
}

static int write_taking(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    act->result = invitation_take(w, &act->email, act->user, err);
    return act->result < 0 ? -1 : 0;
}

static void invite(struct store_unit *unit, const char *address, const char *token,
                   int64_t expires_ms)
{
    struct act act = {.invitation = {
                          .id = store_new_id(unit->store),
                          .email = unit_email(unit, address),
                          .room = unit_intern(unit->store, "!room"),
                          .inviter = unit_intern(unit->store, "@agent:x"),
                          .token = str_from(token),
                          .created_ms = 1,
                          .expires_ms = expires_ms,
                      }};
    unit_run(unit->store, write_invitation, &act);
}

static size_t count_waiting(struct store_unit *unit, const char *address)
{
    struct email email = unit_email(unit, address);
    struct invitation *rows;
    struct err err = ERR_INIT;
    struct read r;
    size_t n = 0, of_room = 0;
    read_begin(unit->store, &r);
    assert_int_equal(invitation_list_address(&r, &email, 1000, unit->arena, &rows, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(rows[i].state, INVITATION_WAITING);
    assert_int_equal(invitation_list_room(&r, unit_intern(unit->store, "!room"), unit->arena, &rows,
                                          &of_room, &err),
                     0);
    assert_true(of_room >= n);
    read_end(&r);
    return n;
}

static int write_revocation(struct write *w, void *arg, struct err *err)
{
    const struct str *token = arg;
    return invitation_revoke(w, *token, err);
}

static int write_done(struct write *w, void *arg, struct err *err)
{
    const int64_t *id = arg;
    return invitation_done(w, *id, err);
}

/* ACC-12: absent, expired, revoked and used ones let nobody in. */
static void invitations_wait_and_are_taken_once(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.user = 42, .email = unit_email(unit, "partner@p.example")};
    struct str revoked = STR("t-revoked");
    struct invitation *rows, one;
    struct err err = ERR_INIT;
    struct read r;
    size_t n;
    invite(unit, "partner@p.example", "t-old", 999);
    read_begin(unit->store, &r);
    assert_int_equal(invitation_list_expired(&r, 998, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(invitation_list_expired(&r, 999, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_str(rows[0].token, STR("t-old"));
    read_end(&r);
    invite(unit, "partner@p.example", "t-revoked", INT64_MAX);
    invite(unit, "other@p.example", "t-other", INT64_MAX);
    unit_run(unit->store, write_revocation, &revoked);
    assert_int_equal(count_waiting(unit, "partner@p.example"), 0);
    unit_run(unit->store, write_taking, &act);
    assert_int_equal(act.result, 0);
    invite(unit, "Partner@p.example", "t-good", INT64_MAX);
    assert_int_equal(count_waiting(unit, "partner@p.example"), 1);
    unit_run(unit->store, write_taking, &act);
    assert_int_equal(act.result, 1);
    unit_run(unit->store, write_taking, &act);
    assert_int_equal(act.result, 0);
    unit_run(unit->store, write_revocation, &(struct str){"t-good", 6});
    read_begin(unit->store, &r);
    assert_int_equal(invitation_list_user(&r, 42, INVITATION_TAKEN, unit->arena, &rows, &n, &err),
                     0);
    assert_int_equal(n, 1);
    assert_str(rows[0].token, STR("t-good"));
    assert_int_equal(invitation_list_state(&r, INVITATION_TAKEN, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 1);
    read_end(&r);
    unit_run(unit->store, write_done, &rows[0].id);
    read_begin(unit->store, &r);
    assert_int_equal(invitation_find(&r, STR("t-good"), unit->arena, &one, &err), 1);
    assert_int_equal(one.state, INVITATION_DONE);
    assert_int_equal(invitation_find(&r, STR("t-none"), unit->arena, &one, &err), 0);
    read_end(&r);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(an_address_is_of_one_account),
        store_unit_test(an_address_that_is_another_s_by_now_proves_nothing),
        store_unit_test(addresses_are_listed_and_go),
        store_unit_test(an_external_is_known_by_one_read),
        store_unit_test(invitations_wait_and_are_taken_once),
    };
    enum db_engine engine;
    if (!db_unit_engine(argc, argv, &engine))
        return DB_UNIT_SKIPPED;
    store_unit_set_engine(engine);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
