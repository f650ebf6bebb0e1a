/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "matrix/pdu.h"
#include "store/auth_chain.h"
#include "store/backup.h"
#include "store/membership.h"
#include "store/room.h"
#include "store/state.h"
#include "store/store_unit.h"
#include "store/txn.h"
#include "json/doc.h"

/* A small sound room, and what store_check says when one thing of it is damaged. */

struct lines {
    struct buf text;
    size_t n;
};

static void take_line(void *arg, const char *line)
{
    struct lines *lines = arg;
    buf_printf(&lines->text, "%s\n", line);
    lines->n++;
}

/* ---- the room ---- */

struct scene {
    struct store_unit *unit;
    struct room_row room;
    struct event *events[3]; /* create, join, message */
    struct membership_row member;
};

static struct event *make_event(struct scene *scene, int64_t place, const char *json,
                                const char *type, const char *state_key)
{
    struct store *store = scene->unit->store;
    struct err err = ERR_INIT;
    const struct json *doc;
    struct event fields = {
        .id = store_new_id(store),
        .room = scene->room.id,
        .place = place,
        .type = unit_intern(store, type),
        .sender = unit_intern(store, "@a:x"),
        .state_key = state_key ? unit_intern(store, state_key) : 0,
    };
    assert_int_equal(json_parse(scene->unit->arena, str_from(json), &doc, &err), 0);
    assert_int_equal(
        pdu_reference_hash(scene->unit->arena, room_version_default(), doc, fields.hash, &err), 0);
    return event_new(&fields, str_from(json));
}

static void make_states(struct scene *scene)
{
    struct err err = ERR_INIT;
    struct read r;
    int64_t state = 0;
    read_begin(scene->unit->store, &r);
    for (int i = 0; i < 3; i++) {
        struct event *event = scene->events[i];
        struct state_entry entry = {event->type, event->state_key, event->id};
        event->state_before = state;
        if (event->state_key)
            assert_int_equal(state_make(&r, scene->room.id, state, &entry, 1, &state, &err), 0);
        event->state = state;
    }
    read_end(&r);
    scene->room.state = state;
}

static int write_scene(struct write *w, void *arg, struct err *err)
{
    struct scene *scene = arg;
    for (int i = 0; i < 3; i++)
        if (state_save(w, scene->events[i]->state, err) < 0 ||
            event_insert(w, scene->events[i], err) < 0)
            return -1;
    scene->room.pos = scene->events[2]->pos;
    scene->member.pos = scene->events[1]->pos;
    if (room_insert(w, &scene->room, err) < 0 || membership_put(w, &scene->member, err) < 0 ||
        auth_chain_insert(w, scene->events[0]->id, NULL, 0, err) < 0 ||
        auth_chain_insert(w, scene->events[1]->id, &scene->events[0]->id, 1, err) < 0 ||
        txn_insert(w, 5, scene->room.id, STR("t"), scene->events[2]->id, err) < 0)
        return -1;
    return extremity_change(w, scene->room.id, NULL, 0, &scene->events[2]->id, 1, err);
}

static void make_scene(struct scene *scene, struct store_unit *unit)
{
    struct store *store = unit->store;
    *scene = (struct scene){.unit = unit};
    scene->room = (struct room_row){
        .id = unit_intern(store, "!room"),
        .version = unit_intern(store, "12"),
        .creator = unit_intern(store, "@a:x"),
        .head = 3,
        .first_place = 1,
        .last_place = 3,
        .joined = 1,
        .events = 3,
    };
    scene->events[0] = make_event(scene, 1,
                                  "{\"content\":{\"room_version\":\"12\"},\"sender\":\"@a:x\","
                                  "\"state_key\":\"\",\"type\":\"m.room.create\"}",
                                  "m.room.create", "");
    scene->events[1] = make_event(scene, 2,
                                  "{\"content\":{\"membership\":\"join\"},\"sender\":\"@a:x\","
                                  "\"state_key\":\"@a:x\",\"type\":\"m.room.member\"}",
                                  "m.room.member", "@a:x");
    scene->events[2] = make_event(
        scene, 3, "{\"content\":{\"body\":\"hello\"},\"sender\":\"@a:x\",\"type\":\"m.text\"}",
        "m.text", NULL);
    scene->member = (struct membership_row){
        .user = unit_intern(store, "@a:x"),
        .room = scene->room.id,
        .kind = MEMBERSHIP_JOIN,
        .event = scene->events[1]->id,
        .sender = unit_intern(store, "@a:x"),
    };
    make_states(scene);
    unit_run(store, write_scene, scene);
    for (int i = 0; i < 3; i++)
        event_unref(scene->events[i]);
}

static void check_store(struct store_unit *unit, struct lines *lines)
{
    struct err err = ERR_INIT;
    buf_init(&lines->text, KIB(64));
    lines->n = 0;
    int sound = store_check(unit->store, take_line, lines, &err);
    if (sound < 0)
        fail_msg("store_check: %s", err.detail);
    assert_int_equal(sound, lines->n == 0);
}

/* ---- tests ---- */

static void a_sound_store_has_no_fault(void **state)
{
    struct store_unit *unit = *state;
    struct lines lines;
    struct scene scene;
    check_store(unit, &lines);
    assert_str(buf_str(&lines.text), STR(""));
    buf_done(&lines.text);
    make_scene(&scene, unit);
    check_store(unit, &lines);
    assert_str(buf_str(&lines.text), STR(""));
    buf_done(&lines.text);
}

static const struct {
    struct db_stmt stmt;
    const char *words;
} DAMAGES[] = {
    {{"d1", "DELETE FROM log WHERE pos = 2"}, "have a hole"},
    {{"d2", "DELETE FROM log WHERE pos = 3"}, "not in the log at its position"},
    {{"d3", "UPDATE log SET ref = 12345 WHERE pos = 2"}, "an entry of an event that is not there"},
    {{"d4", "UPDATE name SET id = 100000000 WHERE id = (SELECT min(id) FROM name)"},
     "one that was not given out"},
    {{"d5", "UPDATE event SET place = 1 WHERE place = 2"}, "two at one place"},
    {{"d6", "UPDATE event SET flags = 1 WHERE place = 2"}, "an outlier with a place"},
    {{"d7", "UPDATE event SET state = 999 WHERE place = 3"}, "its state is not there"},
    {{"d8", "UPDATE event SET sender = 999 WHERE place = 3"}, "the name of its sender"},
    {{"d9", "UPDATE event SET type = sender WHERE place = 3"}, "its type is not that of its row"},
    {{"d10", "UPDATE event SET depth = 1, hash = (SELECT hash FROM state LIMIT 1) WHERE place = 3"},
     "its hash is not that of its bytes"},
    {{"d11", "UPDATE event SET members = (SELECT members FROM event WHERE place = 1)"
             " WHERE place = 2"},
     "its members are not where its row says"},
    {{"d12", "UPDATE state SET hash = (SELECT hash FROM event WHERE place = 1) WHERE parent <> 0"},
     "its hash is not that of its entries"},
    {{"d13", "UPDATE state SET height = 7 WHERE parent <> 0"}, "its jump is not"},
    {{"d14", "UPDATE state SET delta = (SELECT hash FROM event WHERE place = 1)"
             " WHERE parent <> 0"},
     "its row is damaged"},
    {{"d15", "UPDATE extremity SET event = 999"}, "not an event of its room"},
    {{"d17", "UPDATE room SET last_place = 4"}, "its places are"},
    {{"d18", "UPDATE room SET joined = 2"}, "it counts"},
    {{"d19", "UPDATE membership SET membership = 3"}, "is not that of its state"},
    {{"d20", "DELETE FROM membership"}, "has no membership"},
    {{"d21", "UPDATE txn SET event = 999"}, "transaction id: its event"},
    {{"d22", "UPDATE auth_chain SET seq = 5 WHERE seq = 2"}, "auth chain: a hole"},
    {{"d23", "INSERT INTO chain_link (chain, seq, to_chain, to_seq) VALUES (1, 1, 2, 2)"},
     "a link from or to nowhere"},
    {{"d24", "UPDATE counter SET pos = 400"}, "the counter is past the last position"},
    {{"d25", "UPDATE room SET version = creator"}, "its version is unknown"},
    {{"d26", "INSERT INTO thread (room, parent, place) SELECT room, hash, 2 FROM event"
             " WHERE place = 2"},
     "not at its last reply"},
    {{"d27", "INSERT INTO relation (parent, child, room, kind, rel_type, type, sender, place, ts)"
             " SELECT hash, id, room, 3, type, type, sender, place, 0 FROM event WHERE place = 3"},
     "a reply whose thread is not there"},
};

/* While no store has it open: the counter is the appender's own. */
static void run_damage(struct store_unit *unit, size_t i)
{
    struct db *db;
    struct db_conn *conn;
    struct err err = ERR_INIT;
    store_close(unit->store);
    assert_int_equal(db_open(db_unit_uri(unit->db), NULL, &db, &err), 0);
    assert_int_equal(db_conn_open(db, DB_MODE_WRITE, &conn, &err), 0);
    assert_int_equal(db_begin(conn, &err), 0);
    assert_int_equal(db_exec(conn, &DAMAGES[i].stmt, DB_NO_PARAMS, &err), 0);
    if (db_commit(conn, &err) < 0)
        fail_msg("%s: %s", DAMAGES[i].stmt.sql, err.detail);
    db_conn_close(conn);
    db_close(db);
    store_unit_open_again(unit);
}

static void each_damage_is_told(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(DAMAGES); i++) {
        struct store_unit *unit = *state;
        struct lines lines;
        struct scene scene;
        make_scene(&scene, unit);
        run_damage(unit, i);
        check_store(unit, &lines);
        if (!str_contains(buf_str(&lines.text), str_from(DAMAGES[i].words)))
            fail_msg("%s: told %.*s", DAMAGES[i].stmt.sql, STR_ARG(buf_str(&lines.text)));
        buf_done(&lines.text);
        store_unit_close(state);
        store_unit_open(state);
    }
}

/* ---- backup and restore ---- */

static void a_restore_begins_an_epoch(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct lines lines;
    struct scene scene;
    make_scene(&scene, unit);
    struct log_position before = store_head(unit->store);
    assert_int_equal(store_restore_fixups(unit->store, &err), 0);
    store_unit_reopen(unit);
    struct log_position after = store_head(unit->store);
    assert_true(after.epoch > before.epoch);
    assert_true(after.pos > before.pos + 1000000000);
    CLEANUP(event_cleanup) struct event *event = unit_event(unit->store, scene.room.id, 9, 1, 0);
    unit_insert(unit->store, event);
    assert_int_equal(event->pos, after.pos + 1);
    check_store(unit, &lines);
    assert_false(str_contains(buf_str(&lines.text), STR("log:")));
    buf_done(&lines.text);
}

static void a_backup_is_a_sound_store(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct store *copy;
    struct lines lines;
    struct scene scene;
    if (unit->engine != DB_ENGINE_SQLITE)
        skip();
    make_scene(&scene, unit);
    struct str path = arena_printf(unit->arena, "%s/copy.db", db_unit_dir(unit->db));
    struct str uri = arena_printf(unit->arena, "sqlite:%s/copy.db", db_unit_dir(unit->db));
    assert_int_equal(store_backup(unit->store, path.p, &err), 0);
    assert_int_equal(store_backup(unit->store, path.p, &err), -1); /* never over a file */
    struct store_options options = {.uri = uri.p};
    assert_int_equal(store_open(&options, &copy, &err), 0);
    struct store_unit other = *unit;
    other.store = copy;
    check_store(&other, &lines);
    assert_str(buf_str(&lines.text), STR(""));
    assert_int_equal(store_head(copy).pos, store_head(unit->store).pos);
    store_close(copy);
    buf_done(&lines.text);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_sound_store_has_no_fault),
    store_unit_test(each_damage_is_told),
    store_unit_test(a_restore_begins_an_epoch),
    store_unit_test(a_backup_is_a_sound_store),
};
STORE_UNIT_MAIN(tests)
