/* SPDX-License-Identifier: EUPL-1.2 */

/* Who the peer is, and how many connections it has. */

#include <arpa/inet.h>
#include <string.h>

#include "net/exchange.h"
#include "net/server.h"

static bool is_trusted(const struct http_server *server, struct str address)
{
    struct str rest = server->config.trusted_proxies, one;
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        if (str_eq(str_trim(one), address))
            return true;
    }
    return false;
}

/* What connections are counted by: an IPv4 address, or the first 64 bits of an IPv6 one, since
 * whoever has one of these has all the others. room holds 8 bytes. */
static struct str address_key(struct str address, char *room)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    if (str_find(address, ':') < 0 || address.n >= sizeof text)
        return address;
    memcpy(text, address.p, address.n);
    text[address.n] = 0;
    if (inet_pton(AF_INET6, text, bytes) != 1)
        return address;
    memcpy(room, bytes, 8);
    return str_make(room, 8);
}

struct str http_peer_network(struct http_exchange *x)
{
    char room[8];
    struct str key = address_key(x->peer, room);
    if (key.p != room)
        return x->peer;
    const unsigned char *b = (const unsigned char *)room;
    return arena_printf(x->arena, "%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", b[0], b[1], b[2],
                        b[3], b[4], b[5], b[6], b[7]);
}

static bool is_counted(const struct http_server *server, struct str address)
{
    return !server->config.per_address_off && !is_trusted(server, address);
}

bool server_address_take(struct http_server *server, struct str address)
{
    char room[8];
    if (!is_counted(server, address))
        return true;
    address = address_key(address, room);
    pthread_mutex_lock(&server->address_lock);
    uintptr_t n = (uintptr_t)str_map_find(&server->addresses, address);
    bool fine = n < server->config.per_address;
    if (fine)
        (void)str_map_put(&server->addresses, address, (void *)(n + 1));
    pthread_mutex_unlock(&server->address_lock);
    return fine;
}

void server_address_give(struct http_server *server, struct str address)
{
    char room[8];
    if (!is_counted(server, address))
        return;
    address = address_key(address, room);
    pthread_mutex_lock(&server->address_lock);
    uintptr_t n = (uintptr_t)str_map_find(&server->addresses, address);
    if (n > 1)
        (void)str_map_put(&server->addresses, address, (void *)(n - 1));
    else
        (void)str_map_remove(&server->addresses, address);
    pthread_mutex_unlock(&server->address_lock);
}

static bool is_address(struct str s)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    if (s.n == 0 || s.n >= sizeof text)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* A proxy that listens on both families writes IPv4 addresses as "::ffff:192.0.2.1". */
static struct str unmapped(struct str address)
{
    struct str prefix = STR("::ffff:");
    bool is_mapped = address.n > prefix.n && str_eq_nocase(str_first(address, prefix.n), prefix) &&
                     str_find(address, '.') >= 0;
    return is_mapped ? str_skip(address, prefix.n) : address;
}

/* Goes left through a line of X-Forwarded-For while our own proxies stand there. *peer is the last
 * address seen. False: the walk ends here. */
static bool line_walk(const struct http_server *server, struct str line, struct str *peer)
{
    while (line.n) {
        const char *comma = memrchr(line.p, ',', line.n);
        size_t from = comma ? (size_t)(comma - line.p) + 1 : 0;
        struct str one = str_trim(str_skip(line, from));
        if (!is_address(one))
            return false;
        *peer = unmapped(one);
        if (!is_trusted(server, *peer))
            return false;
        line = str_first(line, from ? from - 1 : 0);
    }
    return true;
}

/* The last address that is not one of our proxies': each proxy adds the peer it saw, so what stands
 * further left is only what the client claims. All lines of that name are one list (RFC 9110, 5.2):
 * some proxies add to the last line, others a line of their own after those of the client. */
struct str server_peer(const struct http_exchange *x, struct str socket_address)
{
    struct str peer = socket_address;
    bool on = is_trusted(x->server, socket_address);
    for (size_t i = x->n_fields; on && i-- > 0;)
        if (str_eq_nocase(head_name(x->head, &x->fields[i]), STR("x-forwarded-for")))
            on = line_walk(x->server, head_value(x->head, &x->fields[i]), &peer);
    return arena_str(x->arena, peer);
}
