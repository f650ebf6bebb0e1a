/* SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "store/store_unit.h"

static int nothing(struct write *w, void *arg, struct err *err)
{
    (void)w;
    (void)arg;
    (void)err;
    return 0;
}

static void a_text_has_one_id(void **state)
{
    struct store_unit *unit = *state;
    int64_t a = unit_intern(unit->store, "@a:example.org");
    int64_t b = unit_intern(unit->store, "@b:example.org");
    assert_true(a > 0 && b > 0 && a != b);
    assert_int_equal(unit_intern(unit->store, "@a:example.org"), a);
}

static void an_unknown_text_is_not_made(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    int64_t id;
    assert_int_equal(store_find_name(unit->store, STR("@nobody:x"), &id, &err), 0);
    assert_int_equal(store_find_name(unit->store, STR("@nobody:x"), &id, &err), 0);
}

static void any_bytes_are_a_name(void **state)
{
    static const struct str texts[] = {STR_INIT(""), STR_INIT("a\0b"), STR_INIT("\xc3\xa9"),
                                       STR_INIT("A"), STR_INIT("a")};
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    int64_t ids[ARRAY_LEN(texts)];
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_int_equal(store_intern(unit->store, texts[i], &ids[i], &err), 0);
    unit_run(unit->store, nothing, NULL);
    store_unit_reopen(unit);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        int64_t id = 0;
        struct str text;
        assert_int_equal(store_find_name(unit->store, texts[i], &id, &err), 1);
        assert_int_equal(id, ids[i]);
        assert_int_equal(store_name(unit->store, id, unit->arena, &text, &err), 0);
        assert_str(text, texts[i]);
    }
}

static void an_id_without_text_is_an_error(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct str text;
    assert_int_equal(store_name(unit->store, 123456789, unit->arena, &text, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_INTERNAL);
}

/* The row of a name that was interned inside a job comes with that job. */
static int intern_inside(struct write *w, void *arg, struct err *err)
{
    return store_intern(write_store(w), STR("made inside"), arg, err);
}

static void a_job_may_intern(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    int64_t id = 0, again = 0;
    unit_run(unit->store, intern_inside, &id);
    store_unit_reopen(unit);
    assert_int_equal(store_find_name(unit->store, STR("made inside"), &again, &err), 1);
    assert_int_equal(again, id);
}

static void *intern_many(void *arg)
{
    struct store *store = arg;
    for (int i = 0; i < 200; i++) {
        char text[32];
        struct err err = ERR_INIT;
        int64_t id, again;
        snprintf(text, sizeof text, "@user%d:x", i);
        if (store_intern(store, str_from(text), &id, &err) < 0 ||
            store_run(store, nothing, NULL, &err) < 0 ||
            store_intern(store, str_from(text), &again, &err) < 0 || id != again)
            return arg;
    }
    return NULL;
}

static void many_intern_at_once(void **state)
{
    struct store_unit *unit = *state;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, intern_many, unit->store);
    for (int i = 0; i < 4; i++) {
        void *fault;
        pthread_join(threads[i], &fault);
        assert_null(fault);
    }
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_text_has_one_id),    store_unit_test(an_unknown_text_is_not_made),
    store_unit_test(any_bytes_are_a_name), store_unit_test(an_id_without_text_is_an_error),
    store_unit_test(a_job_may_intern),     store_unit_test(many_intern_at_once),
};
STORE_UNIT_MAIN(tests)
