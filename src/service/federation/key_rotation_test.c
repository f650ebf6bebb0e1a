/* SPDX-License-Identifier: EUPL-1.2 */

/* A new signing key in a running server, and a rotation that is cut short at each of its steps. */

#include "service/federation/key_rotation.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/base64.h"
#include "matrix/pdu.h"
#include "matrix/room_version.h"
#include "service/audit.h"
#include "service/federation/signing_key.h"
#include "service/rooms/create_room.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"
#include "store/event.h"

#define TALKERS 4
#define EACH    25

struct scene {
    struct service_unit *unit;
    struct arena *arena;
    char directory[64], path[96];
    struct caller caller;
    int64_t room;
    struct str room_id;
};

/* ---- the server and its key file ---- */

static void load(struct scene *scene, struct signing_key *ret_key)
{
    struct err err = ERR_INIT;
    if (signing_key_load_or_make(scene->arena, scene->path, ret_key, &err) < 0)
        fail_msg("signing_key_load_or_make: %s", err.detail);
}

/* As the program starts: with the key of the file. */
static void start(struct scene *scene)
{
    struct service_unit *unit = scene->unit;
    struct signing_key key;
    struct err err = ERR_INIT;
    server_close(unit->server);
    load(scene, &key);
    if (server_open(&unit->config, &key.key, key.id, &unit->server, &err) < 0)
        fail_msg("server_open: %s %s", err.text, err.detail);
    signing_key_done(&key);
}

static void begin(struct scene *scene, struct service_unit *unit)
{
    *scene = (struct scene){.unit = unit, .arena = arena_new(MIB(16))};
    snprintf(scene->directory, sizeof scene->directory, "/tmp/chappe-rotate-XXXXXX");
    assert_non_null(mkdtemp(scene->directory));
    snprintf(scene->path, sizeof scene->path, "%s/signing.key", scene->directory);
    unit->config.signing_key = str_from(scene->path);
    start(scene);
}

static void end(struct scene *scene)
{
    static const char *const names[] = {"", ".old", ".next"};
    char path[128];
    scene->unit->config.signing_key = STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "%s%s", scene->path, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(scene->directory), 0); /* nothing else is left */
    unit_check_store(scene->unit);
    arena_free(scene->arena);
}

static void rotate(struct scene *scene)
{
    struct caller nobody = {0};
    struct use use;
    unit_use_begin(scene->unit, &nobody, &use);
    if (key_rotation_run(&use) != 0)
        fail_msg("key_rotation_run: %s %s", use.err.text, use.err.detail);
    unit_use_end(&use);
}

/* How many rows tell of a rotation, and the key the last one names. */
static size_t rows(struct scene *scene, struct str *ret_last)
{
    struct caller nobody = {0};
    struct audit_row *list;
    struct use use;
    size_t n, found = 0;
    unit_use_begin(scene->unit, &nobody, &use);
    assert_int_equal(audit_list(&use.read, 0, 100, scene->arena, &list, &n, &use.err), 0);
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].entry.action, STR("key.rotate"))) {
            *ret_last = list[i].entry.target;
            found++;
        }
    unit_use_end(&use);
    return found;
}

/* ---- events and who signed them ---- */

static int send(struct use *use, struct str room_id, const char *txn)
{
    struct sending sending = {
        .room_id = room_id, .type = STR("m.room.message"), .txn = str_from(txn)};
    struct str id;
    if (json_parse(use->arena, STR("{\"body\":\"b\"}"), &sending.content, &use->err) < 0)
        return -1;
    return rooms_send(use, &sending, &id);
}

static void make_room(struct scene *scene)
{
    const struct new_room plain = {.preset = STR("private_chat")};
    struct use use;
    struct str id;
    scene->caller = unit_account(scene->unit, "@a:x");
    unit_use_begin(scene->unit, &scene->caller, &use);
    assert_int_equal(rooms_create(&use, &plain, &id), 0);
    scene->room_id = arena_str(scene->arena, id);
    assert_int_equal(store_find_name(scene->unit->server->store, id, &scene->room, &use.err), 1);
    unit_use_end(&use);
}

/* Each event of the room is signed with the key in force at its time: with one of the old ones at
 * or before the end noted with it, or with the key in force. Counts those of the latter. */
static size_t check_signatures(struct scene *scene, const struct signing_key *key)
{
    const struct room_version *version = room_version_find(STR("12"));
    struct use use;
    int64_t *ids;
    size_t n, with_new = 0;
    unit_use_begin(scene->unit, &scene->caller, &use);
    assert_int_equal(event_list_room(&use.read, scene->room, 0, EVENT_FORWARD, 1000, use.arena,
                                     &ids, &n, &use.err),
                     0);
    for (size_t i = 0; i < n; i++) {
        CLEANUP(event_cleanup) struct event *event = NULL;
        const struct json *doc;
        assert_int_equal(event_load(&use.read, ids[i], &event, &use.err), 1);
        assert_int_equal(json_parse(use.arena, event->json, &doc, &use.err), 0);
        bool good = pdu_verify_signature(use.arena, version, doc, STR("x"), key->id,
                                         str_make(key->key.public_key, ED25519_PUBLIC_BYTES));
        with_new += good;
        for (size_t k = 0; k < key->n_old && !good; k++)
            good = event->origin_server_ts <= key->old[k].expired_ms &&
                   pdu_verify_signature(
                       use.arena, version, doc, STR("x"),
                       arena_printf(use.arena, "ed25519:%.*s", STR_ARG(key->old[k].version)),
                       key->old[k].public_key);
        assert_true(good);
    }
    unit_use_end(&use);
    return with_new;
}

static void send_one(struct scene *scene, const char *txn)
{
    struct use use;
    unit_use_begin(scene->unit, &scene->caller, &use);
    assert_int_equal(send(&use, scene->room_id, txn), 0);
    unit_use_end(&use);
}

static void test_a_running_server_takes_the_new_key(void **state)
{
    struct scene scene;
    struct signing_key before, after;
    struct str told = STR_NONE;
    begin(&scene, *state);
    load(&scene, &before);
    make_room(&scene);
    rotate(&scene);
    load(&scene, &after);
    assert_false(str_eq(before.id, after.id));
    assert_int_equal(after.n_old, 1);
    assert_int_equal(check_signatures(&scene, &after), 0);
    send_one(&scene, "1");
    assert_int_equal(check_signatures(&scene, &after), 1);
    assert_int_equal(rows(&scene, &told), 1);
    assert_str(told, after.id);
    start(&scene);
    send_one(&scene, "2");
    assert_int_equal(check_signatures(&scene, &after), 2);
    signing_key_done(&before);
    signing_key_done(&after);
    end(&scene);
}

/* ---- while others talk ---- */

struct talker {
    struct scene *scene;
    int number, failures;
};

static void *talk(void *arg)
{
    struct talker *talker = arg;
    for (int i = 0; i < EACH; i++) {
        bool moved = true;
        char txn[32];
        snprintf(txn, sizeof txn, "t%d-%d", talker->number, i);
        while (moved) {
            struct use use;
            unit_use_begin(talker->scene->unit, &talker->scene->caller, &use);
            int status = send(&use, talker->scene->room_id, txn);
            moved = status != 0 && use.err.kind == ERR_KIND_MOVED;
            talker->failures += status != 0 && !moved;
            unit_use_end(&use);
        }
    }
    return NULL;
}

static void test_no_event_is_signed_with_a_key_after_its_end(void **state)
{
    struct scene scene;
    struct talker talkers[TALKERS];
    pthread_t threads[TALKERS];
    struct signing_key key;
    begin(&scene, *state);
    make_room(&scene);
    for (int i = 0; i < TALKERS; i++) {
        talkers[i] = (struct talker){.scene = &scene, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, talk, &talkers[i]), 0);
    }
    for (int i = 0; i < 3; i++)
        rotate(&scene);
    for (int i = 0; i < TALKERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(talkers[i].failures, 0);
    }
    load(&scene, &key);
    assert_int_equal(key.n_old, 3);
    check_signatures(&scene, &key);
    signing_key_done(&key);
    end(&scene);
}

/* ---- cut short ---- */

/* The next start finishes what was begun: one row, the key that was drawn, the former one kept. */
static void check_finished(struct scene *scene, const struct signing_key *before,
                           const struct signing_key *next)
{
    struct signing_key after;
    struct str told = STR_NONE;
    start(scene);
    load(scene, &after);
    assert_str(after.id, next->id);
    assert_false(signing_key_is_staged(scene->path));
    assert_int_equal(after.n_old, 1);
    assert_true(str_ends(before->id, after.old[0].version));
    assert_int_equal(rows(scene, &told), 1);
    assert_str(told, next->id);
    make_room(scene);
    assert_true(check_signatures(scene, &after) > 0);
    signing_key_done(&after);
}

static void cut_short(struct service_unit *unit, bool told, bool retired)
{
    struct scene scene;
    struct signing_key before, next;
    struct caller nobody = {0};
    struct err err = ERR_INIT;
    begin(&scene, unit);
    load(&scene, &before);
    assert_int_equal(signing_key_stage(scene.arena, scene.path, &next, &err), 0);
    if (told) {
        struct use use;
        unit_use_begin(unit, &nobody, &use);
        use_audit(&use, STR("key.rotate"), next.id, STR_NONE);
        assert_int_equal(use_audit_commit(&use), 0);
        unit_use_end(&use);
    }
    if (retired) {
        char old[128];
        struct str line =
            arena_printf(scene.arena, "ed25519 %.*s %.*s 1000\n", STR_ARG(str_skip(before.id, 8)),
                         STR_ARG(base64_encode_arena(
                             scene.arena, str_make(before.key.public_key, ED25519_PUBLIC_BYTES),
                             BASE64_STANDARD)));
        snprintf(old, sizeof old, "%s.old", scene.path);
        assert_int_equal(file_replace(old, 0600, line, &err), 0);
    }
    check_finished(&scene, &before, &next);
    signing_key_done(&before);
    signing_key_done(&next);
    end(&scene);
}

static void test_cut_before_the_row(void **state)
{
    cut_short(*state, false, false);
}

static void test_cut_after_the_row(void **state)
{
    cut_short(*state, true, false);
}

static void test_cut_between_the_files(void **state)
{
    cut_short(*state, true, true);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_a_running_server_takes_the_new_key),
    service_unit_test(test_no_event_is_signed_with_a_key_after_its_end),
    service_unit_test(test_cut_before_the_row),
    service_unit_test(test_cut_after_the_row),
    service_unit_test(test_cut_between_the_files),
};

SERVICE_UNIT_MAIN(tests)
