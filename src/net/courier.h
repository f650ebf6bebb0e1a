/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_COURIER_H
#define CHAPPE_NET_COURIER_H

/* Posts to addresses that users gave (push gateways), many at once on one thread, over outbound.h:
 * https to public addresses; into the networks that the operator allows besides, http too. There
 * are no redirects. Connections are kept.
 *
 * One thread owns a courier; courier_wake alone is for any thread. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "net/networks.h"

struct courier_rules {
    struct networks also; /* allowed beside public addresses */
    struct str ca_file;   /* PEM, terminated; STR_NONE: the system's */
    int64_t connect_ms, total_ms;
    size_t answer_bytes; /* of an answer; more is cut off */
};

enum courier_outcome {
    COURIER_ANSWERED,    /* status tells */
    COURIER_BARRED,      /* the address is none that may be reached */
    COURIER_UNRESOLVED,  /* the name is not known */
    COURIER_UNREACHABLE, /* no connection, or no whole answer in time */
    COURIER_CERTIFICATE, /* its certificate does not hold */
};

struct courier_answer {
    enum courier_outcome outcome;
    int status;             /* HTTP; 0: none */
    int64_t retry_after_ms; /* what the answer asks for; 0: nothing */
    struct str body;        /* valid during the call; empty when it was cut off */
    const char *detail;     /* for the log; holds no URL */
};

/* Everything is copied. */
struct courier_post {
    struct str url;
    struct str headers[8]; /* "Name: value" */
    size_t n_headers;
    struct str body;
    /* On the thread of the courier, in courier_turn or courier_free, once. */
    void (*done)(void *arg, const struct courier_answer *answer);
    void *arg;
};

/* An absolute URL that a courier would post to: https, or http where the rules allow networks; a
 * host, perhaps a port, no user, no fragment, printable ASCII. When its host is an address, that
 * one may be reached. *ret_host and *ret_path are parts of the URL. */
int courier_check_url(const struct courier_rules *rules, struct str url, struct str *ret_host,
                      struct str *ret_path) MUST_USE;

struct courier;

/* The rules are copied; what they name outlives the courier. */
int courier_new(const struct courier_rules *rules, struct courier **ret_courier,
                struct err *err) MUST_USE;
/* What is under way ends there, as unreachable. NULL is allowed. */
void courier_free(struct courier *courier);

size_t courier_under_way(const struct courier *courier);
void courier_send(struct courier *courier, const struct courier_post *post);
/* Lets transfers go on, waits up to wait_ms for one of them or for courier_wake, and calls done for
 * those that have ended. */
void courier_turn(struct courier *courier, int64_t wait_ms);
void courier_wake(struct courier *courier);

/* One post by itself; waits, up to the rules' total_ms. Calls done before it returns. */
void courier_send_alone(const struct courier_rules *rules, const struct courier_post *post);

#endif
