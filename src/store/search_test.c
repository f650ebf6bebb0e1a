/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/search.h"

#include <stdio.h>

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "store/redaction.h"
#include "store/room.h"
#include "store/search_index.h"
#include "store/store_unit.h"

/* What the index of searches holds, and how it follows the log. */

/* ---- words ---- */

static void words_are(const char *text, const char *expected)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    CLEANUP(buf_done) struct buf found;
    struct search_words words;
    buf_init(&found, KIB(4));
    search_words_split(arena, str_from(text), &words);
    for (size_t i = 0; i < words.n; i++)
        buf_printf(&found, "%s%.*s", i ? " " : "", STR_ARG(words.words[i]));
    assert_str(buf_str(&found), str_from(expected));
}

static void words_are_those_of_french_and_english(void **state)
{
    (void)state;
    words_are("", "");
    words_are("« L’École », Cœur d'œuvre !", "l ecol coeur d oeuvr");
    words_are("écoles ecole ÉCOLES", "ecol ecol ecol");
    words_are("grande grandes grands grand", "grand grand grand grand");
    words_are("cheval chevaux, eau eaux, bateaux", "cheval cheval eau eau bateau");
    words_are("policy policies party parties partie", "polici polici parti parti parti");
    words_are("business process processes page pages", "business process process page page");
    words_are("un bus, les os", "un bus les os");
    words_are("2024-03-01 n° 42", "2024 03 01 n 42");
    words_are("a\xff", "");
    words_are("AND OR NOT NEAR(x) * \" ' : & | ! ( ) - ^", "and or not near x");
}

static void a_long_word_is_found_by_its_beginning(void **state)
{
    char text[3 * LIMIT_SEARCH_WORD + 1] = {0};
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct search_words words;
    (void)state;
    memset(text, 'k', sizeof text - 1);
    search_words_split(arena, str_from(text), &words);
    assert_int_equal(words.n, 1);
    assert_int_equal(words.words[0].n, LIMIT_SEARCH_WORD);
}

static void phrases_are(const char *term, const char *expected)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    CLEANUP(buf_done) struct buf found;
    struct search_phrases phrases;
    buf_init(&found, KIB(4));
    search_phrases_split(arena, str_from(term), &phrases);
    for (size_t i = 0; i < phrases.n; i++) {
        buf_printf(&found, "%s", i ? "|" : "");
        for (size_t k = 0; k < phrases.phrases[i].n; k++)
            buf_printf(&found, "%s%.*s", k ? " " : "", STR_ARG(phrases.phrases[i].words[k]));
    }
    assert_str(buf_str(&found), str_from(expected));
}

static void phrases_stand_between_quotes(void **state)
{
    (void)state;
    phrases_are("", "");
    phrases_are("réunion de lundi", "");
    phrases_are("\"Réunion de lundi\" salle", "reunion de lundi");
    phrases_are("« bureaux de poste » “two words” x", "bureau de post|two word");
    phrases_are("\"a b\"\"c d\"", "a b|c d");
    phrases_are("\"seul\" \"\" \"!?\"", "");
    phrases_are("\"jamais fermé", "");
    phrases_are("« \"dedans c'est\" », dit-il", "dedan c est");
    phrases_are("» pas « ainsi", "");
    phrases_are("« a b \" c", "");
    phrases_are("\"a\xff b\"", "");
}

static void a_text_holds_a_phrase_as_it_stands(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    static const struct {
        const char *phrase;
        bool held;
    } cases[] = {{"un deux", true},       {"deux trois", true},    {"un un deux", true},
                 {"trois", true},         {"deux un", false},      {"un trois", false},
                 {"trois quatre", false}, {"un un un deux", false}};
    struct search_words text, phrase;
    (void)state;
    search_words_split(arena, STR("Un, un (deux) trois !"), &text);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        search_words_split(arena, str_from(cases[i].phrase), &phrase);
        assert_int_equal(search_words_hold(&text, &phrase), cases[i].held);
        assert_false(search_words_hold(&(struct search_words){0}, &phrase));
    }
}

/* ---- a store with messages ---- */

struct scene {
    struct store_unit *unit;
    int64_t rooms[2];
    int64_t place;
};

static int write_rooms(struct write *w, void *arg, struct err *err)
{
    const struct scene *scene = arg;
    for (size_t i = 0; i < 2; i++) {
        struct room_row row = {.id = scene->rooms[i], .head = 1, .first_place = 1};
        if (room_insert(w, &row, err) < 0)
            return -1;
    }
    return 0;
}

static struct scene make_scene(struct store_unit *unit)
{
    struct scene scene = {.unit = unit};
    scene.rooms[0] = unit_intern(unit->store, "!a:x");
    scene.rooms[1] = unit_intern(unit->store, "!b:x");
    unit_run(unit->store, write_rooms, &scene);
    return scene;
}

static struct event *say_as(struct scene *scene, size_t room, const char *sender, const char *type,
                            const char *content)
{
    struct store *store = scene->unit->store;
    struct event fields = {
        .id = store_new_id(store),
        .room = scene->rooms[room],
        .place = ++scene->place,
        .type = unit_intern(store, type),
        .sender = unit_intern(store, sender),
        .depth = 1,
    };
    memcpy(fields.hash, &fields.id, sizeof fields.id);
    struct str json =
        arena_printf(scene->unit->arena, "{\"content\":%s,\"sender\":\"%s\",\"type\":\"%s\"}",
                     content, sender, type);
    struct event *event = event_new(&fields, json);
    unit_insert(store, event);
    unit_keep(scene->unit, event);
    return event;
}

static struct event *say(struct scene *scene, size_t room, const char *body)
{
    struct str content = arena_printf(scene->unit->arena, "{\"body\":\"%s\"}%c", body, 0);
    return say_as(scene, room, "@a:x", "m.room.message", content.p);
}

/* Takes in all that there is. */
static void follow(struct store_unit *unit)
{
    struct err err = ERR_INIT;
    int more = 1;
    /* The store's own thread may be before us, and then ours has moved. */
    while (more != 0) {
        more = search_follow(unit->store, &err);
        if (more < 0 && err.kind != ERR_KIND_MOVED)
            fail_msg("%s %s", err.text, err.detail);
    }
}

static size_t count(struct scene *scene, struct search_query *query, const char *words)
{
    struct err err = ERR_INIT;
    struct search_hit *hits;
    struct read r;
    size_t n;
    search_words_split(scene->unit->arena, str_from(words), &query->words);
    if (!query->rooms) {
        query->rooms = scene->rooms;
        query->n_rooms = 2;
    }
    if (!query->keys)
        query->keys = SEARCH_ALL;
    if (!query->limit)
        query->limit = 100;
    read_begin(scene->unit->store, &r);
    if (search_find(&r, query, scene->unit->arena, &hits, &n, &err) < 0)
        fail_msg("%s: %s", words, err.detail);
    read_end(&r);
    for (size_t i = 1; i < n; i++)
        assert_true(hits[i].pos < hits[i - 1].pos);
    return n;
}
#define COUNT(scene, text, ...)                                                                    \
    count(scene, &(struct search_query){.before = INT64_MAX, __VA_ARGS__}, text)
#define FOUND(scene, text) COUNT(scene, text, .limit = 0)

/* The part of the check that is about searches alone: these stores have no states. */
static size_t faults_of_search;
static void take_fault(void *arg, const char *line)
{
    (void)arg;
    if (strncmp(line, "search:", 7) == 0) {
        faults_of_search++;
        print_error("%s\n", line);
    }
}

static size_t check(struct store_unit *unit)
{
    struct err err = ERR_INIT;
    faults_of_search = 0;
    assert_int_not_equal(store_check(unit->store, take_fault, NULL, &err), -1);
    return faults_of_search;
}

static void what_is_said_is_found(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    int64_t other = unit_intern(unit->store, "@b:x");
    say(&scene, 0, "Réunion demain à l’école");
    say(&scene, 0, "réunions annulées");
    say(&scene, 1, "reunion");
    say_as(&scene, 1, "@b:x", "m.room.message", "{\"body\":\"Réunion !\"}");
    say_as(&scene, 0, "@a:x", "m.room.name", "{\"name\":\"Salle de réunion\"}");
    say_as(&scene, 0, "@a:x", "m.room.topic",
           "{\"m.topic\":{\"m.text\":[{\"body\":\"<b>x</b>\",\"mimetype\":\"text/html\"},"
           "{\"body\":\"réunion secrète\"}]},\"topic\":\"sujet\"}");
    say_as(&scene, 0, "@a:x", "m.room.encrypted", "{\"body\":\"réunion\"}");
    say_as(&scene, 0, "@a:x", "m.room.message", "{\"body\":7}");
    follow(unit);
    assert_int_equal(FOUND(&scene, "réunion"), 6);
    assert_int_equal(FOUND(&scene, "RÉUNIONS ecole"), 1);
    assert_int_equal(FOUND(&scene, "reunion absente"), 0);
    assert_int_equal(COUNT(&scene, "reunion", .rooms = scene.rooms + 1, .n_rooms = 1), 2);
    assert_int_equal(COUNT(&scene, "reunion", .senders = &other, .n_senders = 1), 1);
    assert_int_equal(COUNT(&scene, "reunion", .keys = SEARCH_NAME), 1);
    assert_int_equal(COUNT(&scene, "reunion", .keys = SEARCH_NAME | SEARCH_TOPIC), 2);
    assert_int_equal(FOUND(&scene, "sujet secrete"), 1);
    assert_int_equal(FOUND(&scene, "b"), 0);
    assert_int_equal(COUNT(&scene, "reunion", .limit = 2), 2);
    assert_int_equal(check(unit), 0);
}

/* Marks are not words, and words are no operators. */
static void no_text_is_a_sign_of_a_query(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    CLEANUP(buf_done) struct buf many;
    say(&scene, 0, "alpha beta");
    follow(unit);
    char mark[40];
    snprintf(mark, sizeof mark, "r_%lld", (long long)scene.rooms[0]);
    assert_int_equal(FOUND(&scene, mark), 0);
    assert_int_equal(FOUND(&scene, "alpha OR gamma"), 0);
    assert_int_equal(FOUND(&scene, "alpha\\\" OR \\\"gamma"), 0);
    assert_int_equal(FOUND(&scene, "alpha' | 'gamma"), 0);
    assert_int_equal(FOUND(&scene, "alph*"), 0);
    assert_int_equal(FOUND(&scene, "words:alpha"), 0);
    assert_int_equal(FOUND(&scene, "-alpha:*"), 1);
    assert_int_equal(FOUND(&scene, "alpha & beta!"), 1);
    buf_init(&many, KIB(8));
    for (int i = 0; i < LIMIT_SEARCH_WORDS; i++)
        buf_printf(&many, "word%d ", i);
    buf_add_byte(&many, '\0');
    assert_int_equal(FOUND(&scene, many.p), 0);
}

/* Three bytes that are folded into eighteen. */
#define LONG_SIGN "\xe3\x8c\x96"

/* Words enough to fill a message, whose folded forms do not fit in a row: it stops nobody else's
 * from being found, and is found by its first words. */
static void a_text_that_grows_past_its_row_is_cut_between_two_words(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    CLEANUP(buf_done) struct buf body;
    buf_init(&body, LIMIT_EVENT_BYTES);
    for (int i = 0; i < 4900; i++)
        buf_printf(&body, "%c%c%c" LONG_SIGN LONG_SIGN LONG_SIGN " ", 'a' + i / 676,
                   'a' + i / 26 % 26, 'a' + i % 26);
    buf_add_byte(&body, '\0');
    assert_false(buf_is_full(&body));
    say(&scene, 0, body.p);
    say(&scene, 0, "alpha");
    follow(unit);
    assert_int_equal(FOUND(&scene, "alpha"), 1);
    assert_int_equal(FOUND(&scene, "aaa" LONG_SIGN LONG_SIGN LONG_SIGN), 1);
    assert_int_equal(check(unit), 0);
}

struct redaction {
    struct event *event;
};

static int redact(struct write *w, void *arg, struct err *err)
{
    const struct redaction *redaction = arg;
    return event_redact(w, redaction->event,
                        STR("{\"content\":{},\"sender\":\"@a:x\",\"type\":\"m.room.message\"}"), 1,
                        err);
}

static void what_is_redacted_is_gone(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    struct redaction before = {say(&scene, 0, "secret before")};
    follow(unit);
    assert_int_equal(FOUND(&scene, "secret"), 1);
    unit_run(unit->store, redact, &before);
    assert_int_equal(FOUND(&scene, "secret"), 0); /* without waiting for anybody */
    struct redaction early = {say(&scene, 0, "secret early")};
    unit_run(unit->store, redact, &early);
    follow(unit);
    assert_int_equal(FOUND(&scene, "secret"), 0);
    assert_int_equal(check(unit), 0);
}

/* A round that was made before a redaction is not written after it. */
static void a_round_that_is_late_is_refused(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    struct err err = ERR_INIT;
    struct search_round *round;
    struct read r;
    follow(unit);
    struct redaction redaction = {say(&scene, 0, "secret")};
    read_begin(unit->store, &r);
    int found = search_round_load(&r, unit->arena, &round, &err);
    read_end(&r);
    unit_run(unit->store, redact, &redaction);
    if (found == 1) { /* else the store's thread was before us */
        assert_int_equal(store_run(unit->store, search_round_write, round, &err), -1);
        assert_int_equal(err.kind, ERR_KIND_MOVED);
    }
    follow(unit);
    assert_int_equal(FOUND(&scene, "secret"), 0);
    assert_int_equal(check(unit), 0);
}

/* A reader whose snapshot is older than a round does not hold what that round wrote: it has to be
 * told that there is more, and its own round is refused. */
static void an_older_snapshot_has_not_caught_up(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    struct err err = ERR_INIT;
    struct search_round *round = NULL;
    struct event *event;
    struct db_conn *conn;
    struct read r;
    int64_t mark = INT64_MAX;
    do { /* until the store's own thread was not before us */
        if (mark != INT64_MAX)
            read_end(&r);
        event = say(&scene, 0, "alpha");
        read_begin(unit->store, &r);
        assert_int_equal(read_conn(&r, &conn, &err), 0);
        assert_int_equal(search_mark_load(conn, &mark, &err), 0);
    } while (mark >= event->pos);
    follow(unit);
    assert_int_equal(search_round_load(&r, unit->arena, &round, &err), 1);
    read_end(&r);
    assert_int_equal(store_run(unit->store, search_round_write, round, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
}

static int encrypt(struct write *w, void *arg, struct err *err)
{
    const struct scene *scene = arg;
    struct room_row row = {
        .id = scene->rooms[1], .head = 2, .first_place = 1, .flags = ROOM_ENCRYPTED};
    return room_update(w, &row, (struct room_was){.head = 1}, err);
}

static void encrypted_rooms_are_left_out(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    unit_run(unit->store, encrypt, &scene);
    say(&scene, 0, "alpha");
    say(&scene, 1, "alpha");
    follow(unit);
    assert_int_equal(FOUND(&scene, "alpha"), 1);
    assert_int_equal(check(unit), 0);
}

/* What was there before the table: the mark stands at 0, and a stop in between loses nothing. */
static void an_old_store_is_taken_in_by_pieces(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    struct err err = ERR_INIT;
    const int64_t n = 2 * LIMIT_SEARCH_ROUND + 7;
    for (int64_t i = 0; i < n; i++)
        say(&scene, 0, i % 2 ? "odd one" : "even one");
    /* The store's own thread may have done some of it, or all, while we spoke. */
    assert_true(search_follow(unit->store, &err) >= 0 || err.kind == ERR_KIND_MOVED);
    store_unit_reopen(unit);
    follow(unit);
    assert_int_equal(COUNT(&scene, "one", .limit = 10000), n);
    assert_int_equal(COUNT(&scene, "even", .limit = 10000), n - n / 2);
    assert_int_equal(check(unit), 0);
}

/* ---- what the check finds ---- */

static int damage(struct write *w, void *arg, struct err *err)
{
    static const struct db_stmt gone[] = {
        {"test_search_gone_sqlite", "DELETE FROM search WHERE rowid = :pos"},
        {"test_search_gone_postgresql", "DELETE FROM search WHERE pos = :pos"},
    };
    const struct event *event = arg;
    return db_exec(write_conn(w), &gone[db_conn_engine(write_conn(w))],
                   DB_PARAMS(DB_INT("pos", event->pos)), err);
}

static void a_row_that_is_missing_is_told(void **state)
{
    struct store_unit *unit = *state;
    struct scene scene = make_scene(unit);
    struct event *event = say(&scene, 0, "alpha");
    follow(unit);
    assert_int_equal(check(unit), 0);
    unit_run(unit->store, damage, event);
    assert_int_equal(check(unit), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(words_are_those_of_french_and_english),
    cmocka_unit_test(a_long_word_is_found_by_its_beginning),
    cmocka_unit_test(phrases_stand_between_quotes),
    cmocka_unit_test(a_text_holds_a_phrase_as_it_stands),
    store_unit_test(what_is_said_is_found),
    store_unit_test(no_text_is_a_sign_of_a_query),
    store_unit_test(a_text_that_grows_past_its_row_is_cut_between_two_words),
    store_unit_test(what_is_redacted_is_gone),
    store_unit_test(a_round_that_is_late_is_refused),
    store_unit_test(an_older_snapshot_has_not_caught_up),
    store_unit_test(encrypted_rooms_are_left_out),
    store_unit_test(an_old_store_is_taken_in_by_pieces),
    store_unit_test(a_row_that_is_missing_is_told),
};
STORE_UNIT_MAIN(tests)
