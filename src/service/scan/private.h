/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_PRIVATE_H
#define CHAPPE_SERVICE_SCAN_PRIVATE_H

/* What the files of service/scan/ share. */

#include <pthread.h>

#include "service/scan/keeper.h"
#include "service/scan/scanner.h"

/* Connections to clamd that scan at once; the watcher has one more. */
#define SCAN_HANDS 2

/* What a hand works on: a content and the key it is decrypted with (zeros: none). */
struct scan_name {
    unsigned char bytes[2 * SHA256_BYTES];
};

struct scan_lane {
    struct scan_task *first, **last;
};

struct scan_hand {
    struct scanner *scanner;
    pthread_t thread;
    bool started;
    bool busy;             /* under the lock */
    struct scan_name name; /* the same */
    struct keeper *keeper;
    /* Its own: nothing could be scanned again until then (monotonic), unless the status changes;
     * and how many of the oldest could not be, on the way to the others. */
    int64_t rest_until_ms, rest_changes;
    size_t passed;
};

struct scanner {
    struct server *server;
    bool stopping; /* atomic */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock: */
    struct scanner_status status;
    struct scanner_counts counts;
    unsigned woken;              /* hands that are to look again */
    struct scan_lane open, scan; /* tasks that wait */
    size_t n_tasks;
    bool look_again; /* the watcher */

    struct scan_hand hands[SCAN_HANDS];
    struct scan_hand opener;
    struct scan_hand watcher;
};

bool scanner_is_stopping(const struct scanner *scanner);
/* Waits under the lock until woken or that long. */
void scanner_wait(struct scanner *scanner, int64_t ms);

/* ---- clamd ---- */

/* A connection to the configured one, or to the first of the usual ones that is there. */
int scanner_dial(const struct scanner *scanner, int *ret_fd, struct err *err) MUST_USE;
/* clamd has failed somebody: the watcher looks at once. */
void scanner_doubt(struct scanner *scanner);
void *watcher_main(void *arg);

/* ---- the queue ---- */

/* Works on one content. False: there is nothing to do now. */
bool queue_work(struct scan_hand *hand);
/* How long a hand that found nothing may sleep unless it is woken. */
int64_t queue_idle_ms(struct scanner *scanner);
/* Under the lock: false when another hand works on it. */
bool scanner_take_name(struct scan_hand *hand, const struct scan_name *name);
void scanner_give_name(struct scan_hand *hand);
/* Writes a verdict and ends the waiting of its content; tells those who wait. -1: it could not be
 * written, which is logged. */
int scanner_settle(struct scanner *scanner, const struct media_verdict *verdict) MUST_USE;
/* What a verdict of clamd is with the signatures it has. */
enum scan_state scanner_state_of(const struct scanner_status *status, enum scan_state state);

#endif
