/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/mail.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "store/digest.h"
#include "store/lease.h"
#include "store/store_unit.h"
#include "store/validation.h"

struct act {
    struct mail mail;
    struct validation session;
    struct str sid;
    int64_t n;
    int result;
};

/* ---- mails ---- */

static int write_mail(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return mail_insert(w, &act->mail, err);
}

static int write_begin(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    act->result = mail_begin(w, &act->mail, err);
    return act->result < 0 ? -1 : 0;
}

static int write_postpone(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return mail_postpone(w, act->mail.id, act->n, err);
}

static int write_end(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return mail_end(w, act->mail.id, act->mail.state, err);
}

static int write_count(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    return mail_count_to(w, &act->mail.to, 5, &act->n, err);
}

static int write_forget(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return mail_forget(w, MAIL_DONE, 100, err);
}

static struct act queued(struct store_unit *unit, const char *to, int64_t due_ms)
{
    struct act act = {.mail = {.id = store_new_id(unit->store),
                               .to = unit_email(unit, to),
                               .kind = 1,
                               .args = STR("{\"code\":\"1\"}"),
                               .created_ms = 10,
                               .expires_ms = 1000,
                               .due_ms = due_ms}};
    unit_run(unit->store, write_mail, &act);
    return act;
}

static size_t due(struct store_unit *unit, int64_t now_ms, struct mail **ret_mails)
{
    struct err err = ERR_INIT;
    struct read r;
    size_t n = 0;
    read_begin(unit->store, &r);
    assert_int_equal(mail_list_due(&r, now_ms, 10, unit->arena, ret_mails, &n, &err), 0);
    read_end(&r);
    return n;
}

static int64_t next_due(struct store_unit *unit)
{
    struct err err = ERR_INIT;
    struct read r;
    int64_t ms = 0;
    read_begin(unit->store, &r);
    assert_int_equal(mail_next_due(&r, &ms, &err), 0);
    read_end(&r);
    return ms;
}

static void a_mail_waits_until_it_is_due(void **state)
{
    struct store_unit *unit = *state;
    struct mail *mails;
    assert_int_equal(next_due(unit), INT64_MAX);
    struct act late = queued(unit, "a@b.example", 50), early = queued(unit, "c@b.example", 20);
    assert_int_equal(next_due(unit), 20);
    assert_int_equal(due(unit, 19, &mails), 0);
    assert_int_equal(due(unit, 60, &mails), 2);
    assert_int_equal(mails[0].id, early.mail.id);
    assert_int_equal(mails[1].id, late.mail.id);
    assert_str(mails[0].to.full, STR("c@b.example"));
    unit_run(unit->store, write_begin, &early);
    assert_int_equal(early.result, 1);
    assert_int_equal(due(unit, 60, &mails), 2);
    assert_int_equal(mails[0].begun, 1);
    early.n = 70;
    unit_run(unit->store, write_postpone, &early);
    assert_int_equal(due(unit, 80, &mails), 2);
    assert_int_equal(mails[1].id, early.mail.id);
    assert_int_equal(mails[1].begun, 0);
    assert_int_equal(mails[1].tries, 1);
    /* As another saw it before. */
    unit_run(unit->store, write_begin, &early);
    assert_int_equal(early.result, 0);
    early.mail.due_ms = 70;
    early.mail.state = MAIL_DONE;
    unit_run(unit->store, write_end, &early);
    unit_run(unit->store, write_begin, &early);
    assert_int_equal(early.result, 0);
    assert_int_equal(due(unit, 80, &mails), 1);
}

static void mails_to_an_address_are_counted(void **state)
{
    struct store_unit *unit = *state;
    struct act one = queued(unit, "a@b.example", 50);
    queued(unit, "a@b.example", 50);
    queued(unit, "c@b.example", 50);
    one.mail.state = MAIL_DONE;
    unit_run(unit->store, write_end, &one);
    unit_run(unit->store, write_count, &one);
    assert_int_equal(one.n, 2);
    unit_run(unit->store, write_forget, NULL);
    unit_run(unit->store, write_count, &one);
    assert_int_equal(one.n, 1);
}

/* Else whoever was mailed while the clock was ahead is mailed no more until that day has come. */
static void what_was_mailed_tomorrow_does_not_count_today(void **state)
{
    struct store_unit *unit = *state;
    struct act one = queued(unit, "a@b.example", 50), ahead = one, near = one;
    ahead.mail.id = store_new_id(unit->store);
    ahead.mail.created_ms = clock_wall_ms() + 86400000;
    unit_run(unit->store, write_mail, &ahead);
    unit_run(unit->store, write_count, &one);
    assert_int_equal(one.n, 1);
    /* Another node's clock may be a little ahead. */
    near.mail.id = store_new_id(unit->store);
    near.mail.created_ms = clock_wall_ms() + LIMIT_CLOCK_MS / 2;
    unit_run(unit->store, write_mail, &near);
    unit_run(unit->store, write_count, &one);
    assert_int_equal(one.n, 2);
}

/* ---- proofs ---- */

static int write_session(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return validation_put(w, &act->session, err);
}

static int write_try(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return validation_count_try(w, act->session.sid, err);
}

static int write_validated(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return validation_set_validated(w, act->session.sid, clock_wall_ms() + act->n, err);
}

static int write_use(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    act->result = validation_use(w, act->session.sid, err);
    return act->result < 0 ? -1 : 0;
}

static int find(struct store_unit *unit, const struct act *act, enum validation_purpose purpose,
                struct validation *ret)
{
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    int found = validation_find(&r, purpose, &act->session.email, act->session.secret, unit->arena,
                                ret, &err);
    read_end(&r);
    return found;
}

static void a_proof_is_of_one_purpose_and_used_once(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.session = {.sid = STR("s1"),
                                  .purpose = VALIDATION_SIGN_UP,
                                  .email = unit_email(unit, "a@b.example"),
                                  .attempt = 1,
                                  .sent_ms = 10,
                                  .expires_ms = 1000}};
    struct validation session;
    memset(act.session.secret, 7, sizeof act.session.secret);
    unit_run(unit->store, write_session, &act);
    assert_int_equal(find(unit, &act, VALIDATION_PASSWORD, &session), 0);
    assert_int_equal(find(unit, &act, VALIDATION_SIGN_UP, &session), 1);
    assert_str(session.sid, STR("s1"));
    unit_run(unit->store, write_use, &act);
    assert_int_equal(act.result, 0);
    unit_run(unit->store, write_try, &act);
    unit_run(unit->store, write_validated, &act);
    assert_int_equal(find(unit, &act, VALIDATION_SIGN_UP, &session), 1);
    assert_int_equal(session.tries, 1);
    assert_true(session.validated_ms > 0);
    /* Another mail: what the last one proved is void. */
    act.session.attempt = 2;
    unit_run(unit->store, write_session, &act);
    assert_int_equal(find(unit, &act, VALIDATION_SIGN_UP, &session), 1);
    assert_int_equal(session.tries, 0);
    assert_int_equal(session.validated_ms, 0);
    assert_int_equal(session.attempt, 2);
    unit_run(unit->store, write_validated, &act);
    unit_run(unit->store, write_use, &act);
    assert_int_equal(act.result, 1);
    unit_run(unit->store, write_use, &act);
    assert_int_equal(act.result, 0);
    assert_int_equal(find(unit, &act, VALIDATION_SIGN_UP, &session), 0);
}

static void a_proof_of_tomorrow_proves_nothing_today(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.session = {.sid = STR("s1"),
                                  .purpose = VALIDATION_SIGN_UP,
                                  .email = unit_email(unit, "a@b.example"),
                                  .attempt = 1,
                                  .sent_ms = 10,
                                  .expires_ms = 1000}};
    unit_run(unit->store, write_session, &act);
    act.n = 86400000;
    unit_run(unit->store, write_validated, &act);
    unit_run(unit->store, write_use, &act);
    assert_int_equal(act.result, 0);
    act.n = LIMIT_CLOCK_MS / 2;
    unit_run(unit->store, write_validated, &act);
    unit_run(unit->store, write_use, &act);
    assert_int_equal(act.result, 1);
}

/* ---- digests ---- */

static const struct str link_hash = STR_INIT("0123456789abcdef0123456789abcdef");

static int write_digest(struct write *w, void *arg, struct err *err)
{
    const struct digest *digest = arg;
    return digest_put(w, digest, err) < 0 ? -1
                                          : digest_link_insert(w, link_hash, digest->user, err);
}

static int write_digest_again(struct write *w, void *arg, struct err *err)
{
    return digest_put(w, arg, err);
}

static int write_no_digest(struct write *w, void *arg, struct err *err)
{
    const struct digest *digest = arg;
    return digest_delete_user(w, digest->user, err);
}

static int write_expire_links(struct write *w, void *arg, struct err *err)
{
    const int64_t *before_ms = arg;
    return digest_link_expire(w, *before_ms, err);
}

/* Whether there is a digest of the user, and whose the link is (0: nobody's). */
static bool look(struct store_unit *unit, struct digest *digest, int64_t *ret_owner)
{
    struct err err = ERR_INIT;
    struct read r;
    *ret_owner = 0;
    read_begin(unit->store, &r);
    int found = digest_load(&r, digest->user, digest, &err);
    assert_true(digest_link_find(&r, link_hash, ret_owner, &err) >= 0);
    read_end(&r);
    assert_true(found >= 0);
    return found;
}

static void a_digest_is_remembered_and_its_links_expire(void **state)
{
    struct store_unit *unit = *state;
    struct digest digest = {7, 1000, 50}, found = {.user = 7};
    int64_t owner, before_ms = clock_wall_ms() - 3600000;
    assert_false(look(unit, &found, &owner));
    unit_run(unit->store, write_digest, &digest);
    digest.sent_ms = 2000;
    unit_run(unit->store, write_digest_again, &digest);
    unit_run(unit->store, write_expire_links, &before_ms);
    assert_true(look(unit, &found, &owner));
    assert_int_equal(found.sent_ms, 2000);
    assert_int_equal(found.pos, 50);
    assert_int_equal(owner, 7);
    before_ms = clock_wall_ms() + 3600000;
    unit_run(unit->store, write_expire_links, &before_ms);
    unit_run(unit->store, write_no_digest, &digest);
    assert_false(look(unit, &found, &owner));
    assert_int_equal(owner, 0);
}

/* ---- leases ---- */

struct lease {
    int64_t holder, ttl_ms;
    bool ours;
};

static int take_lease(struct write *w, void *arg, struct err *err)
{
    struct lease *lease = arg;
    return lease_take(w, STR("test"), lease->holder, lease->ttl_ms, &lease->ours, err);
}

static int give_lease(struct write *w, void *arg, struct err *err)
{
    const struct lease *lease = arg;
    return lease_give(w, STR("test"), lease->holder, err);
}

static bool takes(struct store_unit *unit, struct lease *lease)
{
    unit_run(unit->store, take_lease, lease);
    return lease->ours;
}

/* On SQLite there is one node. */
static void a_lease_is_of_one_node(void **state)
{
    struct store_unit *unit = *state;
    struct lease one = {1, 3600000, false}, two = {2, 3600000, false};
    bool alone = unit->engine == DB_ENGINE_SQLITE;
    assert_true(takes(unit, &one));
    assert_int_equal(takes(unit, &two), alone);
    unit_run(unit->store, give_lease, &two);
    assert_int_equal(takes(unit, &two), alone);
    store_unit_reopen(unit);
    assert_true(takes(unit, &one));
    unit_run(unit->store, give_lease, &one);
    assert_true(takes(unit, &two));
}

static void a_lease_that_is_over_is_free(void **state)
{
    struct store_unit *unit = *state;
    struct lease one = {1, -1, false}, two = {2, 3600000, false};
    assert_true(takes(unit, &one));
    assert_true(takes(unit, &two));
    assert_int_equal(takes(unit, &one), unit->engine == DB_ENGINE_SQLITE);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_mail_waits_until_it_is_due),
    store_unit_test(mails_to_an_address_are_counted),
    store_unit_test(what_was_mailed_tomorrow_does_not_count_today),
    store_unit_test(a_proof_of_tomorrow_proves_nothing_today),
    store_unit_test(a_digest_is_remembered_and_its_links_expire),
    store_unit_test(a_proof_is_of_one_purpose_and_used_once),
    store_unit_test(a_lease_is_of_one_node),
    store_unit_test(a_lease_that_is_over_is_free),
};

STORE_UNIT_MAIN(tests)
