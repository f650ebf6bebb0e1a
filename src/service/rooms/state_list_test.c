/* SPDX-License-Identifier: EUPL-1.2 */

/* What the lists of a room's members cost: statements a page, and not a member. */

#include "service/rooms/state_list.h"

#include <stdio.h>

#include "base/limits.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/service_unit.h"

#define MEMBERS_MAX 200
#define FEW         40

struct scene {
    struct service_unit *unit;
    struct caller members[MEMBERS_MAX];
    char ids[MEMBERS_MAX][16];
    size_t n;
    int64_t room;
};

static void join(struct scene *scene, const struct caller *caller)
{
    int status = -1;
    for (int tries = 0; status < 0 && tries < 10; tries++) {
        struct use use;
        unit_use_begin(scene->unit, caller, &use);
        status = rooms_join(&use, scene->room, STR_NONE);
        if (status < 0 && use.err.kind != ERR_KIND_MOVED)
            fail_msg("join: %s %s", use.err.text, use.err.detail);
        unit_use_end(&use);
    }
    assert_int_equal(status, 0);
}

static void create(struct scene *scene)
{
    const struct new_room plain = {.preset = STR("public_chat")};
    struct str id;
    struct use use;
    unit_use_begin(scene->unit, &scene->members[0], &use);
    assert_int_equal(rooms_create(&use, &plain, &id), 0);
    unit_use_end(&use);
    unit_use_begin(scene->unit, &scene->members[0], &use);
    struct membership_row *rows;
    size_t n;
    assert_int_equal(membership_list_rooms(&use.read, use.caller.user, MEMBERSHIP_ANY, use.arena,
                                           &rows, &n, &use.err),
                     0);
    assert_int_equal(n, 1);
    scene->room = rows[0].room;
    unit_use_end(&use);
}

static void grow_to(struct scene *scene, size_t n)
{
    for (; scene->n < n; scene->n++) {
        snprintf(scene->ids[scene->n], sizeof scene->ids[0], "@u%zu:x", scene->n);
        scene->members[scene->n] = unit_account(scene->unit, scene->ids[scene->n]);
        if (scene->n == 0)
            create(scene);
        else
            join(scene, &scene->members[scene->n]);
    }
}

/* ---- the lists ---- */

static int list_state(struct use *use, struct json_writer *out, const struct view *view)
{
    const struct state_choice all = {0};
    json_write_array(out);
    return state_list_answer(use, out, view, view_state(view), &all);
}

static int list_members(struct use *use, struct json_writer *out, const struct view *view)
{
    const struct state_choice members = {.members_only = true,
                                         .kinds = MEMBERSHIP_BIT(MEMBERSHIP_JOIN)};
    json_write_object(out);
    json_write_key(out, STR("chunk"));
    json_write_array(out);
    return state_list_answer(use, out, view, view_state(view), &members);
}

typedef int (*list_fn)(struct use *use, struct json_writer *out, const struct view *view);

static size_t count_of(struct str text, const char *word)
{
    size_t n = 0;
    struct str w = str_from(word);
    for (size_t i = 0; i + w.n <= text.n; i++)
        n += memcmp(text.p + i, w.p, w.n) == 0;
    return n;
}

/* Statements that a list costs with nothing in memory; it names each member once. */
static int64_t cost(struct scene *scene, list_fn list, const char *word)
{
    CLEANUP(buf_done) struct buf text;
    struct json_writer out;
    struct view view;
    struct use use;
    service_unit_reopen(scene->unit);
    buf_init(&text, MIB(4));
    json_writer_init(&out, &text);
    struct db *db = store_db(scene->unit->server->store);
    int64_t before = db_count_statements(db);
    unit_use_begin(scene->unit, &scene->members[0], &use);
    assert_int_equal(view_open(&use, scene->room, &view), 1);
    if (list(&use, &out, &view) < 0)
        fail_msg("list: %s %s", use.err.text, use.err.detail);
    unit_use_end(&use);
    assert_int_equal(out.depth, 0);
    assert_int_equal(count_of(buf_str(&text), word), scene->n);
    return db_count_statements(db) - before;
}

static void lists_cost_statements_a_page_and_not_a_member(void **state)
{
    static const struct {
        const char *name;
        list_fn list;
        const char *word;
    } lists[] = {
        {"state", list_state, "\"state_key\":\"@u"},
        {"members", list_members, "\"state_key\":\"@u"},
        {"joined members", state_list_answer_joined, "\"@u"},
    };
    static struct scene scene;
    int64_t few[ARRAY_LEN(lists)];
    scene = (struct scene){.unit = *state};
    grow_to(&scene, FEW);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        few[i] = cost(&scene, lists[i].list, lists[i].word);
    grow_to(&scene, MEMBERS_MAX);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        int64_t more = cost(&scene, lists[i].list, lists[i].word) - few[i];
        if (more > (MEMBERS_MAX - FEW) / 4)
            fail_msg("%s: %d members more cost %lld statements", lists[i].name, MEMBERS_MAX - FEW,
                     (long long)more);
    }
}

static const struct CMUnitTest tests[] = {
    service_unit_test(lists_cost_statements_a_page_and_not_a_member),
};
SERVICE_UNIT_MAIN(tests)
