/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/commit.h"

#include "base/check.h"
#include "base/mem.h"
#include "service/server.h"
#include "service/use.h"
#include "store/audit.h"

struct commit {
    struct job job;
    struct http_exchange *x;
    int (*run)(struct write *w, void *arg, struct err *err);
    void (*after)(void *arg, enum job_result result);
    void *arg;
    const struct audit_entry *audit; /* NULL: no row */
    struct job_steps steps;
    struct err failure; /* what http_state is told of */
};

/* A refusal comes before the first write, so the audit's row comes last. */
static int commit_run(struct write *w, void *arg, struct err *err)
{
    struct commit *commit = arg;
    if (commit->run(w, commit->arg, err) < 0)
        return -1;
    return commit->audit ? audit_append(w, commit->audit, err) : 0;
}

static void commit_done(struct job *job, enum job_result result, const struct err *err)
{
    struct commit *commit = job->arg;
    struct http_exchange *x = commit->x;
    struct commit_state *state = http_state(x);
    state->in_flight = false;
    if (commit->after)
        commit->after(commit->arg, result);
    if (result != JOB_COMMITTED) {
        bool again = err->kind == ERR_KIND_MOVED && http_rerun_count(x) < COMMIT_TRIES_MAX;
        if (!again) {
            commit->failure = *err;
            state->err = &commit->failure;
        }
        http_rerun(x);
    }
    http_release(x);
}

/* The same for a caller that waits. */
static int commit_and_wait(struct server *server, struct commit *commit, struct err *err)
{
    int status = store_run_steps(server->store, commit_run, commit, commit->steps, err);
    if (commit->after)
        commit->after(commit->arg, status == 0 ? JOB_COMMITTED : JOB_REFUSED);
    return status;
}

static int submit(struct server *server, struct http_exchange *x, const struct commit *wanted,
                  struct err *err)
{
    struct commit on_stack = *wanted;
    if (!x)
        return commit_and_wait(server, &on_stack, err);
    /* It would be committed, and answered 413. */
    if (http_memory_is_over(x))
        return err_client(err, 413, "M_TOO_LARGE", "The request needs too much memory");
    struct commit_state *state = http_state(x);
    struct commit *commit = ARENA_NEW(http_arena(x), struct commit);
    *commit = on_stack;
    commit->x = x;
    commit->job =
        (struct job){.run = commit_run, .done = commit_done, .arg = commit, .steps = commit->steps};
    /* A refusal runs the handler again, which gives the memory of its last run back: that must not
     * be where another job of the request still reads. */
    CHECK(!state->in_flight);
    state->in_flight = true;
    http_hold(x);
    if (store_submit(server->store, &commit->job, err) == 0)
        return 0;
    state->in_flight = false;
    http_release(x);
    return -1;
}

int commit_submit(struct server *server, struct http_exchange *x,
                  int (*run)(struct write *w, void *arg, struct err *err),
                  void (*after)(void *arg, enum job_result result), void *arg, struct err *err)
{
    struct commit commit = {.run = run, .after = after, .arg = arg};
    return submit(server, x, &commit, err);
}

/* ---- writes nobody waits for ---- */

static void later_done(struct job *job, enum job_result result, const struct err *err)
{
    (void)result;
    (void)err;
    mem_free(job->arg);
    mem_free(job);
}

void commit_later(struct server *server, int (*run)(struct write *w, void *arg, struct err *err),
                  void *arg)
{
    struct job *job = MEM_NEW(struct job);
    struct err err = ERR_INIT;
    *job = (struct job){.run = run, .done = later_done, .arg = arg};
    if (store_submit(server->store, job, &err) < 0)
        later_done(job, JOB_FAILED, &err);
}

/* ---- for use cases ---- */

bool use_is_first_run(const struct use *use)
{
    return use->x && http_rerun_count(use->x) == 0;
}

int use_commit(struct use *use, int (*run)(struct write *w, void *arg, struct err *err),
               void (*after)(void *arg, enum job_result result), void *arg)
{
    struct commit commit = {
        .run = run, .after = after, .arg = arg, .audit = use->audit, .steps = use->steps};
    use->steps = (struct job_steps){0};
    return submit(use->server, use->x, &commit, &use->err);
}

struct awaited {
    struct http_exchange *x;
    int (*run)(struct write *w, void *arg, struct err *err);
    void (*after)(void *arg, enum job_result result); /* NULL: none */
    void *arg;
    bool is_result;
};

static int awaited_run(struct write *w, void *arg, struct err *err)
{
    const struct awaited *awaited = arg;
    return awaited->run(w, awaited->arg, err);
}

static void awaited_after(void *arg, enum job_result result)
{
    const struct awaited *awaited = arg;
    struct commit_state *state = http_state(awaited->x);
    if (awaited->after)
        awaited->after(awaited->arg, result);
    if (result != JOB_COMMITTED)
        return; /* what follows a refusal is commit_done's */
    if (awaited->is_result)
        state->wait = awaited->arg;
    http_rerun(awaited->x);
}

static int commit_awaited(struct use *use, const struct awaited *wanted)
{
    struct awaited *awaited = ARENA_NEW(http_arena(use->x), struct awaited);
    *awaited = *wanted;
    if (use_commit(use, awaited_run, awaited_after, awaited) < 0)
        return -1;
    return USE_WAIT;
}

int use_commit_wait(struct use *use, int (*run)(struct write *w, void *arg, struct err *err),
                    void *arg)
{
    return commit_awaited(use, &(struct awaited){use->x, run, NULL, arg, true});
}

int use_commit_first(struct use *use, int (*run)(struct write *w, void *arg, struct err *err),
                     void (*after)(void *arg, enum job_result result), void *arg)
{
    return commit_awaited(use, &(struct awaited){use->x, run, after, arg, false});
}

void *use_commit_result(struct use *use)
{
    return *use_wait_slot(use);
}

void **use_wait_slot(struct use *use)
{
    struct commit_state *state = use->x ? http_state(use->x) : NULL;
    return state ? &state->wait : NULL;
}
