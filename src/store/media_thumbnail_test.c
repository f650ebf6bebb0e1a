/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_thumbnail.h"

#include <string.h>

#include "store/media.h"
#include "store/store_unit.h"

struct act {
    int (*run)(struct write *w, const struct act *act, struct err *err);
    struct media media;
    struct media_thumbnail row;
};

static int write_act(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return act->run(w, act, err);
}

static int do_media(struct write *w, const struct act *act, struct err *err)
{
    return media_insert(w, &act->media, 0, err);
}

static int do_delete(struct write *w, const struct act *act, struct err *err)
{
    return media_delete(w, act->media.id, err);
}

static int do_insert(struct write *w, const struct act *act, struct err *err)
{
    return media_thumbnail_insert(w, &act->row, err);
}

static int do_drop(struct write *w, const struct act *act, struct err *err)
{
    return media_thumbnail_delete_source(w, act->row.source, err);
}

static int run(struct store_unit *unit, struct act *act,
               int (*what)(struct write *w, const struct act *act, struct err *err))
{
    struct err err = ERR_INIT;
    act->run = what;
    return store_run(unit->store, write_act, act, &err) == 0 ? 200 : err.status;
}

static struct str hash_of(struct store_unit *unit, char c)
{
    char *hash = arena_alloc(unit->arena, SHA256_BYTES, 1);
    memset(hash, c, SHA256_BYTES);
    return str_make(hash, SHA256_BYTES);
}

static struct act act_of(struct store_unit *unit)
{
    struct act act = {.media = {.id = store_new_id(unit->store),
                                .origin = STR(""),
                                .media_id = STR("a"),
                                .owner = 1,
                                .hash = hash_of(unit, 's')}};
    act.row = (struct media_thumbnail){.id = store_new_id(unit->store),
                                       .source = act.media.hash,
                                       .width = 32,
                                       .height = 32,
                                       .crop = true,
                                       .failure = 413,
                                       .made_ms = 5};
    return act;
}

/* How many have a content; the one that is wished for in ret_row, unless there is none: -1. */
static int look(struct store_unit *unit, const struct act *act, struct media_thumbnail *ret_row)
{
    struct media_thumbnail *rows, *all;
    struct err err = ERR_INIT;
    struct read r;
    size_t n, n_all;
    read_begin(unit->store, &r);
    int found = media_thumbnail_find(&r, &act->row, unit->arena, ret_row, &err);
    assert_int_equal(media_thumbnail_list_source(&r, act->row.source, unit->arena, &rows, &n, &err),
                     0);
    assert_int_equal(media_thumbnail_list(&r, 0, 10, unit->arena, &all, &n_all, &err), 0);
    read_end(&r);
    assert_int_equal(n, n_all);
    assert_true(found >= 0);
    return found ? (int)n : -1;
}

static void a_row_is_of_a_wish_and_lives_with_its_files(void **state)
{
    struct store_unit *unit = *state;
    struct act act = act_of(unit), other = act;
    struct media_thumbnail row;
    struct err err = ERR_INIT;
    struct read r;
    assert_int_equal(run(unit, &act, do_insert), 404); /* of what? */
    assert_int_equal(run(unit, &act, do_media), 200);
    assert_int_equal(run(unit, &act, do_insert), 200);
    assert_int_equal(look(unit, &act, &row), 0);
    assert_int_equal(row.failure, 413);
    assert_null(row.hash.p);
    act.row.id = store_new_id(unit->store);
    act.row.failure = 0;
    act.row.hash = hash_of(unit, 't');
    act.row.type = STR("image/png");
    act.row.size = 9;
    assert_int_equal(run(unit, &act, do_insert), 200); /* made after all */
    assert_int_equal(look(unit, &act, &row), 1);
    assert_str(row.hash, act.row.hash);
    assert_str(row.type, act.row.type);
    assert_int_equal(row.size, 9);
    assert_true(row.crop);
    other.row.animated = true;
    assert_int_equal(look(unit, &other, &row), -1);
    assert_int_equal(run(unit, &act, do_drop), 200);
    assert_int_equal(look(unit, &act, &row), 1); /* a file names the source */
    assert_int_equal(run(unit, &act, do_delete), 200);
    assert_int_equal(run(unit, &act, do_drop), 200);
    assert_int_equal(look(unit, &act, &row), -1);
    read_begin(unit->store, &r);
    assert_int_equal(media_thumbnail_names(&r, act.row.hash, &err), 0);
    read_end(&r);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_row_is_of_a_wish_and_lives_with_its_files),
};
STORE_UNIT_MAIN(tests)
