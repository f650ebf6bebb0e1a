/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/device_key.h"

#include <stdio.h>

#include "base/limits.h"
#include "store/backup.h"
#include "store/cross_signing.h"
#include "store/dehydrated_device.h"
#include "store/device.h"
#include "store/log.h"
#include "store/store_unit.h"
#include "store/to_device.h"
#include "store/txn.h"

#define CURVE STR("signed_curve25519")

struct act {
    int64_t user, device;
    const struct one_time_key *keys;
    size_t n;
    struct str text;
    int64_t id;
    int result;
    int64_t upto;
};

static int insert_device(struct write *w, void *arg, struct err *err)
{
    return device_insert(w, arg, err);
}

static struct act new_device(struct store_unit *unit, const char *user, const char *device_id)
{
    struct device device = {
        .id = store_new_id(unit->store),
        .user = unit_intern(unit->store, user),
        .device_id = str_from(device_id),
        .display_name = STR("bureau"),
    };
    unit_run(unit->store, insert_device, &device);
    return (struct act){.user = device.user, .device = device.id};
}

static int insert_keys(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return one_time_key_insert(w, act->user, act->device, act->keys, act->n, err);
}

static void upload(struct store_unit *unit, struct act act, const char *key_id, const char *json)
{
    struct one_time_key key = {store_new_id(unit->store), CURVE, str_from(key_id), str_from(json),
                               false};
    act.keys = &key;
    act.n = 1;
    unit_run(unit->store, insert_keys, &act);
}

static int claim(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    act->result = one_time_key_claim(w, act->user, act->device, CURVE, &act->id, err);
    return act->result < 0 ? -1 : 0;
}

/* The id of the key given, "" when there is none. */
static struct str claimed(struct store_unit *unit, struct act act)
{
    struct one_time_key key = {.key_id = STR("")};
    struct err err = ERR_INIT;
    struct read r;
    unit_run(unit->store, claim, &act);
    read_begin(unit->store, &r);
    if (act.result == 1)
        assert_int_equal(one_time_key_load(&r, act.id, unit->arena, &key, &err), 1);
    if (act.result == 2)
        assert_int_equal(fallback_key_load(&r, act.id, unit->arena, &key, &err), 1);
    read_end(&r);
    return key.key_id;
}

static int64_t count(struct store_unit *unit, int64_t device)
{
    struct one_time_key_count *counts;
    struct err err = ERR_INIT;
    struct read r;
    size_t n;
    read_begin(unit->store, &r);
    int status = one_time_key_counts(&r, device, unit->arena, &counts, &n, &err);
    read_end(&r);
    assert_int_equal(status, 0);
    return n ? counts[0].n : 0;
}

static size_t count_unused(struct store_unit *unit, int64_t device)
{
    struct str *types;
    struct err err = ERR_INIT;
    struct read r;
    size_t n;
    read_begin(unit->store, &r);
    int status = unused_fallback_types(&r, device, unit->arena, &types, &n, &err);
    read_end(&r);
    assert_int_equal(status, 0);
    return n;
}

static int put_fallback(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return fallback_key_put(w, act->user, act->device, act->keys, err);
}

static void keys_are_given_once_in_order_then_the_fallback(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A"), other = new_device(unit, "@b:x", "A");
    struct one_time_key fallback = {store_new_id(unit->store), CURVE, STR("F"), STR("\"f\""),
                                    false};
    upload(unit, act, "z", "1");
    upload(unit, act, "b", "2");
    upload(unit, other, "q", "3");
    act.keys = &fallback;
    unit_run(unit->store, put_fallback, &act);
    assert_int_equal(count(unit, act.device), 2);
    assert_int_equal(count_unused(unit, act.device), 1);
    assert_str(claimed(unit, act), STR("z"));
    assert_int_equal(count_unused(unit, act.device), 1);
    assert_str(claimed(unit, act), STR("b"));
    assert_int_equal(count(unit, act.device), 0);
    assert_str(claimed(unit, act), STR("F"));
    assert_int_equal(count_unused(unit, act.device), 0);
    assert_str(claimed(unit, act), STR("F"));
    assert_int_equal(count(unit, other.device), 1);
    fallback.id = store_new_id(unit->store);
    unit_run(unit->store, put_fallback, &act);
    assert_int_equal(count_unused(unit, act.device), 1);
}

static void a_given_key_is_remembered_and_may_be_replaced(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A");
    struct one_time_key key;
    struct err err = ERR_INIT;
    struct read r;
    upload(unit, act, "k", "1");
    assert_str(claimed(unit, act), STR("k"));
    read_begin(unit->store, &r);
    int found = one_time_key_find(&r, act.device, CURVE, STR("k"), unit->arena, &key, &err);
    read_end(&r);
    assert_int_equal(found, 1);
    assert_true(key.given);
    assert_str(key.json, STR("1"));
    assert_str(claimed(unit, act), STR(""));
    upload(unit, act, "k", "2");
    assert_int_equal(count(unit, act.device), 1);
    assert_str(claimed(unit, act), STR("k"));
}

static void a_restored_store_gives_no_key_of_before(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A");
    struct err err = ERR_INIT;
    upload(unit, act, "k", "1");
    assert_int_equal(store_restore_fixups(unit->store, &err), 0);
    assert_int_equal(count(unit, act.device), 0);
    assert_str(claimed(unit, act), STR(""));
}

static int insert_again(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    return one_time_key_insert(w, act->user, act->device, act->keys, act->n, err);
}

static void a_key_id_that_is_there_is_decided_again(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A");
    struct one_time_key key = {store_new_id(unit->store), CURVE, STR("k"), STR("2"), false};
    struct err err = ERR_INIT;
    upload(unit, act, "k", "1");
    act.keys = &key;
    act.n = 1;
    assert_int_equal(store_run(unit->store, insert_again, &act, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    assert_int_equal(count(unit, act.device), 1);
}

/* ---- inboxes ---- */

static int put_message(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return to_device_put(w, act->user, act->device, act->id, act->text, err);
}

static void send(struct store_unit *unit, struct act act, int64_t sender, const char *json)
{
    act.id = sender;
    act.text = str_from(json);
    unit_run(unit->store, put_message, &act);
}

static size_t inbox(struct store_unit *unit, int64_t device, int64_t after, int64_t *ret_upto,
                    struct to_device **ret_messages)
{
    struct err err = ERR_INIT;
    struct read r;
    size_t n;
    read_begin(unit->store, &r);
    int status = to_device_list(&r, device, after, LIMIT_TO_DEVICE_PER_SYNC, unit->arena,
                                ret_messages, &n, ret_upto, &err);
    read_end(&r);
    assert_int_equal(status, 0);
    return n;
}

static int acknowledge(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return to_device_acknowledge(w, act->device, act->upto, err);
}

static int has_old(struct store_unit *unit, int64_t device, int64_t upto)
{
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    int found = to_device_has_old(&r, device, upto, &err);
    read_end(&r);
    return found;
}

static void an_inbox_is_read_in_pages_and_emptied_when_told(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A"), other = new_device(unit, "@a:x", "B");
    struct to_device *messages;
    int64_t upto;
    char text[16];
    for (int i = 0; i < LIMIT_TO_DEVICE_PER_SYNC + 5; i++) {
        snprintf(text, sizeof text, "{\"n\":%d}", i);
        send(unit, act, 99, text);
    }
    send(unit, other, 99, "{}");
    assert_int_equal(inbox(unit, act.device, 0, &upto, &messages), LIMIT_TO_DEVICE_PER_SYNC);
    assert_str(messages[0].json, STR("{\"n\":0}"));
    assert_int_equal(upto, messages[LIMIT_TO_DEVICE_PER_SYNC - 1].pos);
    act.upto = upto;
    assert_int_equal(has_old(unit, act.device, upto), 1);
    unit_run(unit->store, acknowledge, &act);
    assert_int_equal(has_old(unit, act.device, upto), 0);
    assert_int_equal(inbox(unit, act.device, 0, &upto, &messages), 5);
    assert_str(messages[0].json, STR("{\"n\":100}"));
    assert_int_equal(upto, store_head(unit->store).pos);
    assert_int_equal(inbox(unit, act.device, upto, &upto, &messages), 0);
    assert_int_equal(inbox(unit, other.device, 0, &upto, &messages), 1);
}

/* As a flood would leave it, without sending one. */
static int set_waiting(struct write *w, void *arg, struct err *err)
{
    static const struct db_stmt stmt = {
        "test_set_waiting",
        "UPDATE inbox SET waiting = :n WHERE device = :device AND sender = :sender"};
    const struct act *act = arg;
    return db_exec_expect(
        write_conn(w), &stmt,
        DB_PARAMS(DB_INT("n", act->upto), DB_INT("device", act->device), DB_INT("sender", act->id)),
        1, err);
}

static bool is_full(struct store_unit *unit, int64_t device, int64_t sender)
{
    struct err err = ERR_INIT;
    struct read r;
    int64_t *full;
    size_t n;
    read_begin(unit->store, &r);
    int status = to_device_list_full(&r, &device, 1, sender, unit->arena, &full, &n, &err);
    read_end(&r);
    assert_int_equal(status, 0);
    return n == 1;
}

static void a_flood_fills_the_inbox_for_its_sender_only(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A");
    send(unit, act, 7, "{}");
    send(unit, act, 8, "{}");
    assert_false(is_full(unit, act.device, 7));
    act.id = 7;
    act.upto = LIMIT_TO_DEVICE_SENDER;
    unit_run(unit->store, set_waiting, &act);
    assert_true(is_full(unit, act.device, 7));
    assert_false(is_full(unit, act.device, 8));
    act.id = 0;
    act.upto = LIMIT_TO_DEVICE_INBOX;
    unit_run(unit->store, set_waiting, &act);
    assert_true(is_full(unit, act.device, 8));
}

static void reading_makes_room(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A");
    struct to_device *messages;
    send(unit, act, 7, "{}");
    send(unit, act, 7, "{}");
    act.id = 7;
    act.upto = LIMIT_TO_DEVICE_SENDER + 1;
    unit_run(unit->store, set_waiting, &act);
    assert_true(is_full(unit, act.device, 7));
    assert_int_equal(inbox(unit, act.device, 0, &act.upto, &messages), 2);
    unit_run(unit->store, acknowledge, &act);
    assert_false(is_full(unit, act.device, 7));
}

static int take(struct write *w, void *arg, struct err *err)
{
    return to_device_take(w, arg, err);
}

/* One by one, wherever it stands, with its place in the quotas; and once. */
static void a_message_that_goes_elsewhere_makes_room(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A");
    struct to_device_taken taken = {.device = act.device};
    struct to_device *messages;
    struct err err = ERR_INIT;
    struct str json;
    struct read r;
    send(unit, act, 7, "{\"n\":0}");
    send(unit, act, 8, "{\"n\":1}");
    act.id = 8;
    act.upto = LIMIT_TO_DEVICE_SENDER;
    unit_run(unit->store, set_waiting, &act);
    assert_true(is_full(unit, act.device, 8));
    assert_int_equal(inbox(unit, act.device, 0, &act.upto, &messages), 2);
    taken.pos = messages[1].pos;
    read_begin(unit->store, &r);
    assert_int_equal(to_device_load(&r, &taken, unit->arena, &json, &err), 1);
    read_end(&r);
    assert_str(json, STR("{\"n\":1}"));
    assert_int_equal(taken.sender, 8);
    unit_run(unit->store, take, &taken);
    assert_false(is_full(unit, act.device, 8));
    assert_int_equal(inbox(unit, act.device, 0, &act.upto, &messages), 1);
    assert_str(messages[0].json, STR("{\"n\":0}"));
    assert_int_equal(store_run(unit->store, take, &taken, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    read_begin(unit->store, &r);
    assert_int_equal(to_device_load(&r, &taken, unit->arena, &json, &err), 0);
    read_end(&r);
    taken = (struct to_device_taken){act.device, messages[0].pos, 7};
    unit_run(unit->store, take, &taken);
    assert_int_equal(inbox(unit, act.device, 0, &act.upto, &messages), 0);
}

/* ---- all that goes with a device ---- */

static int put_everything(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    struct one_time_key key = {store_new_id(write_store(w)), CURVE, STR("k"), STR("1"), false};
    struct one_time_key fallback = {store_new_id(write_store(w)), CURVE, STR("f"), STR("1"), false};
    struct key_signature signature = {act->user, STR("ed25519:K"), act->user, STR("A"), STR("s")};
    if (device_key_put(w, act->user, act->device, STR("{}"), err) < 0 ||
        one_time_key_insert(w, act->user, act->device, &key, 1, err) < 0 ||
        fallback_key_put(w, act->user, act->device, &fallback, err) < 0 ||
        key_signature_put(w, &signature, err) < 0 ||
        txn_insert(w, act->device, 0, STR("t"), 0, err) < 0 ||
        dehydrated_device_insert(w, act->user, act->device, STR("{}"), err) < 0)
        return -1;
    return to_device_put(w, act->user, act->device, 5, STR("{}"), err);
}

static int delete_device(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return device_delete(w, act->user, act->device, err);
}

static void nothing_of_a_device_is_left_behind(void **state)
{
    struct store_unit *unit = *state;
    struct act act = new_device(unit, "@a:x", "A");
    struct key_signature *signatures;
    struct device_key *keys;
    struct dehydrated_device dehydrated;
    struct to_device *messages;
    struct log_entry *entries;
    struct err err = ERR_INIT;
    struct read r;
    int64_t upto, none;
    size_t n, n_entries;
    bool told = false;
    unit_run(unit->store, put_everything, &act);
    int64_t before = store_head(unit->store).pos;
    unit_run(unit->store, delete_device, &act);
    assert_int_equal(count(unit, act.device), 0);
    assert_int_equal(count_unused(unit, act.device), 0);
    assert_int_equal(inbox(unit, act.device, 0, &upto, &messages), 0);
    assert_str(claimed(unit, act), STR(""));
    read_begin(unit->store, &r);
    assert_int_equal(device_key_list(&r, act.user, unit->arena, &keys, &n, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(key_signature_list(&r, act.user, act.user, unit->arena, &signatures, &n, &err),
                     0);
    assert_int_equal(n, 0);
    assert_int_equal(dehydrated_device_load(&r, act.user, unit->arena, &dehydrated, &err), 0);
    assert_int_equal(txn_find(&r, act.device, 0, STR("t"), &none, &err), 0);
    assert_int_equal(log_list(&r, before, 10, unit->arena, &entries, &n_entries, &err), 0);
    for (size_t i = 0; i < n_entries; i++)
        told |= entries[i].kind == LOG_KIND_DEVICE_LIST && entries[i].user == act.user;
    assert_true(told);
    read_end(&r);
}

/* ---- signatures ---- */

static int put_signatures(struct write *w, void *arg, struct err *err)
{
    const int64_t *users = arg;
    for (int i = 0; i < 3; i++) {
        struct key_signature signature = {users[i], STR("ed25519:K"), users[0], STR("A"), STR("s")};
        if (key_signature_put(w, &signature, err) < 0)
            return -1;
    }
    return 0;
}

static size_t seen_by(struct store_unit *unit, int64_t target, int64_t reader)
{
    struct key_signature *signatures;
    struct err err = ERR_INIT;
    struct read r;
    size_t n;
    read_begin(unit->store, &r);
    int status = key_signature_list(&r, target, reader, unit->arena, &signatures, &n, &err);
    read_end(&r);
    assert_int_equal(status, 0);
    return n;
}

static void signatures_are_seen_by_owner_and_signer(void **state)
{
    struct store_unit *unit = *state;
    int64_t users[] = {unit_intern(unit->store, "@a:x"), unit_intern(unit->store, "@b:x"),
                       unit_intern(unit->store, "@c:x")};
    unit_run(unit->store, put_signatures, users);
    assert_int_equal(seen_by(unit, users[0], users[0]), 1);
    assert_int_equal(seen_by(unit, users[0], users[1]), 2);
    assert_int_equal(seen_by(unit, users[0], unit_intern(unit->store, "@d:x")), 1);
}

static int put_master(struct write *w, void *arg, struct err *err)
{
    const struct cross_signing_key *key = arg;
    return cross_signing_put(w, 11, CROSS_SIGNING_MASTER, key, err);
}

static int expect_none(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return cross_signing_expect_master(w, 11, STR_NONE, err);
}

static int expect_one(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return cross_signing_expect_master(w, 11, STR("one"), err);
}

static void a_first_master_key_is_first_once(void **state)
{
    struct store_unit *unit = *state;
    struct cross_signing_key one = {STR("one"), STR("{}")}, two = {STR("two"), STR("{}")};
    struct err err = ERR_INIT;
    unit_run(unit->store, expect_none, NULL);
    unit_run(unit->store, put_master, &one);
    unit_run(unit->store, expect_one, NULL);
    assert_int_equal(store_run(unit->store, expect_none, NULL, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    unit_run(unit->store, put_master, &two);
    assert_int_equal(store_run(unit->store, expect_one, NULL, &err), -1);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(keys_are_given_once_in_order_then_the_fallback),
    store_unit_test(a_given_key_is_remembered_and_may_be_replaced),
    store_unit_test(a_restored_store_gives_no_key_of_before),
    store_unit_test(a_key_id_that_is_there_is_decided_again),
    store_unit_test(an_inbox_is_read_in_pages_and_emptied_when_told),
    store_unit_test(a_flood_fills_the_inbox_for_its_sender_only),
    store_unit_test(a_message_that_goes_elsewhere_makes_room),
    store_unit_test(reading_makes_room),
    store_unit_test(nothing_of_a_device_is_left_behind),
    store_unit_test(signatures_are_seen_by_owner_and_signer),
    store_unit_test(a_first_master_key_is_first_once),
};
STORE_UNIT_MAIN(tests)
