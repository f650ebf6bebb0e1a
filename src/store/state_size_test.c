/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/limits.h"
#include "store/state.h"
#include "store/store_unit.h"

/* A room with 100,000 state changes, each of another key, which is the worst case for the jumps,
 * costs at most three times the JSON of its events: rows, indexes, names, log and all. */

/* Sanitizers make each change ten times as slow, and the file no smaller. */
enum { CHANGES = IS_SANITIZED ? 10000 : 100000, AT_ONCE = 500 };

struct piece {
    struct event *events[AT_ONCE];
    size_t n;
};

static int write_piece(struct write *w, void *arg, struct err *err)
{
    struct piece *piece = arg;
    for (size_t i = 0; i < piece->n; i++)
        if (state_save(w, piece->events[i]->state, err) < 0 ||
            event_insert(w, piece->events[i], err) < 0)
            return -1;
    return 0;
}

/* As long as a member event of a room of version 12 is that was signed once. */
static struct event *make_member(struct store *store, int64_t type, int i)
{
    CLEANUP(buf_done) struct buf json;
    char user[64];
    snprintf(user, sizeof user, "@first.last%d-interieur.example.org:agent.example.org", i);
    struct event fields = {.id = store_new_id(store),
                           .room = 7,
                           .place = i + 1,
                           .type = type,
                           .state_key = unit_intern(store, user),
                           .sender = unit_intern(store, user)};
    for (size_t k = 0; k < sizeof fields.hash / 8; k++) {
        uint64_t bits = ((uint64_t)fields.id << 8 | k) * 0x9e3779b97f4a7c15u;
        memcpy(fields.hash + 8 * k, &bits, 8);
    }
    buf_init(&json, KIB(4));
    buf_printf(&json, "{\"auth_events\":[");
    for (int k = 0; k < 3; k++)
        buf_printf(&json, "%s\"$%040d%03d\"", k ? "," : "", i, k);
    buf_printf(&json, "],\"content\":{\"displayname\":\"First Last (Interieur)\",");
    buf_printf(&json, "\"membership\":\"join\"},\"depth\":%d,\"hashes\":{\"sha256\":", i);
    buf_printf(&json, "\"%043d\"},\"origin_server_ts\":1790000000000,\"prev_events\":", i);
    buf_printf(&json, "[\"$%043d\"],\"room_id\":\"!%043d\",\"sender\":\"%s\",", i, 7, user);
    buf_printf(&json, "\"signatures\":{\"agent.example.org\":{\"ed25519:abcdef\":\"%086d\"}},", i);
    buf_printf(&json, "\"state_key\":\"%s\",\"type\":\"m.room.member\"}", user);
    return event_new(&fields, buf_str(&json));
}

static void make_piece(struct store *store, struct piece *piece, int from, int64_t *state,
                       int64_t *bytes)
{
    int64_t type = unit_intern(store, "m.room.member");
    struct err err = ERR_INIT;
    struct read r;
    read_begin(store, &r);
    for (piece->n = 0; piece->n < AT_ONCE; piece->n++) {
        struct event *event = make_member(store, type, from + (int)piece->n);
        struct state_entry change = {type, event->state_key, event->id};
        assert_int_equal(state_make(&r, 7, *state, &change, 1, state, &err), 0);
        event->state = *state;
        *bytes += (int64_t)event->json.n;
        piece->events[piece->n] = event;
    }
    read_end(&r);
}

static void a_hundred_thousand_changes_cost_little(void **state)
{
    struct store_unit *unit = *state;
    int64_t at = 0, bytes = 0;
    struct stat file;
    struct piece piece;
    if (unit->engine != DB_ENGINE_SQLITE)
        skip();
    for (int from = 0; from < CHANGES; from += AT_ONCE) {
        make_piece(unit->store, &piece, from, &at, &bytes);
        unit_run(unit->store, write_piece, &piece);
        for (size_t i = 0; i < piece.n; i++)
            event_unref(piece.events[i]);
    }
    store_unit_reopen(unit); /* closing moves the log into the file */
    struct err err = ERR_INIT;
    int64_t ignored;
    assert_int_equal(db_checkpoint(store_db(unit->store), &ignored, &err), 0);
    assert_int_equal(stat(db_unit_uri(unit->db) + sizeof "sqlite:" - 1, &file), 0);
    print_message("%lld bytes of events, %lld of store\n", (long long)bytes,
                  (long long)file.st_size);
    assert_true(file.st_size <= 3 * bytes);
    assert_true(file.st_size > bytes);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_hundred_thousand_changes_cost_little),
};
STORE_UNIT_MAIN(tests)
