/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/hosts.h"

#include "base/limits.h"
#include "base/unit.h"

#define URL STR("https://push.example:8443/a/b?c")

static void test_a_host_is_its_name_and_port(void **state)
{
    struct push_hosts hosts = {0};
    struct push_host *host = push_hosts_get(&hosts, URL);
    (void)state;
    assert_str(host->name, STR("push.example:8443"));
    assert_ptr_equal(push_hosts_get(&hosts, STR("https://push.example:8443")), host);
    assert_ptr_not_equal(push_hosts_get(&hosts, STR("http://push.example?x")), host);
    assert_int_equal(hosts.map.n, 2);
    push_hosts_let_go(&hosts, host);
    assert_int_equal(hosts.map.n, 1);
    push_hosts_done(&hosts);
}

static void test_so_many_at_once(void **state)
{
    struct push_hosts hosts = {0};
    struct push_host *host = push_hosts_get(&hosts, URL);
    (void)state;
    for (; host->under_way < LIMIT_PUSHES_OF_HOST; host->under_way++)
        assert_int_equal(push_host_look(host, 0), PUSH_HOST_OPEN);
    assert_int_equal(push_host_look(host, 0), PUSH_HOST_BUSY);
    push_hosts_let_go(&hosts, host); /* it is in use */
    push_host_end(host, true, 0);
    assert_int_equal(push_host_look(host, 0), PUSH_HOST_OPEN);
    push_hosts_done(&hosts);
}

static void leave_unanswered(struct push_host *host, int64_t now_ms)
{
    host->under_way++;
    push_host_end(host, false, now_ms);
}

static void test_one_that_does_not_answer_is_left_alone(void **state)
{
    struct push_hosts hosts = {0};
    struct push_host *host = push_hosts_get(&hosts, URL);
    (void)state;
    leave_unanswered(host, 1000);
    leave_unanswered(host, 1000);
    assert_int_equal(push_host_look(host, 1000), PUSH_HOST_OPEN);
    leave_unanswered(host, 1000);
    assert_int_equal(push_host_look(host, 5999), PUSH_HOST_DOWN);
    push_hosts_let_go(&hosts, host); /* that is remembered */
    assert_int_equal(hosts.map.n, 1);
    /* Then one push asks whether it is there again. */
    assert_int_equal(push_host_look(host, 6000), PUSH_HOST_OPEN);
    host->under_way++;
    assert_int_equal(push_host_look(host, 6000), PUSH_HOST_BUSY);
    push_host_end(host, false, 6000);
    assert_int_equal(push_host_look(host, 15999), PUSH_HOST_DOWN);
    for (int i = 0; i < 100; i++)
        leave_unanswered(host, 20000);
    assert_int_equal(host->until_ms, 80000);
    host->under_way++;
    push_host_end(host, true, 80000);
    assert_int_equal(push_host_look(host, 80000), PUSH_HOST_OPEN);
    push_hosts_let_go(&hosts, host);
    assert_int_equal(hosts.map.n, 0);
    push_hosts_done(&hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_host_is_its_name_and_port),
        cmocka_unit_test(test_so_many_at_once),
        cmocka_unit_test(test_one_that_does_not_answer_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
