/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/token.h"

#include <string.h>

#include "base/unit.h"
#include "service/service_unit.h"

static void test_the_text_is_written_as_it_was_read(void **state)
{
    static const char *const good[] = {
        "s1_42_7_1f00a_3",
        "s0_0_0_0_0",
        "s9223372036854775807_9223372036854775807_0_ffffffffffffffff_0",
        "s1_1_9223372036854775807_1_9223372036854775807",
    };
    struct arena *arena = arena_new(KIB(64));
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct sync_token token;
        uint64_t boot;
        assert_int_equal(sync_token_read(str_from(good[i]), &token, &boot), 0);
        assert_str(sync_token_write(arena, &token, boot), str_from(good[i]));
    }
    arena_free(arena);
}

static void test_what_is_no_token(void **state)
{
    static const char *const bad[] = {
        "",
        "s",
        "t",
        "s1",
        "s1_2_3",
        "s1_2_3_4",
        "s1_2_3_4_",
        "s1_2_3_4_5_6",
        "s1_2_3__5",
        "s1_2_3_0a_5",
        "s1_2_3_A_5",
        "s1_2_3_g_5",
        "s1_2_3_11111111111111111_5",
        "s01_2_3_4_5",
        "s1_-2_3_4_5",
        "s1_9223372036854775808_3_4_5",
        "s1_2_3_4_5 ",
        " s1_2_3_4_5",
        "S1_2_3_4_5",
        "t-0",
        "t+1",
        "t1 ",
        "t01",
        "t9223372036854775808",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct sync_token token = {.typing = 77};
        uint64_t boot = 77;
        int64_t place = 77;
        struct str text = str_from(bad[i]);
        if (sync_token_read(text, &token, &boot) != -1 || place_token_read(text, &place) != -1)
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(token.typing + (int64_t)boot + place, 3 * 77);
    }
}

/* ---- with a server ---- */

static int write_one(struct write *w, void *arg, struct err *err)
{
    int64_t pos;
    (void)arg;
    return write_position(w, LOG_KIND_PROFILE, 0, 1, 0, &pos, err);
}

/* 0 and what the server understood, or -1 with 400. */
static int understand(struct service_unit *unit, const struct sync_token *token, uint64_t boot,
                      struct sync_token *ret_token)
{
    const struct caller nobody = {0};
    struct use use;
    unit_use_begin(unit, &nobody, &use);
    int status = sync_token_parse(&use, sync_token_write(use.arena, token, boot), ret_token);
    if (status < 0) {
        assert_int_equal(use.err.status, 400);
        assert_string_equal(use.err.errcode, "M_INVALID_PARAM");
    }
    unit_use_end(&use);
    return status;
}

static struct sync_token now(struct service_unit *unit)
{
    struct err err = ERR_INIT;
    assert_int_equal(store_run(unit->server->store, write_one, NULL, &err), 0);
    return (struct sync_token){.at = store_head(unit->server->store), .to_device = 0, .typing = 5};
}

static void test_a_token_of_the_future_is_refused(void **state)
{
    struct service_unit *unit = *state;
    struct sync_token token = now(unit), got;
    uint64_t boot = (uint64_t)unit->server->boot;
    assert_int_equal(understand(unit, &token, boot, &got), 0);
    assert_int_equal(got.at.pos, token.at.pos);
    token.at.pos++;
    assert_int_equal(understand(unit, &token, boot, &got), -1);
    token.at.pos--;
    token.at.epoch++;
    assert_int_equal(understand(unit, &token, boot, &got), -1);
    token.at.epoch = token.at.pos = INT64_MAX;
    assert_int_equal(understand(unit, &token, boot, &got), -1);
}

static void test_typing_counts_in_the_same_process_only(void **state)
{
    struct service_unit *unit = *state;
    struct sync_token token = now(unit), got;
    uint64_t boot = (uint64_t)unit->server->boot;
    assert_int_equal(understand(unit, &token, boot, &got), 0);
    assert_int_equal(got.typing, 5);
    assert_int_equal(understand(unit, &token, boot + 1, &got), 0);
    assert_int_equal(got.typing, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_text_is_written_as_it_was_read),
    cmocka_unit_test(test_what_is_no_token),
    service_unit_test(test_a_token_of_the_future_is_refused),
    service_unit_test(test_typing_counts_in_the_same_process_only),
};

SERVICE_UNIT_MAIN(tests)
