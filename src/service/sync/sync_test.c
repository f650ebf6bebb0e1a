/* SPDX-License-Identifier: EUPL-1.2 */

/* Syncs of a server in this process: what is answered from memory, and that memory never tells
 * anything else than the store. */

#include "service/sync/sync.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"
#include "service/sync/notifier.h"
#include "service/sync/presence.h"
#include "store/account_data.h"
#include "store/device_key.h"

#define TOKEN_CHARS 128

/* ---- acts ---- */

static void check_status(int status, const struct use *use)
{
    if (status < 0)
        fail_msg("%s %s", use->err.text, use->err.detail);
}

static void settle(struct service_unit *unit)
{
    int64_t pos = store_head(unit->server->store).pos;
    while (notifier_head(unit->server->notifier).pos < pos)
        sched_yield();
}

struct answer {
    struct arena *arena;
    const struct json *doc;
    bool asked_store; /* it took a connection */
    char next[TOKEN_CHARS];
};

static struct str query(const char *text)
{
    return text ? str_from(text) : STR_NONE;
}

/* One sync at rest: the notifier has taken in what is committed. */
static void sync_as(struct service_unit *unit, const struct caller *caller, const char *since,
                    const char *filter, struct answer *ret)
{
    struct use use;
    struct buf text;
    struct json_writer out;
    struct sync_request request = {.since = query(since), .filter = query(filter)};
    settle(unit);
    unit_use_begin(unit, caller, &use);
    buf_init(&text, MIB(4));
    json_writer_init(&out, &text);
    check_status(sync_run(&use, &request, &out), &use);
    ret->arena = arena_new(MIB(16));
    if (json_parse(ret->arena, arena_str(ret->arena, buf_str(&text)), &ret->doc, &use.err) < 0)
        fail_msg("not JSON: %.*s", STR_ARG(buf_str(&text)));
    ret->asked_store = use.read.conn != NULL;
    snprintf(ret->next, sizeof ret->next, "%.*s",
             STR_ARG(json_find_str(ret->doc, STR("next_batch"))));
    buf_done(&text);
    unit_use_end(&use);
}

static void answer_done(struct answer *answer)
{
    arena_free(answer->arena);
}

/* A token after which nothing is new, and memory is warm. */
static void warm_up(struct service_unit *unit, const struct caller *caller, const char *filter,
                    char ret_token[TOKEN_CHARS])
{
    struct answer first, second;
    sync_as(unit, caller, NULL, filter, &first);
    sync_as(unit, caller, first.next, filter, &second);
    memcpy(ret_token, second.next, TOKEN_CHARS);
    answer_done(&first);
    answer_done(&second);
}

static void run_job(struct service_unit *unit,
                    int (*run)(struct write *w, void *arg, struct err *err), void *arg)
{
    struct err err = ERR_INIT;
    if (store_run(unit->server->store, run, arg, &err) < 0)
        fail_msg("%s %s", err.text, err.detail);
}

/* ---- an empty sync ---- */

static void test_an_empty_sync_asks_the_store_nothing(void **state)
{
    struct service_unit *unit = *state;
    struct caller me = unit_account(unit, "@me:x");
    struct answer answer;
    char since[TOKEN_CHARS];
    warm_up(unit, &me, NULL, since);
    sync_as(unit, &me, since, NULL, &answer);
    assert_false(answer.asked_store);
    assert_int_equal(json_find(answer.doc, STR("rooms"))->object.n, 0);
    const struct json *counts = json_find(answer.doc, STR("device_one_time_keys_count"));
    assert_int_equal(json_find(counts, STR("signed_curve25519"))->integer, 0);
    assert_non_null(json_find(answer.doc, STR("device_unused_fallback_key_types")));
    answer_done(&answer);
}

static void test_a_stored_filter_is_read_once(void **state)
{
    struct service_unit *unit = *state;
    struct caller me = unit_account(unit, "@me:x");
    const struct json *doc;
    struct answer answer;
    struct use use;
    struct str id;
    char since[TOKEN_CHARS], filter[TOKEN_CHARS];
    unit_use_begin(unit, &me, &use);
    check_status(
        json_parse(use.arena, STR("{\"room\":{\"timeline\":{\"limit\":3}}}"), &doc, &use.err),
        &use);
    check_status(filter_store(&use, doc, &id), &use);
    snprintf(filter, sizeof filter, "%.*s", STR_ARG(id));
    unit_use_end(&use);
    warm_up(unit, &me, filter, since);
    sync_as(unit, &me, since, filter, &answer);
    assert_false(answer.asked_store);
    answer_done(&answer);
}

/* ---- what touches memory ---- */

struct upload {
    const struct caller *who;
    const char *key_id;
};

static int write_key(struct write *w, void *arg, struct err *err)
{
    const struct upload *upload = arg;
    struct one_time_key key = {
        .id = store_new_id(write_store(w)),
        .algorithm = STR("signed_curve25519"),
        .key_id = str_from(upload->key_id),
        .json = STR("{}"),
    };
    return one_time_key_insert(w, upload->who->user, upload->who->device, &key, 1, err);
}

static int64_t count_keys(struct service_unit *unit, const struct caller *me, char *since)
{
    struct answer answer;
    sync_as(unit, me, since, NULL, &answer);
    memcpy(since, answer.next, TOKEN_CHARS);
    const struct json *counts = json_find(answer.doc, STR("device_one_time_keys_count"));
    int64_t n = json_find(counts, STR("signed_curve25519"))->integer;
    answer_done(&answer);
    return n;
}

static int claim_key(struct write *w, void *arg, struct err *err)
{
    const struct upload *upload = arg;
    int64_t id;
    int given = one_time_key_claim(w, upload->who->user, upload->who->device,
                                   STR("signed_curve25519"), &id, err);
    return given < 0 ? -1 : 0;
}

static void test_keys_that_come_and_go_are_counted(void **state)
{
    struct service_unit *unit = *state;
    struct caller me = unit_account(unit, "@me:x");
    char since[TOKEN_CHARS];
    warm_up(unit, &me, NULL, since);
    run_job(unit, write_key, &(struct upload){&me, "A"});
    run_job(unit, write_key, &(struct upload){&me, "B"});
    assert_int_equal(count_keys(unit, &me, since), 2);
    run_job(unit, claim_key, &(struct upload){&me, NULL});
    assert_int_equal(count_keys(unit, &me, since), 1);
    assert_int_equal(count_keys(unit, &me, since), 1);
}

/* ---- an account's data ---- */

struct data {
    int64_t user;
    const char *type, *content;
};

static int write_data(struct write *w, void *arg, struct err *err)
{
    const struct data *data = arg;
    return account_data_put(w, data->user, 0, str_from(data->type), str_from(data->content), err);
}

static void create_room(struct service_unit *unit, const struct caller *caller, char ret_id[256],
                        int64_t *ret_room)
{
    const struct new_room plain = {.preset = STR("public_chat")};
    struct use use;
    struct str id;
    unit_use_begin(unit, caller, &use);
    check_status(rooms_create(&use, &plain, &id), &use);
    snprintf(ret_id, 256, "%.*s", STR_ARG(id));
    assert_int_equal(store_find_name(unit->server->store, id, ret_room, &use.err), 1);
    unit_use_end(&use);
}

static void join_room(struct service_unit *unit, const struct caller *caller, int64_t room)
{
    struct use use;
    unit_use_begin(unit, caller, &use);
    check_status(rooms_join(&use, room, STR_NONE), &use);
    unit_use_end(&use);
}

static void send_text(struct service_unit *unit, const struct caller *caller, const char *room_id,
                      const char *txn, const char *content)
{
    struct sending sending = {
        .room_id = str_from(room_id), .type = STR("m.room.message"), .txn = str_from(txn)};
    struct use use;
    struct str id;
    unit_use_begin(unit, caller, &use);
    check_status(json_parse(use.arena, str_from(content), &sending.content, &use.err), &use);
    check_status(rooms_send(&use, &sending, &id), &use);
    unit_use_end(&use);
}

static size_t count_timeline(const struct answer *answer, const char *room_id)
{
    const struct json *join = json_find(json_find(answer->doc, STR("rooms")), STR("join"));
    const struct json *room = json_find(join, str_from(room_id));
    const struct json *events = json_find(json_find(room, STR("timeline")), STR("events"));
    return events ? events->array.n : 0;
}

#define HELLO "{\"body\":\"b\",\"msgtype\":\"m.text\"}"

static void test_whom_one_ignores_is_silent_at_once(void **state)
{
    struct service_unit *unit = *state;
    struct caller me = unit_account(unit, "@me:x"), other = unit_account(unit, "@other:x");
    struct answer answer;
    char room_id[256], since[TOKEN_CHARS];
    int64_t room;
    create_room(unit, &other, room_id, &room);
    join_room(unit, &me, room);
    warm_up(unit, &me, NULL, since);
    send_text(unit, &other, room_id, "1", HELLO);
    sync_as(unit, &me, since, NULL, &answer);
    assert_int_equal(count_timeline(&answer, room_id), 1);
    answer_done(&answer);
    run_job(unit, write_data,
            &(struct data){me.user, "m.ignored_user_list",
                           "{\"ignored_users\":{\"@other:x\":{},\"@unheard:x\":{}}}"});
    sync_as(unit, &me, since, NULL, &answer);
    assert_int_equal(count_timeline(&answer, room_id), 0);
    answer_done(&answer);
    /* Somebody ignored before the server has heard of them. */
    struct caller unheard = unit_account(unit, "@unheard:x");
    join_room(unit, &unheard, room);
    sync_as(unit, &me, since, NULL, &answer);
    memcpy(since, answer.next, sizeof since);
    answer_done(&answer);
    send_text(unit, &unheard, room_id, "1", HELLO);
    sync_as(unit, &me, since, NULL, &answer);
    assert_int_equal(count_timeline(&answer, room_id), 0);
    answer_done(&answer);
}

/* ---- presence ---- */

static bool tells_presence_of(const struct answer *answer, const char *user_id)
{
    const struct json *events = json_find(json_find(answer->doc, STR("presence")), STR("events"));
    for (size_t i = 0; events && i < events->array.n; i++)
        if (str_eq(json_find_str(&events->array.items[i], STR("sender")), str_from(user_id)))
            return true;
    return false;
}

/* More than a sync tells of, all of them after the one that matters. */
static void test_strangers_do_not_crowd_out_who_is_known(void **state)
{
    struct service_unit *unit = *state;
    struct answer answer;
    char room_id[256], since[TOKEN_CHARS];
    int64_t room;
    unit->config.presence = true;
    service_unit_reopen(unit);
    struct caller me = unit_account(unit, "@me:x"), other = unit_account(unit, "@other:x");
    create_room(unit, &other, room_id, &room);
    join_room(unit, &me, room);
    warm_up(unit, &me, NULL, since);
    presence_poll(unit->server->presence, other.user, PRESENCE_ONLINE);
    for (int64_t i = 0; i < 2 * LIMIT_PRESENCE_TOLD; i++)
        presence_poll(unit->server->presence, other.user + 1000000 + i, PRESENCE_ONLINE);
    sync_as(unit, &me, since, NULL, &answer);
    assert_true(tells_presence_of(&answer, "@other:x"));
    memcpy(since, answer.next, sizeof since);
    answer_done(&answer);
    sync_as(unit, &me, since, NULL, &answer);
    assert_false(tells_presence_of(&answer, "@other:x"));
    answer_done(&answer);
}

/* ---- many at once ---- */

#define WRITERS 3
#define READERS 3
#define EACH    32 /* all together fewer than WIDE: a reader that waits is told them all */
#define ROOMS   2
#define WIDE    "{\"room\":{\"timeline\":{\"limit\":100}}}"

struct crowd {
    struct service_unit *unit;
    char room_ids[ROOMS][256];
    int64_t rooms[ROOMS];
    int failures; /* atomic: cmocka is of one thread */
};

struct person {
    struct crowd *crowd;
    struct caller caller;
    int number;
    char since[TOKEN_CHARS];
    int seen[ROOMS][WRITERS]; /* how many of each writer's messages have come, in order */
};

static void count_failure(struct crowd *crowd)
{
    __atomic_add_fetch(&crowd->failures, 1, __ATOMIC_RELAXED);
}

/* Again as often as the world moves. */
static int send_number(struct person *person, int room, int i)
{
    struct sending sending = {.room_id = str_from(person->crowd->room_ids[room]),
                              .type = STR("m.room.message")};
    int status = -1;
    bool again = true;
    while (again) {
        struct use use;
        struct str id;
        unit_use_begin(person->crowd->unit, &person->caller, &use);
        sending.txn = arena_printf(use.arena, "%d %d", room, i);
        struct str text = arena_printf(use.arena, "{\"writer\":%d,\"i\":%d}", person->number, i);
        status = json_parse(use.arena, text, &sending.content, &use.err);
        if (status == 0 && person->number == 0 && i % 8 == 7) { /* the window starts anew */
            sending.type = STR("org.example.state");
            sending.state_key = STR("");
            sending.txn = STR_NONE;
        }
        if (status == 0)
            status = rooms_send(&use, &sending, &id);
        again = status < 0 && use.err.kind == ERR_KIND_MOVED;
        unit_use_end(&use);
    }
    return status;
}

static void *write_all(void *arg)
{
    struct person *person = arg;
    for (int i = 0; i < EACH; i++)
        for (int room = 0; room < ROOMS; room++)
            if (send_number(person, room, i) < 0)
                count_failure(person->crowd);
    return NULL;
}

static void look_at_event(struct person *person, int room, const struct json *event)
{
    const struct json *content = json_find(event, STR("content"));
    const struct json *writer = json_find(content, STR("writer"));
    const struct json *i = json_find(content, STR("i"));
    if (!json_is(writer, JSON_INT) || !json_is(i, JSON_INT))
        return;
    if (person->seen[room][writer->integer]++ != i->integer)
        count_failure(person->crowd); /* lost, doubled, or out of order */
}

static bool has_seen_all(const struct person *person)
{
    for (int room = 0; room < ROOMS; room++)
        for (int writer = 0; writer < WRITERS; writer++)
            if (person->seen[room][writer] < EACH)
                return false;
    return true;
}

static int sync_once(struct person *person, struct use *use, struct buf *text)
{
    struct sync_request request = {.since = str_from(person->since), .filter = STR(WIDE)};
    struct json_writer out;
    const struct json *doc;
    json_writer_init(&out, text);
    if (sync_run(use, &request, &out) < 0 ||
        json_parse(use->arena, buf_str(text), &doc, &use->err) < 0)
        return -1;
    const struct json *join = json_find(json_find(doc, STR("rooms")), STR("join"));
    for (int room = 0; room < ROOMS; room++) {
        const struct json *there = json_find(join, str_from(person->crowd->room_ids[room]));
        const struct json *timeline = json_find(there, STR("timeline"));
        const struct json *events = json_find(timeline, STR("events"));
        if (json_as_bool(json_find(timeline, STR("limited")), false))
            return -1; /* then this test would prove nothing */
        for (size_t i = 0; events && i < events->array.n; i++)
            look_at_event(person, room, &events->array.items[i]);
    }
    snprintf(person->since, TOKEN_CHARS, "%.*s", STR_ARG(json_find_str(doc, STR("next_batch"))));
    return 0;
}

static void *read_all(void *arg)
{
    struct person *person = arg;
    int status = 0;
    while (status == 0 && !has_seen_all(person) &&
           __atomic_load_n(&person->crowd->failures, __ATOMIC_RELAXED) == 0) {
        struct use use;
        struct buf text;
        unit_use_begin(person->crowd->unit, &person->caller, &use);
        buf_init(&text, MIB(4));
        status = sync_once(person, &use, &text);
        buf_done(&text);
        unit_use_end(&use);
    }
    if (status < 0)
        count_failure(person->crowd);
    return NULL;
}

/* Readers sync without a pause while others write: each message comes to each of them once, in its
 * writer's order, whatever is kept and given up in between. */
static void test_each_message_comes_once(void **state)
{
    static const char *const user_ids[] = {"@a:x", "@b:x", "@c:x", "@d:x", "@e:x", "@f:x"};
    struct crowd crowd = {.unit = *state};
    struct person people[WRITERS + READERS];
    pthread_t threads[WRITERS + READERS];
    memset(people, 0, sizeof people);
    for (int i = 0; i < WRITERS + READERS; i++) {
        people[i].crowd = &crowd;
        people[i].number = i;
        people[i].caller = unit_account(crowd.unit, user_ids[i]);
        for (int room = 0; room < ROOMS; room++) {
            if (i == 0)
                create_room(crowd.unit, &people[i].caller, crowd.room_ids[room],
                            &crowd.rooms[room]);
            else
                join_room(crowd.unit, &people[i].caller, crowd.rooms[room]);
        }
    }
    for (int i = WRITERS; i < WRITERS + READERS; i++)
        warm_up(crowd.unit, &people[i].caller, WIDE, people[i].since);
    for (int i = 0; i < WRITERS + READERS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, i < WRITERS ? write_all : read_all, &people[i]), 0);
    for (int i = 0; i < WRITERS + READERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd.failures, 0);
    for (int i = WRITERS; i < WRITERS + READERS; i++)
        assert_true(has_seen_all(&people[i]));
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_each_message_comes_once),
    service_unit_test(test_an_empty_sync_asks_the_store_nothing),
    service_unit_test(test_a_stored_filter_is_read_once),
    service_unit_test(test_keys_that_come_and_go_are_counted),
    service_unit_test(test_whom_one_ignores_is_silent_at_once),
    service_unit_test(test_strangers_do_not_crowd_out_who_is_known),
};

SERVICE_UNIT_MAIN(tests)
