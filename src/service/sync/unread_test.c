/* SPDX-License-Identifier: EUPL-1.2 */

/* Unread counts, as syncs tell them one after the other, against the plainest way to count: each
 * event of the room by the reader's own push rules. Acts are drawn at random; what was drawn is
 * told by the seed in the message. */

#include "service/sync/unread.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "matrix/relations.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/rooms/receipts.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"
#include "service/sync/notifier.h"
#include "service/sync/sync.h"
#include "store/account_data.h"

#define ACTS        150
#define EVENTS_MAX  (2 * ACTS)
#define THREADS_MAX 16
#define ID_CHARS    64
#define TOKEN_CHARS 128
#define FILTER      "{\"room\":{\"timeline\":{\"unread_thread_notifications\":true,\"limit\":5}}}"

struct counts {
    int64_t notify, highlight;               /* of the main timeline */
    int64_t thread_notify, thread_highlight; /* of all threads */
};

struct scene {
    struct service_unit *unit;
    struct caller me, other, third;
    char room_id[256];
    int64_t room;
    char ids[EVENTS_MAX][ID_CHARS];   /* messages sent, in order */
    char roots[EVENTS_MAX][ID_CHARS]; /* "": of the main timeline */
    size_t n;
    uint64_t random, seed;
    int n_txn;
    char since[TOKEN_CHARS];
};

static unsigned draw(struct scene *scene, unsigned below)
{
    scene->random = scene->random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(scene->random >> 33) % below;
}

static void check_status(int status, const struct use *use)
{
    if (status < 0)
        fail_msg("%s %s", use->err.text, use->err.detail);
}

/* ---- acts ---- */

static void send(struct scene *scene, const struct caller *who, const char *content,
                 const char *root)
{
    struct sending sending = {.room_id = str_from(scene->room_id), .type = STR("m.room.message")};
    struct use use;
    struct str id;
    unit_use_begin(scene->unit, who, &use);
    sending.txn = arena_printf(use.arena, "%d", scene->n_txn++);
    check_status(json_parse(use.arena, str_from(content), &sending.content, &use.err), &use);
    check_status(rooms_send(&use, &sending, &id), &use);
    snprintf(scene->ids[scene->n], ID_CHARS, "%.*s", STR_ARG(id));
    snprintf(scene->roots[scene->n++], ID_CHARS, "%s", root);
    unit_use_end(&use);
}

static const struct caller *somebody(struct scene *scene)
{
    unsigned drawn = draw(scene, 5);
    return drawn == 0 ? &scene->me : drawn < 3 ? &scene->other : &scene->third;
}

static void act_send(struct scene *scene)
{
    static const char *const contents[] = {
        "{\"body\":\"plain\",\"msgtype\":\"m.text\"}",
        "{\"body\":\"notice\",\"msgtype\":\"m.notice\"}",
        "{\"body\":\"me\",\"msgtype\":\"m.text\",\"m.mentions\":{\"user_ids\":[\"@me:x\"]}}",
        "{\"body\":\"all\",\"msgtype\":\"m.text\",\"m.mentions\":{\"room\":true}}",
        "{\"body\":\"other\",\"msgtype\":\"m.text\",\"m.mentions\":{\"user_ids\":[\"@other:x\"]}}",
        "{\"body\":\"keyword cake\",\"msgtype\":\"m.text\",\"m.mentions\":{}}",
    };
    send(scene, somebody(scene), contents[draw(scene, ARRAY_LEN(contents))], "");
}

static void act_reply(struct scene *scene)
{
    char content[256];
    size_t root = draw(scene, (unsigned)scene->n);
    if (scene->roots[root][0])
        return;
    snprintf(content, sizeof content,
             "{\"body\":\"t\",\"msgtype\":\"m.text\",\"m.relates_to\":{\"rel_type\":\"m.thread\","
             "\"event_id\":\"%s\"}}",
             scene->ids[root]);
    send(scene, somebody(scene), content, scene->ids[root]);
}

static void act_read(struct scene *scene)
{
    size_t i = draw(scene, (unsigned)scene->n);
    struct mark mark = {.room_id = str_from(scene->room_id), .read = str_from(scene->ids[i])};
    struct use use;
    unsigned how = draw(scene, 3);
    if (how == 1)
        mark.thread = scene->roots[i][0] ? str_from(scene->roots[i]) : STR("main");
    unit_use_begin(scene->unit, how == 2 ? &scene->other : &scene->me, &use);
    check_status(receipts_mark(&use, &mark), &use);
    unit_use_end(&use);
}

/* The room's creator may redact what others said. */
static void act_redact(struct scene *scene)
{
    struct use use;
    struct str id;
    unit_use_begin(scene->unit, &scene->other, &use);
    struct redacting redacting = {
        .room_id = str_from(scene->room_id),
        .target = str_from(scene->ids[draw(scene, (unsigned)scene->n)]),
        .txn = arena_printf(use.arena, "%d", scene->n_txn++),
    };
    check_status(rooms_redact(&use, &redacting, &id), &use);
    unit_use_end(&use);
}

struct data {
    int64_t user;
    const char *type, *content;
};

static int write_data(struct write *w, void *arg, struct err *err)
{
    const struct data *data = arg;
    return account_data_put(w, data->user, 0, str_from(data->type), str_from(data->content), err);
}

static void act_change_rules(struct scene *scene)
{
    static const char *const rules[] = {
        "{\"global\":{}}",
        "{\"global\":{\"content\":[{\"rule_id\":\"k\",\"pattern\":\"cake\",\"default\":false,"
        "\"enabled\":true,\"actions\":[\"notify\",{\"set_tweak\":\"highlight\"}]}]}}",
        "{\"global\":{\"sender\":[{\"rule_id\":\"@third:x\",\"default\":false,\"enabled\":true,"
        "\"actions\":[]}]}}",
    };
    static const char *const ignored[] = {
        "{\"ignored_users\":{}}",
        "{\"ignored_users\":{\"@third:x\":{}}}",
    };
    struct data data = {scene->me.user, "m.push_rules", rules[draw(scene, 3)]};
    struct err err = ERR_INIT;
    if (draw(scene, 3) == 0)
        data = (struct data){scene->me.user, "m.ignored_user_list", ignored[draw(scene, 2)]};
    assert_int_equal(store_run(scene->unit->server->store, write_data, &data, &err), 0);
}

static void act(struct scene *scene)
{
    unsigned drawn = draw(scene, 20);
    if (drawn < 10 || scene->n == 0)
        act_send(scene);
    else if (drawn < 15)
        act_reply(scene);
    else if (drawn < 18)
        act_read(scene);
    else if (drawn < 19)
        act_redact(scene);
    else
        act_change_rules(scene);
}

/* ---- what a sync says ---- */

static int64_t int_at(const struct json *pair, const char *key)
{
    const struct json *value = json_find(pair, str_from(key));
    return value ? value->integer : 0;
}

/* False when the room is not in the answer: nothing has changed. */
static bool ask(struct scene *scene, const char *since, struct counts *ret_counts,
                char ret_next[TOKEN_CHARS])
{
    struct sync_request request = {.since = since ? str_from(since) : STR_NONE,
                                   .filter = STR(FILTER)};
    const struct json *doc, *room;
    struct json_writer out;
    struct buf text;
    struct use use;
    while (notifier_head(scene->unit->server->notifier).pos <
           store_head(scene->unit->server->store).pos)
        sched_yield();
    unit_use_begin(scene->unit, &scene->me, &use);
    buf_init(&text, MIB(4));
    json_writer_init(&out, &text);
    check_status(sync_run(&use, &request, &out), &use);
    check_status(json_parse(use.arena, buf_str(&text), &doc, &use.err), &use);
    room =
        json_find(json_find(json_find(doc, STR("rooms")), STR("join")), str_from(scene->room_id));
    snprintf(ret_next, TOKEN_CHARS, "%.*s", STR_ARG(json_find_str(doc, STR("next_batch"))));
    if (room) {
        const struct json *main = json_find(room, STR("unread_notifications"));
        const struct json *threads = json_find(room, STR("unread_thread_notifications"));
        *ret_counts = (struct counts){int_at(main, "notification_count"),
                                      int_at(main, "highlight_count"), 0, 0};
        for (size_t i = 0; i < threads->object.n; i++) {
            const struct json *thread = &threads->object.members[i].value;
            ret_counts->thread_notify += int_at(thread, "notification_count");
            ret_counts->thread_highlight += int_at(thread, "highlight_count");
        }
    }
    buf_done(&text);
    unit_use_end(&use);
    return room != NULL;
}

/* ---- the plainest way ---- */

struct plain_thread {
    char root[ID_CHARS];
    int64_t read_place;
};

struct plain {
    struct use use;
    struct view view;
    struct ignored ignored;
    struct push_program *program;
    struct plain_thread threads[THREADS_MAX * 8];
    size_t n;
    int64_t from;
    struct counts counts;
};

static struct plain_thread *plain_thread_of(struct plain *plain, struct str root)
{
    for (size_t i = 0; i < plain->n; i++)
        if (str_eq(str_from(plain->threads[i].root), root))
            return &plain->threads[i];
    struct plain_thread *thread = &plain->threads[plain->n++];
    assert_true(plain->n < ARRAY_LEN(plain->threads));
    snprintf(thread->root, ID_CHARS, "%.*s", STR_ARG(root));
    thread->read_place = INT64_MIN;
    return thread;
}

static void plain_receipts(struct plain *plain, const struct scene *scene)
{
    struct use *use = &plain->use;
    struct membership_row member;
    struct event *joined;
    struct receipt *rows;
    size_t n;
    check_status(membership_load(&use->read, scene->me.user, scene->room, &member, &use->err), use);
    check_status(event_load(&use->read, member.event, &joined, &use->err), use);
    plain->from = joined->place;
    event_unref(joined);
    check_status(
        receipt_list_own(&use->read, scene->room, scene->me.user, use->arena, &rows, &n, &use->err),
        use);
    for (size_t i = 0; i < n; i++) {
        bool main = str_eq(rows[i].thread, STR("main"));
        int64_t *place = rows[i].thread.p
                             ? &plain_thread_of(plain, main ? STR("") : rows[i].thread)->read_place
                             : &plain->from;
        *place = rows[i].place > *place ? rows[i].place : *place;
    }
}

static void plain_event(struct plain *plain, const struct scene *scene, const struct event *event)
{
    const struct room_names *names = rooms_names(scene->unit->server);
    const struct pdu *create = NULL, *levels = NULL;
    struct relation relation;
    struct push_verdict verdict;
    struct power power;
    struct pdu pdu;
    bool own = event->sender == scene->me.user;
    if (event->redacted_by || ignored_has(&plain->ignored, event->sender) ||
        (own && event->state_key) || event->place <= plain->from)
        return;
    check_status(view_pdu(&plain->view, event, &pdu), &plain->use);
    relation_parse(pdu.content, &relation);
    bool threaded = relation.kind == RELATION_THREAD && !pdu.state_key.p;
    struct plain_thread *thread = plain_thread_of(plain, threaded ? relation.event_id : STR(""));
    if (own && event->place > thread->read_place)
        thread->read_place = event->place;
    if (event->place <= thread->read_place)
        return;
    check_status(
        view_state_pdu(&plain->view, event->state_before, names->create, names->empty, &create),
        &plain->use);
    check_status(view_state_pdu(&plain->view, event->state_before, names->power_levels,
                                names->empty, &levels),
                 &plain->use);
    power_init(&power, plain->view.version, create, levels);
    struct push_facts facts = {pdu.doc, plain->view.room_id, plain->view.row.joined, &power};
    struct push_reader reader = {scene->me.user_id, STR_NONE};
    push_evaluate(plain->program, push_event_new(plain->use.arena, &facts), &reader, &verdict);
    *(threaded ? &plain->counts.thread_notify : &plain->counts.notify) += verdict.notify;
    *(threaded ? &plain->counts.thread_highlight : &plain->counts.highlight) += verdict.highlight;
}

static struct counts count_plainly(struct scene *scene)
{
    struct plain plain = {.n = 0};
    struct use *use = &plain.use;
    int64_t *ids;
    size_t n;
    unit_use_begin(scene->unit, &scene->me, use);
    check_status(view_open(use, scene->room, &plain.view), use);
    check_status(ignored_load(use, &plain.ignored), use);
    check_status(push_load_program(use, &plain.program), use);
    plain_receipts(&plain, scene);
    check_status(event_list_room(&use->read, scene->room, INT64_MAX, EVENT_BACKWARD, EVENTS_MAX * 2,
                                 use->arena, &ids, &n, &use->err),
                 use);
    for (size_t i = 0; i < n; i++) {
        struct event *event;
        check_status(event_load(&use->read, ids[i], &event, &use->err), use);
        plain_event(&plain, scene, event);
        event_unref(event);
    }
    push_program_unref(plain.program);
    unit_use_end(use);
    return plain.counts;
}

/* ---- the tests ---- */

static void open_scene(struct scene *scene, struct service_unit *unit, uint64_t seed)
{
    const struct new_room plain = {.preset = STR("public_chat")};
    struct use use;
    struct str id;
    *scene = (struct scene){.unit = unit, .random = seed, .seed = seed};
    scene->me = unit_account(unit, "@me:x");
    scene->other = unit_account(unit, "@other:x");
    scene->third = unit_account(unit, "@third:x");
    unit_use_begin(unit, &scene->other, &use);
    check_status(rooms_create(&use, &plain, &id), &use);
    snprintf(scene->room_id, sizeof scene->room_id, "%.*s", STR_ARG(id));
    assert_int_equal(store_find_name(unit->server->store, id, &scene->room, &use.err), 1);
    unit_use_end(&use);
    const struct caller *guests[] = {&scene->me, &scene->third};
    for (size_t i = 0; i < 2; i++) {
        unit_use_begin(unit, guests[i], &use);
        check_status(rooms_join(&use, scene->room, STR_NONE), &use);
        unit_use_end(&use);
    }
}

static void expect(const struct scene *scene, const char *how, int step, struct counts got,
                   struct counts wanted)
{
    if (memcmp(&got, &wanted, sizeof got) != 0)
        fail_msg("seed %llu, step %d, %s: main %lld/%lld, threads %lld/%lld; should be %lld/%lld, "
                 "%lld/%lld",
                 (unsigned long long)scene->seed, step, how, (long long)got.notify,
                 (long long)got.highlight, (long long)got.thread_notify,
                 (long long)got.thread_highlight, (long long)wanted.notify,
                 (long long)wanted.highlight, (long long)wanted.thread_notify,
                 (long long)wanted.thread_highlight);
}

/* Rules and ignored users are no news of a room: its counts are told when something moves there. */
static void follow(struct scene *scene, int step)
{
    struct counts got, wanted;
    char next[TOKEN_CHARS];
    for (unsigned i = draw(scene, 4) + 1; i > 0 && scene->n < EVENTS_MAX - 4; i--)
        act(scene);
    wanted = count_plainly(scene);
    if (ask(scene, scene->since, &got, next))
        expect(scene, "sync after sync", step, got, wanted);
    memcpy(scene->since, next, TOKEN_CHARS);
    assert_true(ask(scene, NULL, &got, next));
    expect(scene, "a first sync", step, got, wanted);
}

static void test_counts_are_those_of_the_rules(void **state)
{
    struct counts counts;
    static struct scene scene;
    static uint64_t seed = 1;
    open_scene(&scene, *state, seed++);
    assert_true(ask(&scene, NULL, &counts, scene.since));
    for (int step = 0; step < ACTS / 2; step++)
        follow(&scene, step);
}

/* The same when all that is not in the window is counted by the tally of the room. */
static void test_counts_by_a_tally_are_the_same(void **state)
{
    const struct service_unit *unit = *state;
    notifier_share_after(unit->server->notifier, 1);
    test_counts_are_those_of_the_rules(state);
}

/* More than a page, and more than used to be looked at. */
static void test_many_are_counted(void **state)
{
    struct counts counts;
    static struct scene scene;
    char next[TOKEN_CHARS];
    open_scene(&scene, *state, 0);
    for (int i = 0; i < 1100; i++) {
        send(&scene, &scene.other, "{\"body\":\"b\",\"msgtype\":\"m.text\"}", "");
        scene.n = 0;
    }
    assert_true(ask(&scene, NULL, &counts, next));
    assert_int_equal(counts.notify, 1100);
    assert_int_equal(counts.highlight, 0);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_counts_are_those_of_the_rules),
    service_unit_test(test_counts_are_those_of_the_rules),
    service_unit_test(test_counts_are_those_of_the_rules),
    service_unit_test(test_counts_by_a_tally_are_the_same),
    service_unit_test(test_counts_by_a_tally_are_the_same),
    service_unit_test(test_counts_by_a_tally_are_the_same),
    service_unit_test(test_many_are_counted),
};

SERVICE_UNIT_MAIN(tests)
