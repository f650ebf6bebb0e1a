/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_use.h"

#include <string.h>

#include "base/limits.h"
#include "store/account.h"
#include "store/hold.h"
#include "store/media.h"
#include "store/membership.h"
#include "store/store_unit.h"

/* Files, the events that name them, and which of the files may go. */

#define ROOM   7
#define SERVER STR_INIT("example.org")

static const struct str server_name = SERVER;

static int write_media(struct write *w, void *arg, struct err *err)
{
    return media_insert(w, arg, 0, err);
}

static struct media upload(struct store_unit *unit, const char *media_id)
{
    static const unsigned char hash[SHA256_BYTES] = {1, 2, 3};
    struct media media = {
        .id = store_new_id(unit->store),
        .origin = STR(""),
        .media_id = str_from(media_id),
        .owner = unit_intern(unit->store, "@owner:example.org"),
        .size = 5,
        .hash = str_make(hash, sizeof hash),
        .created_ms = 1000,
    };
    unit_run(unit->store, write_media, &media);
    return media;
}

/* An event whose only say is that content. */
static struct event *say(struct store_unit *unit, int64_t place, const char *content)
{
    struct str json = arena_printf(
        unit->arena, "{\"content\":{\"a\":\"%s\"},\"sender\":\"@a:x\",\"type\":\"t\"}", content);
    struct event fields = {
        .id = store_new_id(unit->store),
        .room = ROOM,
        .place = place,
        .type = 50,
        .sender = unit_intern(unit->store, "@a:x"),
    };
    memcpy(fields.hash, &fields.id, sizeof fields.id);
    struct event *event = event_new(&fields, json);
    unit_insert(unit->store, event);
    return event;
}

struct follow {
    size_t limit;
    bool more;
};

static int write_follow(struct write *w, void *arg, struct err *err)
{
    struct follow *follow = arg;
    return media_use_follow(w, server_name, follow->limit, &follow->more, err);
}

static void follow_all(struct store_unit *unit)
{
    struct follow follow = {.limit = 2, .more = true};
    while (follow.more)
        unit_run(unit->store, write_follow, &follow);
}

static int write_end(struct write *w, void *arg, struct err *err)
{
    const struct event *event = arg;
    if (media_use_end(w, event, server_name, err) < 0)
        return -1;
    return media_use_doom(w, &event->id, 1, err);
}

static size_t doomed(struct store_unit *unit)
{
    struct err err = ERR_INIT;
    struct read r;
    int64_t *media;
    size_t n;
    read_begin(unit->store, &r);
    assert_int_equal(media_use_list(&r, 0, 100, unit->arena, &media, &n, &err), 0);
    read_end(&r);
    return n;
}

static int write_judgement(struct write *w, void *arg, struct err *err)
{
    return media_use_judge(w, arg, err);
}

static bool goes(struct store_unit *unit, int64_t media, bool aged)
{
    struct media_judgement judgement = {.server_name = server_name, .media = media, .aged = aged};
    unit_run(unit->store, write_judgement, &judgement);
    assert_false(judgement.again);
    return judgement.deleted;
}

static enum media_state state_of(struct store_unit *unit, int64_t id)
{
    struct err err = ERR_INIT;
    struct media media;
    struct read r;
    read_begin(unit->store, &r);
    assert_int_equal(media_load(&r, id, unit->arena, &media, &err), 1);
    read_end(&r);
    return media.state;
}

static void a_file_goes_with_the_last_event_that_names_it(void **state)
{
    struct store_unit *unit = *state;
    struct media media = upload(unit, "abc-DEF_9");
    CLEANUP(event_cleanup) struct event *one = say(unit, 1, "mxc://example.org/abc-DEF_9");
    CLEANUP(event_cleanup) struct event *two = say(unit, 2, "see mxc://example.org/abc-DEF_9?x");
    follow_all(unit);
    unit_run(unit->store, write_end, one);
    assert_int_equal(doomed(unit), 1);
    assert_false(goes(unit, media.id, false));
    assert_int_equal(doomed(unit), 0);
    assert_int_equal(state_of(unit, media.id), MEDIA_THERE);
    unit_run(unit->store, write_end, two);
    assert_true(goes(unit, media.id, false));
    assert_int_equal(state_of(unit, media.id), MEDIA_DELETED);
    assert_int_equal(doomed(unit), 0);
    assert_false(goes(unit, media.id, false)); /* once is enough */
}

static void what_was_said_since_is_known_before_a_file_is_judged(void **state)
{
    struct store_unit *unit = *state;
    struct media media = upload(unit, "abc");
    CLEANUP(event_cleanup) struct event *one = say(unit, 1, "mxc://example.org/abc");
    follow_all(unit);
    unit_run(unit->store, write_end, one);
    event_unref(say(unit, 2, "mxc://example.org/abc"));
    assert_false(goes(unit, media.id, false));
}

static void what_goes_before_the_mark_comes_to_it_dooms_its_files(void **state)
{
    struct store_unit *unit = *state;
    (void)upload(unit, "abc");
    CLEANUP(event_cleanup) struct event *event = say(unit, 1, "mxc://example.org/abc");
    unit_run(unit->store, write_end, event);
    assert_int_equal(doomed(unit), 1);
}

static void only_files_of_this_server_are_named(void **state)
{
    static const char *const texts[] = {"mxc://example.org/ab",  "mxc://example.org/abcd",
                                        "mxc://example.com/abc", "mxc://example.orgabc",
                                        "mxc://example.org",     "mxc://example.org/",
                                        "mxc:/example.org/abc",  "mxc://mxc://example.or/abc",
                                        "mxc://EXAMPLE.org/abc", "mxc://example.org./abc"};
    struct store_unit *unit = *state;
    struct media media = upload(unit, "abc");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        event_unref(say(unit, (int64_t)i + 1, texts[i]));
    follow_all(unit);
    assert_true(goes(unit, media.id, false));
}

static void of_one_event_a_number_of_files_is_known(void **state)
{
    struct store_unit *unit = *state;
    struct media last = upload(unit, "last"), beyond = upload(unit, "beyond");
    struct str text = STR("");
    for (int i = 0; i < LIMIT_MEDIA_USES - 1; i++)
        text = arena_printf(unit->arena, "%.*smxc://example.org/none ", STR_ARG(text));
    text = arena_printf(unit->arena, "%.*smxc://example.org/last mxc://example.org/beyond%c",
                        STR_ARG(text), 0);
    event_unref(say(unit, 1, text.p));
    follow_all(unit);
    assert_false(goes(unit, last.id, false));
    assert_true(goes(unit, beyond.id, false));
}

static int write_account(struct write *w, void *arg, struct err *err)
{
    return account_insert(w, arg, err);
}

static void a_picture_of_its_owner_stays(void **state)
{
    struct store_unit *unit = *state;
    struct media picture = upload(unit, "face"), other = upload(unit, "other");
    struct account account = {
        .user = picture.owner, .avatar_url = STR("mxc://example.org/face"), .created_ms = 1};
    unit_run(unit->store, write_account, &account);
    assert_false(goes(unit, picture.id, false));
    assert_true(goes(unit, other.id, false));
}

/* ---- holds ---- */

static int write_hold(struct write *w, void *arg, struct err *err)
{
    return hold_insert(w, arg, err);
}

static int write_release(struct write *w, void *arg, struct err *err)
{
    const struct hold *hold = arg;
    return hold_delete(w, hold->target, err);
}

static int write_member(struct write *w, void *arg, struct err *err)
{
    return membership_put(w, arg, err);
}

static void put_member(struct store_unit *unit, int64_t user)
{
    struct membership_row member = {.user = user, .room = ROOM, .kind = MEMBERSHIP_JOIN};
    unit_run(unit->store, write_member, &member);
}

static void files_of_a_held_account_are_judged_again_later(void **state)
{
    struct store_unit *unit = *state;
    struct media media = upload(unit, "abc");
    CLEANUP(event_cleanup) struct event *event = say(unit, 1, "mxc://example.org/abc");
    struct hold hold = {media.owner, 1, STR("")};
    unit_run(unit->store, write_hold, &hold);
    follow_all(unit);
    unit_run(unit->store, write_end, event);
    assert_false(goes(unit, media.id, false));
    assert_int_equal(doomed(unit), 1);
    unit_run(unit->store, write_release, &hold);
    assert_true(goes(unit, media.id, false));
}

/* Which encrypted message names an aged file is not known: any of a held room may. */
static void aged_files_of_who_is_in_a_held_room_stay(void **state)
{
    struct store_unit *unit = *state;
    struct media media = upload(unit, "abc");
    int64_t other = unit_intern(unit->store, "@other:example.org");
    struct hold holds[] = {{ROOM, 1, STR("")}, {other, 1, STR("")}};
    put_member(unit, media.owner);
    put_member(unit, other);
    for (size_t i = 0; i < ARRAY_LEN(holds); i++) {
        unit_run(unit->store, write_hold, &holds[i]);
        assert_false(goes(unit, media.id, true));
        unit_run(unit->store, write_release, &holds[i]);
    }
    assert_true(goes(unit, media.id, true));
}

static void aged_files_are_those_that_nobody_names(void **state)
{
    struct store_unit *unit = *state;
    struct media named = upload(unit, "named"), aged = upload(unit, "aged");
    struct err err = ERR_INIT;
    struct read r;
    int64_t *media, next;
    size_t n;
    event_unref(say(unit, 1, "mxc://example.org/named"));
    follow_all(unit);
    read_begin(unit->store, &r);
    assert_int_equal(media_use_list_aged(&r, 1001, 0, 10, unit->arena, &media, &n, &next, &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(media[0], aged.id);
    assert_int_equal(next, aged.id);
    assert_int_equal(media_use_list_aged(&r, 1000, 0, 10, unit->arena, &media, &n, &next, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(
        media_use_list_aged(&r, 1001, aged.id, 10, unit->arena, &media, &n, &next, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(next, 0);
    /* One that is named is passed, too. */
    assert_int_equal(media_use_list_aged(&r, 1001, 0, 1, unit->arena, &media, &n, &next, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(next, named.id);
    read_end(&r);
    assert_false(goes(unit, named.id, true));
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_file_goes_with_the_last_event_that_names_it),
    store_unit_test(what_was_said_since_is_known_before_a_file_is_judged),
    store_unit_test(what_goes_before_the_mark_comes_to_it_dooms_its_files),
    store_unit_test(only_files_of_this_server_are_named),
    store_unit_test(of_one_event_a_number_of_files_is_known),
    store_unit_test(a_picture_of_its_owner_stays),
    store_unit_test(files_of_a_held_account_are_judged_again_later),
    store_unit_test(aged_files_of_who_is_in_a_held_room_stay),
    store_unit_test(aged_files_are_those_that_nobody_names),
};
STORE_UNIT_MAIN(tests)
