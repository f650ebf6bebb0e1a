/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define V4_BITS 96 /* of the prefix that wraps IPv4 */

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

static int parse_address(struct str text, unsigned char ret_bytes[16], bool *ret_v4)
{
    char z[INET6_ADDRSTRLEN];
    if (text.n == 0 || text.n >= sizeof z || str_find(text, 0) >= 0)
        return -1;
    memcpy(z, text.p, text.n);
    z[text.n] = 0;
    *ret_v4 = inet_pton(AF_INET, z, ret_bytes + sizeof mapped) == 1;
    if (*ret_v4) {
        memcpy(ret_bytes, mapped, sizeof mapped);
        return 0;
    }
    return inet_pton(AF_INET6, z, ret_bytes) == 1 ? 0 : -1;
}

static bool bit_of(const unsigned char bytes[16], int i)
{
    return bytes[i / 8] >> (7 - i % 8) & 1;
}

static int parse_network(struct str text, struct network *ret_network)
{
    struct str address, length;
    int64_t bits = 0;
    bool v4, has_length = str_cut(text, '/', &address, &length);
    if (parse_address(address, ret_network->address, &v4) < 0 ||
        (has_length && str_parse_uint(length, &bits) < 0))
        return -1;
    int least = v4 ? V4_BITS : 0;
    if (bits > 128 - least)
        return -1;
    ret_network->bits = has_length ? (int)bits + least : 128;
    for (int i = ret_network->bits; i < 128; i++)
        if (bit_of(ret_network->address, i))
            return -1;
    return 0;
}

int networks_parse(struct str text, struct networks *ret_networks)
{
    struct networks networks = {0};
    struct str rest = str_trim(text), part;
    while (rest.n) {
        bool more = str_cut(rest, ',', &part, &rest);
        if (networks.n == LIMIT_NETWORKS ||
            parse_network(str_trim(part), &networks.p[networks.n]) < 0 || (more && !rest.n))
            return -1;
        networks.n++;
    }
    *ret_networks = networks;
    return 0;
}

static bool is_in(const struct network *network, const unsigned char bytes[16])
{
    int whole = network->bits / 8;
    if (memcmp(network->address, bytes, (size_t)whole) != 0)
        return false;
    for (int i = whole * 8; i < network->bits; i++)
        if (bit_of(network->address, i) != bit_of(bytes, i))
            return false;
    return true;
}

bool networks_hold(const struct networks *networks, const struct sockaddr *address)
{
    unsigned char bytes[16];
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        memcpy(bytes, mapped, sizeof mapped);
        memcpy(bytes + sizeof mapped, &v4.sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        memcpy(bytes, &v6.sin6_addr, sizeof bytes);
    } else {
        return false;
    }
    for (size_t i = 0; i < networks->n; i++)
        if (is_in(&networks->p[i], bytes))
            return true;
    return false;
}
