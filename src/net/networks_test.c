/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/unit.h"

static bool hold(const struct networks *networks, const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr address;
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(&address, &v4, sizeof address);
        return networks_hold(networks, &address);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return networks_hold(networks, (const struct sockaddr *)(const void *)&v6);
}

static void addresses_are_in_their_networks(void **state)
{
    struct networks networks;
    (void)state;
    assert_int_equal(
        networks_parse(STR("10.1.0.0/16, 127.0.0.1,fd00::/8 , 192.168.4.0/23"), &networks), 0);
    assert_int_equal(networks.n, 4);
    assert_true(hold(&networks, "10.1.255.255"));
    assert_false(hold(&networks, "10.2.0.0"));
    assert_true(hold(&networks, "127.0.0.1"));
    assert_false(hold(&networks, "127.0.0.2"));
    assert_true(hold(&networks, "::ffff:127.0.0.1"));
    assert_true(hold(&networks, "fdff::1"));
    assert_false(hold(&networks, "fe00::1"));
    assert_true(hold(&networks, "192.168.5.9"));
    assert_false(hold(&networks, "192.168.6.0"));
    assert_false(hold(&networks, "::1"));
}

static void an_empty_list_holds_nothing(void **state)
{
    struct networks networks;
    (void)state;
    assert_int_equal(networks_parse(STR_NONE, &networks), 0);
    assert_int_equal(networks.n, 0);
    assert_false(hold(&networks, "127.0.0.1"));
    assert_int_equal(networks_parse(STR("0.0.0.0/0"), &networks), 0);
    assert_true(hold(&networks, "1.2.3.4"));
    assert_false(hold(&networks, "2001:4860::1"));
}

static void what_is_no_network(void **state)
{
    static const char *const texts[] = {
        "10.0.0.1/8", "10.0.0.0/33", "fd00::/129",  "localhost", "10.0.0.0/",    "10.0.0.0/-1",
        "10.0.0",     ",",           "10.0.0.0/8,", "fd00::1/8", "10.0.0.0/8/8",
    };
    struct networks networks;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (networks_parse(str_from(texts[i]), &networks) == 0)
            fail_msg("%s", texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_in_their_networks),
        cmocka_unit_test(an_empty_list_holds_nothing),
        cmocka_unit_test(what_is_no_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
