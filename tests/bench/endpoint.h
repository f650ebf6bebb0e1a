/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_ENDPOINT_H
#define CHAPPE_BENCH_ENDPOINT_H

/* Where the server under test answers, and how it is spoken to. Certificates are not verified: what
 * is measured is not who the server is. */

#include <netinet/in.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#define ENDPOINT_HOST_MAX 256

struct endpoint {
    struct sockaddr_storage address;
    socklen_t address_n;
    char host[ENDPOINT_HOST_MAX]; /* "localhost:8008", for the Host field */
    bool tls, http2;
    SSL_CTX *tls_context;
    uint32_t n_opened; /* connections so far: chooses the address the next one comes from */
};

/* "http://HOST[:PORT]" or "https://HOST[:PORT]", without a path. -1: err says what is wrong. */
int endpoint_init(struct endpoint *endpoint, struct str url, bool http2, struct err *err) MUST_USE;
void endpoint_done(struct endpoint *endpoint);

/* A socket that begins to connect; -1 with errno. On the loopback each hundred connections come
 * from an address of their own, 127.1.0.0 and up: servers bound the connections of one address, and
 * one address has 28,000 ports. */
int endpoint_connect(struct endpoint *endpoint) MUST_USE;

#endif
