/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/courier.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"
#include "net/fixture.h"

struct got {
    int n;
    enum courier_outcome outcome;
    int status;
    char body[64];
    size_t body_n;
};

static void take(void *arg, const struct courier_answer *answer)
{
    struct got *got = arg;
    got->n++;
    got->outcome = answer->outcome;
    got->status = answer->status;
    got->body_n = answer->body.n < sizeof got->body ? answer->body.n : sizeof got->body;
    if (got->body_n)
        memcpy(got->body, answer->body.p, got->body_n);
}

static struct courier_rules rules_of(struct str also)
{
    struct courier_rules rules = {.connect_ms = 5000, .total_ms = 10000, .answer_bytes = 1000};
    assert_int_equal(networks_parse(also, &rules.also), 0);
    return rules;
}

static struct courier_post post_to(struct arena *arena, int port, const char *path, struct got *got)
{
    return (struct courier_post){
        .url = arena_printf(arena, "http://127.0.0.1:%d%s", port, path),
        .headers = {STR("Content-Type: application/json")},
        .n_headers = 1,
        .body = STR("{\"a\":1}"),
        .done = take,
        .arg = got,
    };
}

/* ---- URLs ---- */

static void test_urls(void **state)
{
    static const char *const good[] = {
        "https://push.example/_matrix/push/v1/notify",
        "https://push.example:8443/a?b=c",
        "https://push.example",
        "https://8.8.8.8/x",
        "https://[2606:4700::1]:443/x",
        "https://10.1.2.3/x",
        "http://10.1.2.3/x",
        "http://push.example/x",
    };
    static const char *const bad[] = {
        "",
        "push.example/x",
        "ftp://push.example/x",
        "HTTPS://push.example/x",
        "https:///x",
        "https://user@push.example/x",
        "https://user:word@push.example/x",
        "https://push.example:0/x",
        "https://push.example:65536/x",
        "https://push.example:/x",
        "https://push.example/x#y",
        "https://push.exa mple/x",
        "https://push.example/\xc3\xa9",
        "https://push.example\\@other.example/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[fe80::1%25eth0]/x",
        "https://[::1/x",
        "http://8.8.8.8/x",
        "https://192.168.0.1/x",
    };
    struct courier_rules rules = rules_of(STR("10.1.0.0/16"));
    struct str host, path;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (courier_check_url(&rules, str_from(good[i]), &host, &path) < 0)
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (courier_check_url(&rules, str_from(bad[i]), &host, &path) == 0)
            fail_msg("%s", bad[i]);
    assert_int_equal(courier_check_url(&rules, STR("https://h.example:1/p?q"), &host, &path), 0);
    assert_str(host, STR("h.example"));
    assert_str(path, STR("/p?q"));
}

static void test_without_networks_there_is_https_alone(void **state)
{
    struct courier_rules rules = rules_of(STR_NONE);
    struct str host, path;
    (void)state;
    assert_int_equal(courier_check_url(&rules, STR("https://push.example/x"), &host, &path), 0);
    assert_int_equal(courier_check_url(&rules, STR("http://push.example/x"), &host, &path), -1);
}

/* ---- posts ---- */

static void test_many_at_once(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct courier_rules rules = rules_of(STR("127.0.0.0/8"));
    struct fixture fixture;
    struct courier *courier;
    struct err err = ERR_INIT;
    struct got got[20] = {0};
    (void)state;
    fixture_start(&fixture, NULL);
    assert_int_equal(courier_new(&rules, &courier, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(got); i++) {
        struct courier_post post = post_to(arena, fixture.port, "/echo", &got[i]);
        courier_send(courier, &post);
    }
    while (courier_under_way(courier))
        courier_turn(courier, 1000);
    for (size_t i = 0; i < ARRAY_LEN(got); i++) {
        assert_int_equal(got[i].n, 1);
        assert_int_equal(got[i].outcome, COURIER_ANSWERED);
        assert_int_equal(got[i].status, 200);
        assert_str(str_make(got[i].body, got[i].body_n), STR("{\"a\":1}"));
    }
    courier_free(courier);
    fixture_stop(&fixture);
}

static void test_what_is_under_way_ends_with_the_courier(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct courier_rules rules = rules_of(STR("127.0.0.0/8"));
    struct courier *courier;
    struct err err = ERR_INIT;
    struct got got = {0};
    (void)state;
    struct courier_post post = post_to(arena, 1, "/echo", &got);
    assert_int_equal(courier_new(&rules, &courier, &err), 0);
    courier_send(courier, &post);
    courier_free(courier);
    assert_int_equal(got.n, 1);
    assert_int_equal(got.outcome, COURIER_UNREACHABLE);
}

static struct got ask_alone(struct str also, int port, const char *path)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct courier_rules rules = rules_of(also);
    struct got got = {0};
    struct courier_post post = post_to(arena, port, path, &got);
    courier_send_alone(&rules, &post);
    assert_int_equal(got.n, 1);
    return got;
}

static void test_where_it_may_not_go(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_start(&fixture, NULL);
    assert_int_equal(ask_alone(STR("10.0.0.0/8"), fixture.port, "/echo").outcome, COURIER_BARRED);
    assert_int_equal(fixture.n_seen, 0);
    assert_int_equal(ask_alone(STR("127.0.0.1"), fixture.port, "/echo").status, 200);
    assert_int_equal(ask_alone(STR("127.0.0.1"), fixture.port, "/none").status, 404);
    assert_int_equal(ask_alone(STR("127.0.0.1"), 1, "/echo").outcome, COURIER_UNREACHABLE);
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_without_networks_there_is_https_alone),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_what_is_under_way_ends_with_the_courier),
        cmocka_unit_test(test_where_it_may_not_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
