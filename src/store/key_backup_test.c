/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/backup.h"
#include "store/key_backup.h"

#include "store/store_unit.h"

#define USER 5

struct act {
    struct backup_version version;
    int64_t old_etag;
    struct backup_key key;
    struct str room, session;
};

static int create(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return backup_version_insert(w, USER, &act->version, err);
}

static int put(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    if (backup_version_advance(w, USER, act->version.version, act->old_etag, act->version.count,
                               err) < 0)
        return -1;
    return backup_key_put(w, USER, act->version.version, &act->key, err);
}

static int drop_keys(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return backup_key_delete(w, USER, act->version.version, act->room, act->session, err);
}

static int drop_version(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return backup_version_delete(w, USER, act->version.version, err);
}

static struct act version(int64_t number)
{
    return (struct act){
        .version = {.version = number, .algorithm = STR("a"), .auth_data = STR("{\"x\":1}")}};
}

static struct act key(int64_t number, struct str room, struct str session)
{
    struct act act = version(number);
    act.key = (struct backup_key){room, session, 3, 1, true, STR("{\"c\":\"\\u0000\"}")};
    return act;
}

static int64_t count(struct store_unit *unit, int64_t number, struct str room, struct str session)
{
    struct err err = ERR_INIT;
    struct read r;
    int64_t n;
    read_begin(unit->store, &r);
    int status = backup_key_count(&r, USER, number, room, session, &n, &err);
    read_end(&r);
    assert_int_equal(status, 0);
    return n;
}

static int load(struct store_unit *unit, int64_t number, struct backup_version *ret_version)
{
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    int found = backup_version_load(&r, USER, number, unit->arena, ret_version, &err);
    read_end(&r);
    return found;
}

static void versions_are_numbered_once(void **state)
{
    struct store_unit *unit = *state;
    struct act one = version(1), two = version(2);
    struct backup_version loaded;
    struct err err = ERR_INIT;
    struct read r;
    int64_t last;
    assert_int_equal(load(unit, 0, &loaded), 0);
    unit_run(unit->store, create, &one);
    unit_run(unit->store, create, &two);
    assert_int_equal(store_run(unit->store, create, &two, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    assert_int_equal(load(unit, 0, &loaded), 1);
    assert_int_equal(loaded.version, 2);
    assert_str(loaded.auth_data, STR("{\"x\":1}"));
    unit_run(unit->store, drop_version, &two);
    assert_int_equal(load(unit, 2, &loaded), 0);
    assert_int_equal(load(unit, 0, &loaded), 1);
    assert_int_equal(loaded.version, 1);
    read_begin(unit->store, &r);
    assert_int_equal(backup_version_last(&r, USER, &last, &err), 0);
    read_end(&r);
    assert_int_equal(last, 2);
}

static void a_restore_gives_no_number_again(void **state)
{
    struct store_unit *unit = *state;
    struct act one = version(1);
    struct backup_version before, after;
    struct err err = ERR_INIT;
    struct read r;
    int64_t next;
    unit_run(unit->store, create, &one);
    read_begin(unit->store, &r);
    assert_int_equal(backup_version_next(&r, USER, &next, &err), 0);
    read_end(&r);
    assert_int_equal(next, 2); /* given out, and lost by the restore */
    assert_int_equal(load(unit, 1, &before), 1);
    assert_int_equal(store_restore_fixups(unit->store, &err), 0);
    store_unit_reopen(unit);
    read_begin(unit->store, &r);
    assert_int_equal(backup_version_next(&r, USER, &next, &err), 0);
    read_end(&r);
    assert_true(next > 1000000000);
    assert_int_equal(load(unit, 1, &after), 1);
    assert_true(after.etag > before.etag + 1000000000);
}

static void keys_are_written_under_the_etag_that_was_read(void **state)
{
    struct store_unit *unit = *state;
    struct act act = version(1), written = key(1, STR("!a"), STR("s"));
    struct backup_version loaded;
    struct err err = ERR_INIT;
    unit_run(unit->store, create, &act);
    written.version.count = 1;
    unit_run(unit->store, put, &written);
    assert_int_equal(load(unit, 1, &loaded), 1);
    assert_int_equal(loaded.etag, 1);
    assert_int_equal(loaded.count, 1);
    assert_int_equal(store_run(unit->store, put, &written, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
}

struct seen {
    char text[64];
    size_t n;
};

static void see(struct seen *seen, const struct backup_key *backup_key)
{
    seen->text[seen->n++] = backup_key->room.p[1];
    seen->text[seen->n++] = backup_key->session.p[0];
    assert_int_equal(backup_key->first_message_index, 3);
    assert_int_equal(backup_key->forwarded_count, 1);
    assert_true(backup_key->is_verified);
    assert_str(backup_key->data, STR("{\"c\":\"\\u0000\"}"));
}

/* In pages of two. */
static struct str list(struct store_unit *unit, struct str room, struct seen *seen)
{
    struct err err = ERR_INIT;
    struct backup_key *keys, after;
    struct read r;
    size_t n = 2;
    bool first = true;
    seen->n = 0;
    while (n == 2) {
        read_begin(unit->store, &r);
        assert_int_equal(backup_key_list(&r, USER, 1, room, first ? NULL : &after, 2, unit->arena,
                                         &keys, &n, &err),
                         0);
        read_end(&r);
        assert_true(n <= 2);
        for (size_t i = 0; i < n; i++)
            see(seen, &keys[i]);
        if (n)
            after = keys[n - 1];
        first = false;
    }
    return str_make(seen->text, seen->n);
}

static void keys_are_listed_counted_and_deleted_by_scope(void **state)
{
    struct store_unit *unit = *state;
    static const struct str rooms[] = {STR_INIT("!b"), STR_INIT("!a"), STR_INIT("!a")};
    static const struct str sessions[] = {STR_INIT("1"), STR_INIT("3"), STR_INIT("2")};
    struct act act = version(1);
    struct seen seen;
    unit_run(unit->store, create, &act);
    for (int i = 0; i < 3; i++) {
        struct act written = key(1, rooms[i], sessions[i]);
        written.old_etag = i;
        unit_run(unit->store, put, &written);
    }
    assert_str(list(unit, STR_NONE, &seen), STR("a2a3b1"));
    assert_str(list(unit, STR("!a"), &seen), STR("a2a3"));
    assert_int_equal(count(unit, 1, STR_NONE, STR_NONE), 3);
    assert_int_equal(count(unit, 1, STR("!a"), STR_NONE), 2);
    assert_int_equal(count(unit, 1, STR("!a"), STR("3")), 1);
    assert_int_equal(count(unit, 1, STR("!a"), STR("1")), 0);
    act.room = STR("!a");
    act.session = STR("3");
    unit_run(unit->store, drop_keys, &act);
    assert_str(list(unit, STR_NONE, &seen), STR("a2b1"));
    act.session = STR_NONE;
    unit_run(unit->store, drop_keys, &act);
    assert_str(list(unit, STR_NONE, &seen), STR("b1"));
    unit_run(unit->store, drop_version, &act);
    assert_int_equal(count(unit, 1, STR_NONE, STR_NONE), 0);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(versions_are_numbered_once),
    store_unit_test(a_restore_gives_no_number_again),
    store_unit_test(keys_are_written_under_the_etag_that_was_read),
    store_unit_test(keys_are_listed_counted_and_deleted_by_scope),
};
STORE_UNIT_MAIN(tests)
