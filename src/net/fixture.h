/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_FIXTURE_H
#define CHAPPE_NET_FIXTURE_H

/* A small server on a loopback port for tests, with handlers that hold, wait, park and stream, and
 * a client that speaks raw bytes. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "net/http.h"

#define FIXTURE_PARKED_MAX 8192

struct fixture {
    struct http_server *server;
    int port, tls_port;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_exchange *parked[FIXTURE_PARKED_MAX]; /* with a reference each */
    size_t n_parked;
    int n_closed, n_runs, n_logged, n_seen; /* under lock */
    bool open;                              /* /gate answers */
    int64_t streamed;                       /* bytes of /big made so far */
};

/* With the fixture's routes. config may be NULL, or carry what differs. */
void fixture_start(struct fixture *fixture, const struct http_server_config *config);
void fixture_stop(struct fixture *fixture);

/* Waits, under the lock, until *count has reached n. */
void fixture_wait(struct fixture *fixture, const int *count, int n);
void fixture_wait_parked(struct fixture *fixture, size_t n);
/* Lets the parked answer: sets the gate open and runs all of them again. */
void fixture_wake(struct fixture *fixture);

/* A connected socket with time-outs of 20 s, so that a hanging test fails. */
int client_connect(int port);
void client_send(int fd, struct str bytes);
/* One answer: head and body by Content-Length or chunks. Returns its status, 0 when the connection
 * was closed before one came. head_only: an answer to HEAD. */
int client_read(int fd, struct buf *ret_head, struct buf *ret_body, bool head_only);
/* Whether the peer has closed: reads until then and counts what came. */
size_t client_read_to_end(int fd);
/* Sends bytes on a connection of its own and tells the status of the first answer; closes. */
int client_ask(int port, struct str bytes);
/* Whether nothing but the end follows. */
bool client_is_closed(int fd);

#endif
