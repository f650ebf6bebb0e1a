/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/outbound.h"

#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#include "base/attr.h"
#include "base/check.h"

/* ---- addresses ---- */

struct network4 {
    uint32_t address;
    int bits;
};

/* IANA's registry of special-purpose IPv4 addresses, and multicast. */
static const struct network4 not_public[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
    {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 4},  {0xf0000000, 4},
};

static bool is_public4(uint32_t address)
{
    for (size_t i = 0; i < ARRAY_LEN(not_public); i++)
        if ((address ^ not_public[i].address) >> (32 - not_public[i].bits) == 0)
            return false;
    return true;
}

static uint32_t read32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Only 2000::/3 is given out; in it, Teredo, documentation, ORCHID and what wraps IPv4. */
static bool is_public6(const unsigned char *p)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    if (memcmp(p, mapped, 12) == 0 || memcmp(p, nat64, 12) == 0)
        return is_public4(read32(p + 12));
    if ((p[0] & 0xe0) != 0x20)
        return false;
    if (p[0] == 0x20 && p[1] == 0x02)
        return is_public4(read32(p + 2));
    uint32_t first = read32(p);
    return first >> 9 != 0x20010000 >> 9 && first != 0x20010db8 && first >> 12 != 0x3fff0000 >> 12;
}

bool outbound_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return is_public4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        return is_public6(v6.sin6_addr.s6_addr);
    }
    return false;
}

/* ---- handles ---- */

static bool may_reach(const struct outbound *outbound, const struct sockaddr *address)
{
    if (outbound->operators || (outbound->also && networks_hold(outbound->also, address)))
        return true;
    return !outbound->only_also && outbound_is_public(address);
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct outbound *outbound = arg;
    bool internet = address->family == AF_INET || address->family == AF_INET6;
    if (purpose != CURLSOCKTYPE_IPCXN || !internet || !may_reach(outbound, &address->addr)) {
        if (outbound->ret_barred)
            *outbound->ret_barred = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void start_curl(void)
{
    CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

#define SET(option, value) CHECK(curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static void prepare(CURL *curl, const struct outbound *outbound)
{
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, (void *)(uintptr_t)outbound);
    SET(CURLOPT_PROTOCOLS_STR, outbound->schemes);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)outbound->connect_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)outbound->total_ms);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (outbound->ca_file)
        SET(CURLOPT_CAINFO, outbound->ca_file);
}

CURL *outbound_new(const struct outbound *outbound)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
    CURL *curl = curl_easy_init();
    if (curl)
        prepare(curl, outbound);
    return curl;
}
