/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_SCANNER_H
#define CHAPPE_SERVICE_SCAN_SCANNER_H

/* The antivirus as the server sees it (docs/design/media.md): whether it may be relied on now, the
 * contents that wait for it, and the requests that go to the caged scanner. Its threads:
 *
 *  - the watcher asks clamd, once a minute and after each failure, for its version, and has it find
 *    what it must find (watch.c). Only while it does are verdicts taken from it;
 *  - the hands scan: first what a client waits for, then the queue of contents (queue.c), then what
 *    was scanned with older signatures;
 *  - the opener asks the caged scanner what a sealed request is about.
 *
 * Nothing here holds up the start of the server. */

#include <stdbool.h>

#include "base/limits.h"
#include "service/scan/message.h"
#include "service/use.h"
#include "store/media_verdict.h"

struct scanner;

int scanner_new(struct server *server, struct scanner **ret_scanner, struct err *err) MUST_USE;
/* Ends the threads, before the store is closed (its last jobs still wake the scanner) and before
 * the HTTP server is freed: what is scanned is left, what waits is let go of. */
void scanner_stop(struct scanner *scanner);
/* After that. NULL is allowed, to both. */
void scanner_free(struct scanner *scanner);

/* After a commit that queued a content. Any thread; NULL is allowed. */
void scanner_wake(struct scanner *scanner);

struct scanner_status {
    bool none;            /* scanner.engine none: nothing is ever scanned */
    bool ready;           /* verdicts are taken from it */
    enum scan_cause why;  /* when not: SCAN_CAUSE_SCANNER, SCAN_CAUSE_SIGNATURES */
    int64_t signature_ms; /* of the official signatures; 0: a base for tests, or not known yet */
    int64_t changes;      /* how often any of it has changed */
};
void scanner_look(struct scanner *scanner, struct scanner_status *ret_status);

struct scanner_counts {
    int64_t scans, found, failed, alerts; /* since the start */
};
void scanner_count(struct scanner *scanner, struct scanner_counts *ret_counts);

/* Whether a verdict that is stored may be gone by: what a base for tests let pass is nothing once
 * there are official signatures. */
bool scanner_holds(const struct scanner_status *status, const struct media_verdict *verdict);

/* "clean", "not_scannable"…, and "password", "size"…; "" for SCAN_CAUSE_NONE. */
const char *scan_state_name(enum scan_state state);
const char *scan_cause_name(enum scan_cause cause);

/* ---- requests to the caged scanner ---- */

/* Kept in the exchange's arena. */
struct scan_task {
    enum scan_op op;
    struct str body;                     /* of the request; wiped when done, but for SCAN_OP_KEY */
    unsigned char content[SHA256_BYTES]; /* for SCAN_OP_SCAN, as is the key */
    unsigned char key[SHA256_BYTES];
    /* What came of it; a verdict is in the store before the task is done. */
    bool answered; /* false: err tells why not */
    struct scan_reply reply;
    char url[LIMIT_SCAN_URL];
    struct err err;
    /* The scanner's. */
    struct http_exchange *x;
    struct scan_task *next;
    int done; /* atomic */
};

/* The exchange is rerun when it is done. -1: too many wait, 429. */
int scan_task_submit(struct scanner *scanner, struct http_exchange *x, struct scan_task *task,
                     struct err *err) MUST_USE;
bool scan_task_is_done(const struct scan_task *task);

#endif
