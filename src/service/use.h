/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_USE_H
#define CHAPPE_SERVICE_USE_H

/* What every use case is given: the server, who asks, the request's memory and snapshot, and the
 * place for its error. Use cases are four steps: take a read snapshot, load, decide, submit one
 * write job. A use case that returns USE_WAIT has asked for something else first (a password hash)
 * and is called again, from the top, when it is there. */

#include "base/arena.h"
#include "base/err.h"
#include "net/http.h"
#include "service/caller.h"
#include "service/commit.h"
#include "service/server.h"
#include "store/store.h"

struct audit_entry; /* store/audit.h */

struct use {
    struct server *server;
    struct http_exchange *x; /* NULL: a command, which waits */
    struct arena *arena;     /* of this run: gone when it waits or is run again; see net/http.h */
    struct caller caller;    /* user 0: nobody */
    struct read read;        /* the snapshot; its connection is taken when first used */
    const struct audit_entry *audit; /* written by use_commit in its job: service/audit.h */
    struct job_steps steps;          /* of the job of the next use_commit, which takes them */
    struct err err;
};

/* USE_PARK: nothing to say yet; the handler returns it too (API_PARK). */
enum { USE_FAILED = -1, USE_DONE = 0, USE_WAIT = 1, USE_PARK = 2 };

/* Whether this is the first run of the handler: what memory does not know may be taken for new, as
 * the job is refused when the store knows better, and the next run asks the store. */
bool use_is_first_run(const struct use *use);

/* commit_submit for a use case. */
int use_commit(struct use *use, int (*run)(struct write *w, void *arg, struct err *err),
               void (*after)(void *arg, enum job_result result), void *arg) MUST_USE;

/* For a job whose result goes into the answer: USE_WAIT, and once it is committed the handler is
 * run again, where use_commit_result is `arg`, with what run left in it (NULL before): arg and
 * all it names are from http_arena. It takes the request's wait slot, so it does not go with
 * passwords. Needs an exchange. */
int use_commit_wait(struct use *use, int (*run)(struct write *w, void *arg, struct err *err),
                    void *arg) MUST_USE;
void *use_commit_result(struct use *use);

/* For a job that must be committed before the request goes on (the first use of a token): USE_WAIT,
 * and the handler is run again, as if for the first time, when it is. after, when not NULL, is
 * called on the appender's thread with the outcome, but not when -1 was returned. arg and all it
 * names live until then: they are from http_arena, or what after frees. Needs an exchange. */
int use_commit_first(struct use *use, int (*run)(struct write *w, void *arg, struct err *err),
                     void (*after)(void *arg, enum job_result result), void *arg) MUST_USE;

/* All ask for the state of the exchange that the dispatcher made; NULL without an exchange. */
void **use_wait_slot(struct use *use);

#endif
