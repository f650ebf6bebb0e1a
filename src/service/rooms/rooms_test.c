/* SPDX-License-Identifier: EUPL-1.2 */

/* Rooms of a server in this process: many at once in one room, changes that fail, memory that is
 * forgotten. */

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/rooms/room_private.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"
#include "store/membership.h"

#define THREADS    8
#define EACH       20
#define TRIES_MAX  100
#define ID_CHARS   64
#define EVENTS_MAX 2000

static const char *const user_ids[THREADS] = {"@a:x", "@b:x", "@c:x", "@d:x",
                                              "@e:x", "@f:x", "@g:x", "@h:x"};

/* ---- threads ---- */

/* What one thread does; it asserts nothing, as cmocka is of one thread: it counts. */
struct worker {
    struct service_unit *unit;
    struct caller caller;
    int number;
    int64_t room;
    struct str room_id;
    const char *txn; /* NULL: one of its own for each */
    int failures;
    struct err last_error;
    char ids[EACH][ID_CHARS]; /* what it was given */
    size_t n_ids;
};

/* One request, again as often as the world moves. */
static int act(struct worker *worker, int (*once)(struct worker *worker, struct use *use, int i),
               int i)
{
    int status = -1;
    bool again = true;
    for (int tries = 0; again && tries < TRIES_MAX; tries++) {
        struct use use;
        unit_use_begin(worker->unit, &worker->caller, &use);
        status = once(worker, &use, i);
        again = status < 0 && use.err.kind == ERR_KIND_MOVED;
        if (status < 0)
            worker->last_error = use.err;
        unit_use_end(&use);
    }
    worker->failures += status < 0;
    return status;
}

static void keep_id(struct worker *worker, struct str id)
{
    snprintf(worker->ids[worker->n_ids++], ID_CHARS, "%.*s", STR_ARG(id));
}

static void run_all(struct worker *workers, void *(*body)(void *arg))
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, body, &workers[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        if (workers[i].failures)
            fail_msg("%d failures, the last: %s %s", workers[i].failures,
                     workers[i].last_error.text, workers[i].last_error.detail);
}

/* ---- acts ---- */

static int create_once(struct worker *worker, struct use *use, int i)
{
    const struct new_room plain = {.preset = STR("public_chat")};
    struct str id;
    (void)i;
    int status = rooms_create(use, &plain, &id);
    if (status == 0)
        keep_id(worker, id);
    return status;
}

static int send_text(struct use *use, struct str room_id, struct str txn, struct str *ret_id)
{
    struct sending sending = {.room_id = room_id, .type = STR("m.room.message"), .txn = txn};
    if (json_parse(use->arena, STR("{\"body\":\"b\",\"msgtype\":\"m.text\"}"), &sending.content,
                   &use->err) < 0)
        return -1;
    return rooms_send(use, &sending, ret_id);
}

static int send_once(struct worker *worker, struct use *use, int i)
{
    struct str id;
    struct str txn = worker->txn ? str_from(worker->txn) : arena_printf(use->arena, "t%d", i);
    int status = send_text(use, worker->room_id, txn, &id);
    if (status == 0)
        keep_id(worker, id);
    return status;
}

static int join_once(struct worker *worker, struct use *use, int i)
{
    (void)i;
    return rooms_join(use, worker->room, STR_NONE);
}

static int leave_once(struct worker *worker, struct use *use, int i)
{
    (void)i;
    return rooms_leave(use, worker->room, STR_NONE);
}

/* ---- a room and its people ---- */

static void prepare(struct service_unit *unit, struct worker *workers)
{
    memset(workers, 0, THREADS * sizeof *workers);
    for (int i = 0; i < THREADS; i++) {
        workers[i].unit = unit;
        workers[i].number = i;
        workers[i].caller = unit_account(unit, user_ids[i]);
    }
}

static void check_act(struct worker *worker,
                      int (*once)(struct worker *worker, struct use *use, int i))
{
    if (act(worker, once, 0) < 0)
        fail_msg("%s %s", worker->last_error.text, worker->last_error.detail);
}

/* The first creates it; with everybody they join. *ret_id is the room id's memory. */
static void prepare_room(struct service_unit *unit, struct worker *workers, bool everybody,
                         char ret_id[ID_CHARS])
{
    struct use use;
    int64_t room = 0;
    prepare(unit, workers);
    check_act(&workers[0], create_once);
    memcpy(ret_id, workers[0].ids[0], ID_CHARS);
    workers[0].n_ids = 0;
    unit_use_begin(unit, &workers[0].caller, &use);
    assert_int_equal(rooms_find(&use, str_from(ret_id), &room), 1);
    unit_use_end(&use);
    for (int i = 0; i < THREADS; i++) {
        workers[i].room = room;
        workers[i].room_id = str_from(ret_id);
        if (everybody && i > 0)
            check_act(&workers[i], join_once);
    }
}

/* What is stored of the room: places dense from 1, the row true. Returns the number of events. */
static size_t check_room(struct service_unit *unit, const struct worker *worker)
{
    struct use use;
    struct room_row row;
    int64_t *ids;
    size_t n;
    unit_use_begin(unit, &worker->caller, &use);
    assert_int_equal(room_load(&use.read, worker->room, &row, &use.err), 1);
    assert_int_equal(event_list_room(&use.read, worker->room, 0, EVENT_FORWARD, EVENTS_MAX,
                                     use.arena, &ids, &n, &use.err),
                     0);
    for (size_t i = 0; i < n; i++) {
        struct event *event = NULL;
        assert_int_equal(event_load(&use.read, ids[i], &event, &use.err), 1);
        assert_int_equal(event->place, i + 1);
        event_unref(event);
    }
    assert_true(n > 0 && n < EVENTS_MAX);
    assert_int_equal(row.last_place, n);
    assert_int_equal(row.events, n);
    assert_int_equal(row.head, ids[n - 1]);
    unit_use_end(&use);
    return n;
}

static void assert_no_double(const struct worker *workers)
{
    for (int a = 0; a < THREADS * EACH; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(workers[a / EACH].ids[a % EACH],
                                    workers[b / EACH].ids[b % EACH]);
}

/* ---- many at once ---- */

static void *send_many(void *arg)
{
    struct worker *worker = arg;
    for (int i = 0; i < EACH; i++)
        act(worker, send_once, i);
    return NULL;
}

static void test_concurrent_senders_lose_and_double_nothing(void **state)
{
    static struct worker workers[THREADS];
    struct service_unit *unit = *state;
    char id[ID_CHARS];
    prepare_room(unit, workers, true, id);
    size_t before = check_room(unit, &workers[0]);
    run_all(workers, send_many);
    assert_int_equal(check_room(unit, &workers[0]), before + THREADS * EACH);
    assert_no_double(workers);
    unit_check_store(unit);
}

static void *send_one(void *arg)
{
    act(arg, send_once, 0);
    return NULL;
}

/* A client that sent twice, as it had no answer. */
static void test_a_transaction_sent_at_once_from_everywhere_is_one_event(void **state)
{
    static struct worker workers[THREADS];
    struct service_unit *unit = *state;
    char id[ID_CHARS];
    prepare_room(unit, workers, false, id);
    size_t before = check_room(unit, &workers[0]);
    for (int i = 0; i < THREADS; i++) {
        workers[i].caller = workers[0].caller;
        workers[i].txn = "same";
    }
    run_all(workers, send_one);
    assert_int_equal(check_room(unit, &workers[0]), before + 1);
    for (int i = 1; i < THREADS; i++)
        assert_string_equal(workers[i].ids[0], workers[0].ids[0]);
}

static void *create_many(void *arg)
{
    struct worker *worker = arg;
    for (int i = 0; i < EACH; i++)
        act(worker, create_once, i);
    return NULL;
}

/* The id of a room of version 12 is the hash of its create event: two that ask for the same in the
 * same millisecond must still get two rooms. */
static void test_rooms_created_at_once_by_one_user_are_all_different(void **state)
{
    static struct worker workers[THREADS];
    struct service_unit *unit = *state;
    prepare(unit, workers);
    for (int i = 0; i < THREADS; i++)
        workers[i].caller = workers[0].caller;
    run_all(workers, create_many);
    assert_no_double(workers);
    unit_check_store(unit);
}

static int create_named_once(struct worker *worker, struct use *use, int i)
{
    const struct new_room named = {.room_alias_name = STR("hall")};
    struct str id;
    (void)i;
    int status = rooms_create(use, &named, &id);
    if (status == 0)
        keep_id(worker, id);
    else if (use->err.kind == ERR_KIND_CLIENT && use->err.status == 400)
        return 0; /* taken */
    return status;
}

static void *create_named(void *arg)
{
    act(arg, create_named_once, 0);
    return NULL;
}

/* The alias is a row of the room's own job: who comes too late has made no room. */
static void test_an_alias_asked_for_at_once_is_given_once(void **state)
{
    static struct worker workers[THREADS];
    struct service_unit *unit = *state;
    size_t given = 0;
    prepare(unit, workers);
    run_all(workers, create_named);
    for (int i = 0; i < THREADS; i++)
        given += workers[i].n_ids;
    assert_int_equal(given, 1);
    unit_check_store(unit);
}

static void *come_and_go(void *arg)
{
    struct worker *worker = arg;
    for (int i = 0; i < EACH / 4; i++) {
        act(worker, join_once, i);
        act(worker, leave_once, i);
    }
    if (worker->number % 2)
        act(worker, join_once, 0);
    return NULL;
}

static void test_joins_and_leaves_at_once_leave_true_counts(void **state)
{
    static struct worker workers[THREADS];
    struct service_unit *unit = *state;
    struct use use;
    struct room_row row;
    char id[ID_CHARS];
    prepare_room(unit, workers, false, id);
    run_all(workers, come_and_go);
    check_room(unit, &workers[0]);
    unit_use_begin(unit, &workers[0].caller, &use);
    assert_int_equal(room_load(&use.read, workers[0].room, &row, &use.err), 1);
    assert_int_equal(row.joined, THREADS / 2);
    assert_int_equal(row.local_joined, THREADS / 2);
    unit_use_end(&use);
    unit_check_store(unit);
}

/* ---- changes that fail ---- */

static int refuse(struct write *w, void *arg, struct err *err)
{
    (void)w;
    (void)arg;
    return err_client(err, 400, "M_ROOM_IN_USE", "refused by the test");
}

static int break_down(struct write *w, void *arg, struct err *err)
{
    (void)w;
    (void)arg;
    return err_internal(err, "failed by the test");
}

/* A topic whose change also does what cannot be done. */
static int change_with(struct use *use, int64_t id,
                       int (*extra)(struct write *w, void *arg, struct err *err))
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct change change;
    assert_int_equal(room_enter(use, id, &room), 0);
    change_begin(&change, use, room);
    assert_int_equal(change_state(&change, STR("m.room.topic"), STR(""), STR("{\"topic\":\"t\"}")),
                     0);
    change_also(&change, extra, NULL);
    int status = change_submit(&change);
    change_end(&change);
    return status;
}

static void check_unchanged_after(struct service_unit *unit, struct worker *worker,
                                  int (*extra)(struct write *w, void *arg, struct err *err),
                                  enum err_kind kind)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct use use;
    size_t before = check_room(unit, worker);
    unit_use_begin(unit, &worker->caller, &use);
    assert_int_equal(change_with(&use, worker->room, extra), -1);
    assert_int_equal(use.err.kind, kind);
    unit_use_end(&use);

    assert_int_equal(check_room(unit, worker), before);
    unit_use_begin(unit, &worker->caller, &use);
    const struct room_names *names = rooms_names(unit->server);
    assert_int_equal(room_enter(&use, worker->room, &room), 0);
    assert_int_equal(room_state_id(room, names->topic, names->empty), 0);
    assert_int_equal(room_head(room)->last_place, before);
    room_leave(room);
    room = NULL;
    unit_use_end(&use);
    check_act(worker, send_once);
    assert_int_equal(check_room(unit, worker), before + 1);
}

static void test_a_change_that_fails_leaves_the_room_as_it_was(void **state)
{
    static struct worker workers[THREADS];
    struct service_unit *unit = *state;
    char id[ID_CHARS];
    prepare_room(unit, workers, false, id);
    workers[0].txn = "first";
    check_unchanged_after(unit, &workers[0], refuse, ERR_KIND_CLIENT);
    workers[0].txn = "second";
    check_unchanged_after(unit, &workers[0], break_down, ERR_KIND_INTERNAL);
    unit_check_store(unit);
}

/* ---- memory ---- */

/* Leaves room for none, and enters another: all that nobody uses are forgotten. */
static void forget_all(struct service_unit *unit, const struct worker *worker)
{
    struct rooms *rooms = unit->server->rooms;
    struct use use;
    struct room *room;
    rooms->bytes_max = 0;
    for (int64_t i = 1; i <= 2; i++) {
        unit_use_begin(unit, &worker->caller, &use);
        assert_int_equal(room_enter(&use, INT64_MAX - i, &room), -1);
        assert_int_equal(use.err.status, 404);
        unit_use_end(&use);
    }
    assert_null(int_map_find(&rooms->by_id, worker->room));
    assert_int_equal(rooms->by_id.n, 1); /* the last, which was in use */
    rooms->bytes_max = ROOMS_BYTES;
}

/* With one connection left: a request that held one while it waited for another would wait in vain,
 * and so would all others that do the same. */
static void test_a_room_is_filled_with_one_connection(void **state)
{
    static struct worker workers[THREADS];
    struct service_unit *unit = *state;
    struct db *db = store_db(unit->server->store);
    struct db_conn *taken[LIMIT_DB_READERS - 1];
    struct err err = ERR_INIT;
    char id[ID_CHARS];
    prepare_room(unit, workers, false, id);
    forget_all(unit, &workers[0]);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        assert_int_equal(db_reader_take(db, &taken[i], &err), 0);
    check_act(&workers[0], send_once);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        db_reader_give(db, taken[i]);
}

struct seen {
    int64_t head, place, state, create, joined;
    enum membership first, last;
};

static struct seen look(struct service_unit *unit, const struct worker *workers)
{
    struct use use;
    struct room *room;
    unit_use_begin(unit, &workers[0].caller, &use);
    assert_int_equal(room_enter(&use, workers[0].room, &room), 0);
    const struct room_names *names = rooms_names(unit->server);
    struct seen seen = {
        .head = room_head(room)->head,
        .place = room_head(room)->last_place,
        .state = room_head(room)->state,
        .create = room_state_id(room, names->create, names->empty),
        .joined = room->row.joined,
        .first = room_membership(room, workers[0].caller.user),
        .last = room_membership(room, workers[THREADS - 1].caller.user),
    };
    room_leave(room);
    unit_use_end(&use);
    return seen;
}

static void assert_same(const struct seen *a, const struct seen *b)
{
    assert_int_equal(a->head, b->head);
    assert_int_equal(a->place, b->place);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->create, b->create);
    assert_int_equal(a->joined, b->joined);
    assert_int_equal(a->first, b->first);
    assert_int_equal(a->last, b->last);
}

static void test_a_room_that_was_forgotten_is_loaded_as_it_was(void **state)
{
    static struct worker workers[THREADS];
    struct service_unit *unit = *state;
    char id[ID_CHARS];
    prepare_room(unit, workers, true, id);
    check_act(&workers[THREADS - 1], leave_once);
    struct seen before = look(unit, workers);
    assert_int_equal(before.first, MEMBERSHIP_JOIN);
    assert_int_equal(before.last, MEMBERSHIP_LEAVE);
    forget_all(unit, &workers[0]);
    struct seen after = look(unit, workers);
    assert_same(&after, &before);
    service_unit_reopen(unit);
    after = look(unit, workers);
    assert_same(&after, &before);
    check_act(&workers[0], send_once);
    assert_int_equal(check_room(unit, &workers[0]), before.place + 1);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_concurrent_senders_lose_and_double_nothing),
    service_unit_test(test_a_transaction_sent_at_once_from_everywhere_is_one_event),
    service_unit_test(test_rooms_created_at_once_by_one_user_are_all_different),
    service_unit_test(test_an_alias_asked_for_at_once_is_given_once),
    service_unit_test(test_joins_and_leaves_at_once_leave_true_counts),
    service_unit_test(test_a_change_that_fails_leaves_the_room_as_it_was),
    service_unit_test(test_a_room_is_filled_with_one_connection),
    service_unit_test(test_a_room_that_was_forgotten_is_loaded_as_it_was),
};

SERVICE_UNIT_MAIN(tests)
