/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "store/account.h"
#include "store/store_unit.h"

#define OWNER 7

struct act {
    int (*run)(struct write *w, const struct act *act, struct err *err);
    struct media media;
    int64_t quota, now_ms;
    bool quarantined;
};

static int write_act(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return act->run(w, act, err);
}

static int do_insert(struct write *w, const struct act *act, struct err *err)
{
    return media_insert(w, &act->media, act->quota, err);
}

static int do_reserve(struct write *w, const struct act *act, struct err *err)
{
    return media_reserve(w, &act->media, err);
}

static int do_fill(struct write *w, const struct act *act, struct err *err)
{
    return media_fill(w, &act->media, act->quota, err);
}

static int do_expire(struct write *w, const struct act *act, struct err *err)
{
    return media_expire(w, act->now_ms, err);
}

static int do_delete(struct write *w, const struct act *act, struct err *err)
{
    return media_delete(w, act->media.id, err);
}

static int do_delete_owner(struct write *w, const struct act *act, struct err *err)
{
    return media_delete_owner(w, act->media.owner, err);
}

static int do_quarantine(struct write *w, const struct act *act, struct err *err)
{
    return media_quarantine(w, act->media.hash, act->quarantined, err);
}

/* 200, or the status of the refusal. */
static int run(struct store_unit *unit, struct act *act,
               int (*what)(struct write *w, const struct act *act, struct err *err))
{
    struct err err = ERR_INIT;
    act->run = what;
    if (store_run(unit->store, write_act, act, &err) == 0)
        return 200;
    assert_int_equal(err.kind, ERR_KIND_CLIENT);
    return err.status;
}

static struct act file_of(struct store_unit *unit, const char *media_id, int64_t size, char content)
{
    char *hash = arena_alloc(unit->arena, SHA256_BYTES, 1);
    memset(hash, content, SHA256_BYTES);
    return (struct act){.media = {.id = store_new_id(unit->store),
                                  .origin = STR(""),
                                  .media_id = str_from(media_id),
                                  .owner = OWNER,
                                  .size = size,
                                  .hash = str_make(hash, SHA256_BYTES),
                                  .created_ms = 5}};
}

static struct act reservation_of(struct store_unit *unit, const char *media_id, int64_t expires_ms)
{
    struct act act = file_of(unit, media_id, 0, 0);
    act.media.hash = STR_NONE;
    act.media.expires_ms = expires_ms;
    return act;
}

/* The state, or -1: there is no row. */
static int state_of(struct store_unit *unit, const char *media_id, struct media *ret_media)
{
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    int found = media_find(&r, STR(""), str_from(media_id), unit->arena, ret_media, &err);
    read_end(&r);
    assert_true(found >= 0);
    return found ? (int)ret_media->state : -1;
}

static void assert_usage(struct store_unit *unit, int64_t bytes, int64_t files)
{
    struct media_usage usage;
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    assert_int_equal(media_usage_load(&r, OWNER, &usage, &err), 0);
    read_end(&r);
    assert_int_equal(usage.bytes, bytes);
    assert_int_equal(usage.files, files);
}

static int is_named(struct store_unit *unit, struct str hash)
{
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    int named = media_names(&r, hash, &err);
    read_end(&r);
    return named;
}

static int find_of(struct store_unit *unit, const char *origin, struct media *ret_media)
{
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    int found = media_find(&r, str_from(origin), STR("Same_-id"), unit->arena, ret_media, &err);
    read_end(&r);
    return found;
}

/* Imported: an id is its server's, and whose file it is nobody here pays for. */
static void a_file_of_another_server_has_its_own_id(void **state)
{
    struct store_unit *unit = *state;
    struct act ours = file_of(unit, "Same_-id", 3, 1), theirs = file_of(unit, "Same_-id", 5, 2);
    struct media media;
    theirs.media.origin = STR("old.example:8448");
    theirs.media.owner = 0;
    assert_int_equal(run(unit, &theirs, do_insert), 200);
    assert_int_equal(find_of(unit, "", &media), 0);
    assert_int_equal(run(unit, &ours, do_insert), 200);
    assert_int_equal(find_of(unit, "old.example:8448", &media), 1);
    assert_int_equal(media.size, 5);
    assert_int_equal(find_of(unit, "", &media), 1);
    assert_int_equal(media.size, 3);
    assert_int_equal(find_of(unit, "old.example", &media), 0);
    assert_usage(unit, 3, 1);
    assert_int_equal(is_named(unit, theirs.media.hash), 1);
}

static void a_quota_is_exact(void **state)
{
    struct store_unit *unit = *state;
    struct act a = file_of(unit, "a", 60, 'a'), b = file_of(unit, "b", 41, 'b');
    struct media media;
    a.quota = b.quota = 100;
    a.media.type = STR("text/plain\0\xff");
    a.media.name = STR("\xc3\xa9");
    assert_usage(unit, 0, 0);
    assert_int_equal(run(unit, &a, do_insert), 200);
    assert_int_equal(run(unit, &b, do_insert), 403);
    b.media.size = 40;
    assert_int_equal(run(unit, &b, do_insert), 200);
    assert_usage(unit, 100, 2);
    assert_int_equal(state_of(unit, "a", &media), MEDIA_THERE);
    assert_str(media.type, a.media.type);
    assert_str(media.name, a.media.name);
    assert_str(media.hash, a.media.hash);
    assert_int_equal(media.owner, OWNER);
    assert_int_equal(run(unit, &a, do_delete), 200);
    assert_int_equal(run(unit, &a, do_delete), 200); /* once */
    assert_usage(unit, 40, 1);
    assert_int_equal(state_of(unit, "a", &media), MEDIA_DELETED);
    assert_null(media.hash.p);
    assert_int_equal(is_named(unit, a.media.hash), 0);
    assert_int_equal(is_named(unit, b.media.hash), 1);
}

static void a_reservation_is_filled_once(void **state)
{
    struct store_unit *unit = *state;
    int64_t now = clock_wall_ms();
    struct act kept = reservation_of(unit, "kept", now + 100000);
    struct act late = reservation_of(unit, "late", now - 1);
    struct act content = file_of(unit, "kept", 10, 'k'), never = file_of(unit, "never", 1, 'n');
    struct media media;
    assert_int_equal(run(unit, &kept, do_reserve), 200);
    assert_int_equal(run(unit, &late, do_reserve), 200);
    content.media.id = kept.media.id;
    content.quota = 9;
    assert_int_equal(run(unit, &content, do_fill), 403);
    content.quota = 0;
    assert_int_equal(run(unit, &content, do_fill), 200);
    assert_int_equal(run(unit, &content, do_fill), 409);
    assert_int_equal(run(unit, &never, do_fill), 404);
    content.media.id = late.media.id;
    assert_int_equal(run(unit, &content, do_fill), 404);
    assert_usage(unit, 10, 1);
    late.now_ms = now;
    assert_int_equal(run(unit, &late, do_expire), 200);
    assert_int_equal(state_of(unit, "late", &media), -1);
    assert_int_equal(state_of(unit, "kept", &media), MEDIA_THERE);
    assert_int_equal(media.size, 10);
}

/* A file of nobody goes at its end; one without an end stays, and so does one of somebody. */
static void files_of_nobody_end(void **state)
{
    struct store_unit *unit = *state;
    struct media media;
    struct act over = file_of(unit, "over", 10, 1), later = file_of(unit, "later", 10, 2),
               endless = file_of(unit, "endless", 10, 3), owned = file_of(unit, "owned", 10, 4);
    over.media.owner = later.media.owner = endless.media.owner = 0;
    over.media.expires_ms = owned.media.expires_ms = 1000;
    later.media.expires_ms = 1001;
    assert_int_equal(run(unit, &over, do_insert), 200);
    assert_int_equal(run(unit, &later, do_insert), 200);
    assert_int_equal(run(unit, &endless, do_insert), 200);
    assert_int_equal(run(unit, &owned, do_insert), 200);
    over.now_ms = 1000;
    assert_int_equal(run(unit, &over, do_expire), 200);
    assert_int_equal(state_of(unit, "over", &media), -1);
    assert_int_equal(is_named(unit, over.media.hash), 0);
    assert_int_equal(state_of(unit, "later", &media), MEDIA_THERE);
    assert_int_equal(state_of(unit, "endless", &media), MEDIA_THERE);
    assert_int_equal(state_of(unit, "owned", &media), MEDIA_THERE);
    assert_usage(unit, 10, 1);
}

static void so_many_reservations_wait(void **state)
{
    static const char *const names[] = {"1", "2", "3", "4", "5", "6"};
    struct store_unit *unit = *state;
    int64_t now = clock_wall_ms();
    struct act late = reservation_of(unit, "late", now - 1);
    assert_int_equal(run(unit, &late, do_reserve), 200);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct act one = reservation_of(unit, names[i], now + 100000);
        assert_int_equal(run(unit, &one, do_reserve), i < LIMIT_MEDIA_RESERVED ? 200 : 429);
    }
}

static void a_quarantine_is_of_the_content(void **state)
{
    struct store_unit *unit = *state;
    struct act a = file_of(unit, "a", 1, 'q'), b = file_of(unit, "b", 1, 'q'),
               c = file_of(unit, "c", 1, 'c');
    struct media media;
    assert_int_equal(run(unit, &a, do_insert), 200);
    assert_int_equal(run(unit, &c, do_insert), 200);
    a.quarantined = true;
    assert_int_equal(run(unit, &a, do_quarantine), 200);
    assert_int_equal(run(unit, &b, do_insert), 200);
    assert_int_equal(state_of(unit, "a", &media), MEDIA_QUARANTINED);
    assert_int_equal(state_of(unit, "b", &media), MEDIA_QUARANTINED);
    assert_int_equal(state_of(unit, "c", &media), MEDIA_THERE);
    a.quarantined = false;
    assert_int_equal(run(unit, &a, do_quarantine), 200);
    assert_int_equal(state_of(unit, "b", &media), MEDIA_THERE);
    assert_usage(unit, 3, 3);
}

static void a_persons_files_go_at_once(void **state)
{
    struct store_unit *unit = *state;
    struct act a = file_of(unit, "a", 3, 'a'), b = file_of(unit, "b", 4, 'a'),
               c = reservation_of(unit, "c", clock_wall_ms() + 1000);
    struct media media;
    b.media.owner = OWNER + 1;
    a.media.name = STR("name");
    assert_int_equal(run(unit, &a, do_insert), 200);
    assert_int_equal(run(unit, &b, do_insert), 200);
    assert_int_equal(run(unit, &c, do_reserve), 200);
    assert_int_equal(run(unit, &a, do_delete_owner), 200);
    assert_int_equal(state_of(unit, "a", &media), MEDIA_DELETED);
    assert_null(media.name.p);
    assert_int_equal(state_of(unit, "b", &media), MEDIA_THERE);
    assert_int_equal(state_of(unit, "c", &media), -1);
    assert_usage(unit, 0, 0);
    assert_int_equal(is_named(unit, b.media.hash), 1); /* by the other's */
}

static int write_closed(struct write *w, void *arg, struct err *err)
{
    const struct account *account = arg;
    if (account_insert(w, account, err) < 0)
        return -1;
    return account_set_flags(w, account->user, ACCOUNT_DEACTIVATED, 0, err);
}

static void a_closed_account_sends_nothing_more(void **state)
{
    struct store_unit *unit = *state;
    struct account account = {.user = unit_intern(unit->store, "@closed:x"), .created_ms = 1};
    struct act late = file_of(unit, "late", 1, 'l');
    struct act reserved = reservation_of(unit, "r", clock_wall_ms() + 100000);
    late.media.owner = reserved.media.owner = account.user;
    assert_int_equal(run(unit, &reserved, do_reserve), 200);
    unit_run(unit->store, write_closed, &account);
    assert_int_equal(run(unit, &late, do_insert), 403);
    late.media.id = reserved.media.id;
    assert_int_equal(run(unit, &late, do_fill), 403);
}

static void files_are_listed_in_pages(void **state)
{
    static const char *const names[] = {"1", "2", "3"};
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct media *rows;
    struct read r;
    size_t n;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct act one = file_of(unit, names[i], 1, (char)('a' + i));
        one.media.owner = i == 1 ? OWNER + 1 : OWNER;
        assert_int_equal(run(unit, &one, do_insert), 200);
    }
    struct act reserved = reservation_of(unit, "r", clock_wall_ms() + 1000);
    assert_int_equal(run(unit, &reserved, do_reserve), 200);
    read_begin(unit->store, &r);
    assert_int_equal(media_list_owner(&r, OWNER, 0, 10, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_str(rows[1].media_id, STR("3"));
    assert_int_equal(media_list(&r, 0, 2, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(media_list(&r, rows[1].id, 2, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 1);
    read_end(&r);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_file_of_another_server_has_its_own_id),
    store_unit_test(a_quota_is_exact),
    store_unit_test(a_reservation_is_filled_once),
    store_unit_test(files_of_nobody_end),
    store_unit_test(so_many_reservations_wait),
    store_unit_test(a_quarantine_is_of_the_content),
    store_unit_test(a_persons_files_go_at_once),
    store_unit_test(a_closed_account_sends_nothing_more),
    store_unit_test(files_are_listed_in_pages),
};
STORE_UNIT_MAIN(tests)
