/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_SERVER_H
#define CHAPPE_NET_SERVER_H

/* The inside of struct http_server: what its threads share. The configuration is copied at birth
 * and does not change; counters are atomic; the rest has its own lock. */

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "net/http.h"
#include "net/router.h"
#include "net/workers.h"

struct compressors;
struct loop;
struct tls;

struct http_server {
    struct http_server_config config;
    void *data;
    struct router *router;
    struct workers *workers;
    struct compressors *compressors;
    struct loop **loops;
    unsigned n_loops;
    int *ports;       /* of each listener */
    struct tls **tls; /* of each listener; NULL: plain */
    bool started;

    pthread_mutex_t address_lock;
    struct str_map addresses; /* connections of each address, as an integer */

    atomic_size_t body_bytes; /* buffered, of all requests */
    atomic_int_fast64_t n_connections, n_requests, n_parked, n_refused, bytes_in, bytes_out;
};

/* Runs what answers x: the caller's dispatch, or a file of a mount. */
enum http_outcome server_dispatch(struct http_exchange *x);

/* Counts a connection of that address; false: it has too many. */
bool server_address_take(struct http_server *server, struct str address);
void server_address_give(struct http_server *server, struct str address);

/* The client's address: what a trusted proxy says, or the socket's. */
struct str server_peer(const struct http_exchange *x, struct str socket_address);

#endif
