/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/outbound.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/unit.h"

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr address;
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(&address, &v4, sizeof address);
        return outbound_is_public(&address);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return outbound_is_public((const struct sockaddr *)(const void *)&v6);
}

static void the_internet_is_public(void **state)
{
    static const char *const addresses[] = {
        "1.1.1.1",      "8.8.8.8",     "9.255.255.255",   "11.0.0.1",        "100.63.255.255",
        "100.128.0.1",  "126.0.0.1",   "128.0.0.1",       "169.253.0.1",     "172.15.255.255",
        "172.32.0.1",   "192.167.1.1", "192.0.1.1",       "223.255.255.255", "2a01:e0a::1",
        "2606:4700::1", "2400::1",     "2002:808:808::1", "::ffff:8.8.8.8",  "2001:4860::1",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        if (!is_public(addresses[i]))
            fail_msg("%s", addresses[i]);
}

static void what_is_near_is_not(void **state)
{
    static const char *const addresses[] = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2002:7f00:1::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        if (is_public(addresses[i]))
            fail_msg("%s", addresses[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_internet_is_public),
        cmocka_unit_test(what_is_near_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
