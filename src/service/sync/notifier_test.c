/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/notifier.h"

#include <pthread.h>
#include <sched.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "service/service_unit.h"
#include "service/sync/notifier_state.h"

#define ME     11
#define DEVICE 21

/* ---- what is written, and taken in ---- */

static int write_entry(struct write *w, void *arg, struct err *err)
{
    const struct log_entry *entry = arg;
    int64_t pos;
    return write_position(w, entry->kind, entry->room, entry->user, entry->ref, &pos, err);
}

static void put(struct service_unit *unit, enum log_kind kind, int64_t room, int64_t user,
                int64_t ref)
{
    struct log_entry entry = {.kind = kind, .room = room, .user = user, .ref = ref};
    struct err err = ERR_INIT;
    if (store_run(unit->server->store, write_entry, &entry, &err) < 0)
        fail_msg("store_run: %s", err.detail);
}

/* Until the notifier has taken in all that is written. */
static int64_t settle(struct service_unit *unit)
{
    int64_t pos = store_head(unit->server->store).pos;
    while (notifier_head(unit->server->notifier).pos < pos)
        sched_yield();
    return pos;
}

static struct moves moves_after(struct service_unit *unit, struct arena *arena, int64_t from)
{
    struct moves moves;
    notifier_moves(unit->server->notifier, ME, DEVICE, from, arena, &moves);
    return moves;
}

static bool has_room(const struct moves *moves, int64_t room)
{
    for (size_t i = 0; i < moves->n; i++)
        if (moves->rooms[i].room == room)
            return true;
    return false;
}

static int64_t watch(struct service_unit *unit, const int64_t *rooms, size_t n)
{
    struct notifier *notifier = unit->server->notifier;
    int64_t from = settle(unit);
    assert_false(notifier_watch(notifier, ME));
    notifier_watch_rooms(notifier, ME, rooms, n);
    assert_true(notifier_watch(notifier, ME));
    return from;
}

/* ---- moves ---- */

static void test_who_is_not_known_must_look_everywhere(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct service_unit *unit = *state;
    int64_t from = settle(unit);
    assert_false(moves_after(unit, arena, from).complete);
    assert_false(notifier_watch(unit->server->notifier, ME));
    assert_false(moves_after(unit, arena, from).complete); /* its rooms are not known yet */
    notifier_watch_rooms(unit->server->notifier, ME, NULL, 0);
    assert_true(moves_after(unit, arena, from).complete);
    assert_false(moves_after(unit, arena, from - 1).complete);
}

static void test_rooms_that_are_watched(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct service_unit *unit = *state;
    int64_t from = watch(unit, (const int64_t[]){1, 2}, 2);
    put(unit, LOG_KIND_EVENT, 1, 0, 100);
    put(unit, LOG_KIND_EVENT, 3, 0, 101);
    put(unit, LOG_KIND_EVENT, 1, 0, 102);
    int64_t head = settle(unit);
    struct moves moves = moves_after(unit, arena, from);
    assert_true(moves.complete && has_room(&moves, 1));
    assert_int_equal(moves.n, 1);
    assert_int_equal(moves_after(unit, arena, head).n, 0);
}

/* A member event of one's own brings a room along. */
static void test_a_room_that_is_joined_is_watched(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct service_unit *unit = *state;
    watch(unit, NULL, 0);
    put(unit, LOG_KIND_EVENT, 5, ME, 100);
    int64_t from = settle(unit);
    put(unit, LOG_KIND_EVENT, 5, 0, 101);
    settle(unit);
    struct moves moves = moves_after(unit, arena, from);
    assert_true(moves.complete && has_room(&moves, 5));
}

static void test_what_is_of_the_user_or_of_a_device(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct service_unit *unit = *state;
    int64_t from = watch(unit, NULL, 0);
    put(unit, LOG_KIND_TO_DEVICE, 0, ME, DEVICE + 1);
    put(unit, LOG_KIND_KEYS, 0, ME, DEVICE + 1);
    put(unit, LOG_KIND_TO_DEVICE, 0, ME + 1, DEVICE);
    settle(unit);
    struct moves moves = moves_after(unit, arena, from);
    assert_false(moves.to_device || moves.keys || moves.device_lists);
    put(unit, LOG_KIND_TO_DEVICE, 0, ME, DEVICE);
    put(unit, LOG_KIND_KEYS, 0, ME, DEVICE);
    put(unit, LOG_KIND_DEVICE_LIST, 0, ME, 0);
    from = settle(unit) - 3;
    moves = moves_after(unit, arena, from);
    assert_true(moves.complete && moves.to_device && moves.keys && moves.device_lists);
    put(unit, LOG_KIND_ACCOUNT_DATA, 0, ME, 0);
    from = settle(unit) - 1;
    moves = moves_after(unit, arena, from);
    assert_true(moves.user && !moves.to_device && !moves.keys);
}

static void test_one_busy_room_is_one_move(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct service_unit *unit = *state;
    int64_t from = watch(unit, (const int64_t[]){1}, 1);
    for (int i = 0; i < 2 * MOVES_MAX; i++)
        put(unit, LOG_KIND_EVENT, 1, 0, 100 + i);
    settle(unit);
    struct moves moves = moves_after(unit, arena, from);
    assert_true(moves.complete);
    assert_int_equal(moves.n, 1);
}

/* More moves than are remembered: whoever was away for too long is told to look everywhere, and an
 * answer that calls itself complete misses nothing. */
static void test_moves_that_are_forgotten(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    struct service_unit *unit = *state;
    enum { MOVES = 3 * MOVES_MAX + 5, ROOMS = 7 };
    const int64_t rooms[ROOMS] = {1, 2, 3, 4, 5, 6, 7};
    int64_t from = watch(unit, rooms, ROOMS), known = 0;
    for (int i = 0; i < MOVES; i++)
        put(unit, LOG_KIND_EVENT, rooms[i * i % ROOMS], 0, 100 + i);
    assert_int_equal(settle(unit), from + MOVES);
    for (int start = 0; start <= MOVES; start++) {
        struct moves moves = moves_after(unit, arena, from + start);
        known += moves.complete;
        for (int i = start; moves.complete && i < MOVES; i++)
            assert_true(has_room(&moves, rooms[i * i % ROOMS]));
    }
    assert_false(moves_after(unit, arena, from).complete);
    assert_true(known >= MOVES_MAX / 2 && known < MOVES);
}

/* ---- typing ---- */

static size_t count_typists(struct service_unit *unit, struct arena *arena, int64_t room)
{
    int64_t *users;
    size_t n;
    notifier_typing_list(unit->server->notifier, room, arena, &users, &n);
    return n;
}

static void test_typing(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct service_unit *unit = *state;
    struct notifier *notifier = unit->server->notifier;
    int64_t later = clock_monotonic_ms() + 600 * 1000, *rooms;
    size_t n;
    watch(unit, (const int64_t[]){1}, 1);
    int64_t from = notifier_typing_head(notifier);
    notifier_typing_set(notifier, 1, 5, later);
    notifier_typing_set(notifier, 2, 5, later);
    notifier_typing_moves(notifier, ME, from, arena, &rooms, &n);
    assert_int_equal(n, 1);
    assert_int_equal(rooms[0], 1);
    assert_int_equal(count_typists(unit, arena, 1), 1);

    from = notifier_typing_head(notifier);
    notifier_typing_set(notifier, 1, 5, later + 1); /* goes on: nothing new */
    notifier_typing_set(notifier, 1, 6, 0);         /* never typed */
    assert_int_equal(notifier_typing_head(notifier), from);
    notifier_typing_set(notifier, 1, 5, 0);
    assert_true(notifier_typing_head(notifier) > from);
    assert_int_equal(count_typists(unit, arena, 1), 0);
    notifier_typing_set(notifier, 1, 7, 1); /* its time is up */
    assert_int_equal(count_typists(unit, arena, 1), 0);
}

static void test_what_other_nodes_say_is_checked(void **state)
{
    static const char *const bad[] = {
        "",
        "typing",
        "typing ",
        "typing 1",
        "typing 1 2",
        "typing 0 2 3",
        "typing 1 0 3",
        "typing 1 -2 3",
        "typing 1 2 -3",
        "typing 1 2 600001",
        "typing 1 2 9223372036854775807",
        "typing 1 2 3 4",
        "typing 9223372036854775808 2 3",
        "Typing 1 2 3",
    };
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct service_unit *unit = *state;
    struct notifier *notifier = unit->server->notifier;
    int64_t from = notifier_typing_head(notifier);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        notifier_hear(notifier, str_from(bad[i]));
    assert_int_equal(notifier_typing_head(notifier), from);
    notifier_hear(notifier, STR("typing 1 2 600000"));
    assert_int_equal(count_typists(unit, arena, 1), 1);
    notifier_hear(notifier, STR("typing 1 2 0"));
    assert_int_equal(count_typists(unit, arena, 1), 0);
}

/* ---- many at once ---- */

enum { WRITERS = 4, READERS = 4, ROUNDS = 50 };

static void *write_many(void *arg)
{
    struct service_unit *unit = arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct log_entry entry = {.kind = LOG_KIND_EVENT, .room = 1 + i % 3, .ref = 100 + i};
        struct err err = ERR_INIT;
        if (store_run(unit->server->store, write_entry, &entry, &err) < 0)
            return unit;
        notifier_typing_set(unit->server->notifier, 1 + i % 3, 5,
                            i % 2 ? clock_monotonic_ms() + 60000 : 0);
    }
    return NULL;
}

/* Not NULL when a complete answer went back in time. */
static void *read_many(void *arg)
{
    struct service_unit *unit = arg;
    struct notifier *notifier = unit->server->notifier;
    struct arena *arena = arena_new(MIB(16));
    int64_t head = 0, *rooms;
    size_t n;
    bool good = true;
    for (int i = 0; i < ROUNDS; i++) {
        if (!notifier_watch(notifier, ME))
            notifier_watch_rooms(notifier, ME, (const int64_t[]){1, 2, 3}, 3);
        int64_t now = notifier_head(notifier).pos;
        good &= now >= head;
        head = now;
        (void)moves_after(unit, arena, head);
        notifier_typing_moves(notifier, ME, 0, arena, &rooms, &n);
        good &= n <= 3;
    }
    arena_free(arena);
    return good ? NULL : unit;
}

static void test_readers_and_writers_at_once(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct service_unit *unit = *state;
    pthread_t threads[WRITERS + READERS];
    int64_t before = watch(unit, (const int64_t[]){1, 2, 3}, 3);
    for (int i = 0; i < WRITERS + READERS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, i < WRITERS ? write_many : read_many, unit), 0);
    for (int i = 0; i < WRITERS + READERS; i++) {
        void *failed = unit;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    int64_t head = settle(unit);
    assert_int_equal(head, before + WRITERS * ROUNDS);
    assert_true(moves_after(unit, arena, head - 1).complete);
    assert_int_equal(moves_after(unit, arena, head - 1).n, 1);
}

/* ---- windows ---- */

static bool has_window(struct service_unit *unit, int64_t room, int64_t head)
{
    struct kept_window kept;
    notifier_find_window(unit->server->notifier, room, head, &kept);
    window_unref(kept.window);
    return kept.window != NULL;
}

/* Each holds events: those kept for longest go. */
static void test_windows_are_bounded(void **state)
{
    struct service_unit *unit = *state;
    struct window *window = MEM_NEW(struct window);
    int64_t rooms[WINDOWS_KEPT + 1];
    window->refs = 1;
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++)
        rooms[i] = (int64_t)i + 1;
    int64_t head = watch(unit, rooms, ARRAY_LEN(rooms));
    for (size_t i = 0; i < ARRAY_LEN(rooms) - 1; i++)
        notifier_keep_window(unit->server->notifier, rooms[i], head, window);
    notifier_keep_window(unit->server->notifier, rooms[0], head, window); /* again: no new place */
    assert_true(has_window(unit, rooms[0], head) && has_window(unit, rooms[1], head));
    notifier_keep_window(unit->server->notifier, rooms[WINDOWS_KEPT], head, window);
    assert_false(has_window(unit, rooms[0], head));
    assert_true(has_window(unit, rooms[1], head));
    assert_true(has_window(unit, rooms[WINDOWS_KEPT], head));
    put(unit, LOG_KIND_REDACTION, rooms[1], 0, 100);
    assert_false(has_window(unit, rooms[1], settle(unit)));
    assert_false(has_window(unit, rooms[2], head - 1)); /* read later than that */
    window_unref(window);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_windows_are_bounded),
    service_unit_test(test_who_is_not_known_must_look_everywhere),
    service_unit_test(test_rooms_that_are_watched),
    service_unit_test(test_a_room_that_is_joined_is_watched),
    service_unit_test(test_what_is_of_the_user_or_of_a_device),
    service_unit_test(test_one_busy_room_is_one_move),
    service_unit_test(test_moves_that_are_forgotten),
    service_unit_test(test_typing),
    service_unit_test(test_what_other_nodes_say_is_checked),
    service_unit_test(test_readers_and_writers_at_once),
};

SERVICE_UNIT_MAIN(tests)
