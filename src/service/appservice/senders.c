/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/senders.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/wait.h"
#include "net/call.h"
#include "service/appservice/assertion.h"
#include "service/appservice/transaction.h"
#include "service/config.h"
#include "service/sync/notifier.h"
#include "store/appservice.h"
#include "store/lease.h"

#define LEASE_MS     (3 * LIMIT_APPSERVICE_CALL_MS)
#define RETRY_MAX_MS (5 * 60 * 1000)
/* On several nodes another may have written. */
#define LOOK_AGAIN_MS 5000
/* Typing wakes nobody here. */
#define LOOK_EPHEMERAL_MS 500
/* What concerns it not is noted in the store now and then. */
#define SKIP_POSITIONS 5000

struct sender {
    struct senders *senders;
    struct server *server;
    const struct appservice *as;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken;       /* under the lock */
    struct str lease; /* its name; owned by the text below */
    char lease_name[LIMIT_APPSERVICE_ID + 16];
    int64_t leased_ms;                   /* when the lease was last taken; 0: it is not ours */
    bool known;                          /* progress holds */
    struct appservice_progress progress; /* without its body */
    int64_t at;                          /* looked at up to there; progress.pos is what is stored */
    struct interest interest;
    struct told told;
    int64_t failures; /* in a row */
};

struct senders {
    bool stopping; /* atomic */
    size_t n;
    struct sender items[LIMIT_APPSERVICES];
};

static bool is_stopping(const struct sender *sender)
{
    return __atomic_load_n(&sender->senders->stopping, __ATOMIC_ACQUIRE);
}

static void tell(const struct sender *sender, const char *what, const char *why)
{
    log_line(LOG_LEVEL_WARN, "appservice", "id", LOG_STR(sender->as->id), "what", LOG_Z(what),
             "why", LOG_Z(why), "failures", LOG_INT(sender->failures), NULL);
}

static int tell_err(const struct sender *sender, const char *what, const struct err *err)
{
    tell(sender, what, err->detail[0] ? err->detail : err->text);
    return -1;
}

/* ---- jobs ---- */

struct step {
    struct sender *sender;
    struct appservice_progress progress;
    struct composed composed;
    bool ours;
};

static int write_lease(struct write *w, void *arg, struct err *err)
{
    struct step *step = arg;
    return lease_take(w, step->sender->lease, step->sender->server->node, LEASE_MS, &step->ours,
                      err);
}

static int write_begin(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    return appservice_begin(w, step->sender->as->id, step->progress.pos, err);
}

static int write_prepare(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    if (appservice_prepare(w, step->sender->as->id, &step->progress, err) < 0)
        return -1;
    for (size_t i = 0; i < step->composed.n_taken; i++)
        if (to_device_take(w, &step->composed.taken[i], err) < 0)
            return -1;
    return 0;
}

static int write_skip(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    return appservice_skip(w, step->sender->as->id, &step->progress, err);
}

static int write_acknowledge(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    return appservice_acknowledge(w, step->sender->as->id, step->progress.txn, err);
}

/* What was known is read again when it does not hold. */
static int commit(struct sender *sender, const char *what,
                  int (*run)(struct write *w, void *arg, struct err *err), struct step *step)
{
    struct err err = ERR_INIT;
    step->sender = sender;
    if (store_run(sender->server->store, run, step, &err) == 0)
        return 0;
    sender->known = false;
    return tell_err(sender, what, &err);
}

/* ---- whose turn it is ---- */

/* Another node may have gone on meanwhile: all is read again. */
static bool has_lease(struct sender *sender)
{
    int64_t now_ms = clock_monotonic_ms();
    struct step step = {.ours = true};
    if (sender->leased_ms && (now_ms - sender->leased_ms < LEASE_MS / 3 ||
                              db_engine(store_db(sender->server->store)) == DB_ENGINE_SQLITE))
        return true;
    if (commit(sender, "lease", write_lease, &step) < 0 || !step.ours) {
        sender->leased_ms = 0;
        sender->known = false;
        return false;
    }
    sender->leased_ms = now_ms;
    return true;
}

/* ---- a transaction ---- */

/* After a restore positions and numbers come again; the epoch does not. */
static struct str url_of(const struct sender *sender, const char *path, int64_t txn,
                         struct arena *arena)
{
    return arena_printf(arena, "%.*s%s/transactions/%llx_%lld", STR_ARG(sender->as->url), path,
                        (unsigned long long)store_head(sender->server->store).epoch,
                        (long long)txn);
}

static int put(struct sender *sender, const char *path, const struct appservice_progress *progress,
               struct arena *arena)
{
    struct call call = {
        .method = "PUT",
        .url = url_of(sender, path, progress->txn, arena),
        .bearer = sender->as->hs_token,
        .body = progress->body,
        .connect_ms = LIMIT_APPSERVICE_CONNECT_MS,
        .total_ms = LIMIT_APPSERVICE_CALL_MS,
        .answer_max = KIB(64),
        .stop = &sender->senders->stopping,
    };
    struct call_answer answer;
    struct err err = ERR_INIT;
    char why[64];
    if (call_run(&call, arena, &answer, &err) != CALL_ANSWERED)
        return is_stopping(sender) ? -1 : tell_err(sender, "not reached", &err);
    if (answer.status >= 200 && answer.status < 300)
        return 200;
    (void)snprintf(why, sizeof why, "status %d", answer.status);
    tell(sender, "not taken", why);
    return answer.status;
}

static int deliver(struct sender *sender, const struct appservice_progress *progress,
                   struct arena *arena)
{
    struct step step = {.progress = *progress};
    int status = put(sender, "/_matrix/app/v1", progress, arena);
    /* "Legacy routes" */
    if (status == 404 || status == 405)
        status = put(sender, "", progress, arena);
    if (status != 200) {
        sender->failures++;
        return -1;
    }
    sender->failures = 0;
    if (commit(sender, "acknowledging", write_acknowledge, &step) < 0)
        return -1;
    sender->progress.pos = progress->upto;
    sender->progress.txn = progress->txn + 1;
    sender->at = progress->upto;
    return 0;
}

/* ---- what there is to tell ---- */

static void use_begin(struct sender *sender, struct arena *arena, struct use *ret_use)
{
    *ret_use = (struct use){.server = sender->server, .arena = arena, .err = ERR_INIT};
    ret_use->caller.user_id = sender->as->sender;
    read_begin(sender->server->store, &ret_use->read);
}

/* From the store; a service that is new is told what comes from now on. */
static int load(struct sender *sender, struct use *use, struct appservice_progress *ret_progress)
{
    struct step step = {.progress.pos = use->read.head.pos};
    int found = appservice_load(&use->read, sender->as->id, use->arena, ret_progress, &use->err);
    if (found < 0)
        return tell_err(sender, "loading", &use->err);
    if (!found && commit(sender, "beginning", write_begin, &step) < 0)
        return -1;
    if (!found)
        *ret_progress = (struct appservice_progress){
            .pos = step.progress.pos, .txn = 1, .upto = step.progress.pos};
    interest_forget(&sender->interest);
    sender->progress = *ret_progress;
    sender->progress.body = STR_NONE;
    sender->at = ret_progress->pos;
    sender->known = true;
    return 0;
}

/* Nothing concerns it up to `at`: in memory; stored now and then. */
static int skip(struct sender *sender)
{
    struct step step = {.progress = sender->progress};
    if (sender->at - sender->progress.pos < SKIP_POSITIONS)
        return 0;
    step.progress.upto = sender->at;
    if (commit(sender, "skipping", write_skip, &step) < 0)
        return -1;
    sender->progress.pos = sender->at;
    return 0;
}

/* 1 something was sent, or more is to be looked at; 0 that was all; -1 later. */
static int work_on(struct sender *sender, struct use *use)
{
    struct appservice_progress next = sender->progress;
    struct told told = sender->told;
    struct step step = {0};
    if (!sender->known && load(sender, use, &next) < 0)
        return -1;
    if (next.body.p)
        return deliver(sender, &next, use->arena) < 0 ? -1 : 1;
    int more = appservice_compose(use, &sender->interest, &told, sender->at, &step.composed);
    if (more < 0)
        return tell_err(sender, "composing", &use->err);
    if (!step.composed.body.p) {
        sender->told = told;
        sender->at = step.composed.upto;
        return skip(sender) < 0 ? -1 : more;
    }
    step.progress = next;
    step.progress.upto = step.composed.upto;
    step.progress.body = step.composed.body;
    if (commit(sender, "preparing", write_prepare, &step) < 0)
        return -1;
    sender->told = told;
    return deliver(sender, &step.progress, use->arena) < 0 ? -1 : 1;
}

static int take_turn(struct sender *sender)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    struct use use;
    if (!has_lease(sender))
        return 0;
    told_look(&sender->told, sender->server);
    use_begin(sender, arena, &use);
    int status =
        store_find_name(sender->server->store, sender->as->sender, &use.caller.user, &use.err) < 0
            ? tell_err(sender, "its user", &use.err)
            : work_on(sender, &use);
    read_end(&use.read);
    if (status < 0)
        sender->known = false; /* what is on its way is read again */
    return status;
}

/* ---- the thread ---- */

static int64_t pause_ms(const struct sender *sender)
{
    if (!sender->failures)
        return 0;
    int64_t pause = INT64_C(1000) << (sender->failures < 10 ? sender->failures - 1 : 9);
    return pause > RETRY_MAX_MS ? RETRY_MAX_MS : pause;
}

static void wait_for_work(struct sender *sender, bool failed)
{
    int64_t pause = pause_ms(sender);
    int64_t ms = sender->as->receive_ephemeral ? LOOK_EPHEMERAL_MS : LOOK_AGAIN_MS;
    bool early = !pause && !failed;
    ms = pause > ms ? pause : ms;
    int64_t until = clock_monotonic_ms() + ms;
    pthread_mutex_lock(&sender->lock);
    while (!(sender->woken && early) && !is_stopping(sender) &&
           wait_until(&sender->changed, &sender->lock, until))
        ;
    sender->woken = false;
    pthread_mutex_unlock(&sender->lock);
}

static void *sender_main(void *arg)
{
    struct sender *sender = arg;
    pthread_setname_np(pthread_self(), "appservice");
    while (!is_stopping(sender)) {
        int status = take_turn(sender);
        if (status != 1)
            wait_for_work(sender, status < 0);
    }
    return NULL;
}

void senders_wake(struct senders *senders)
{
    for (size_t i = 0; senders && i < senders->n; i++) {
        struct sender *sender = &senders->items[i];
        pthread_mutex_lock(&sender->lock);
        sender->woken = true;
        pthread_cond_signal(&sender->changed);
        pthread_mutex_unlock(&sender->lock);
    }
}

/* ---- life ---- */

static int make_account(struct server *server, const struct appservice *as, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct use use = {.server = server, .arena = arena, .err = ERR_INIT};
    read_begin(server->store, &use.read);
    int status = appservice_make_sender(&use, as);
    read_end(&use.read);
    *err = use.err;
    /* Another node was first. */
    return status < 0 && err->kind == ERR_KIND_CLIENT ? 0 : status;
}

static int start(struct senders *senders, struct server *server, const struct appservice *as,
                 struct err *err)
{
    struct sender *sender = &senders->items[senders->n++];
    *sender = (struct sender){.senders = senders, .server = server, .as = as};
    interest_init(&sender->interest, as);
    (void)snprintf(sender->lease_name, sizeof sender->lease_name, "appservice %.*s",
                   STR_ARG(as->id));
    sender->lease = str_from(sender->lease_name);
    pthread_mutex_init(&sender->lock, NULL);
    wait_init(&sender->changed);
    sender->running = pthread_create(&sender->thread, NULL, sender_main, sender) == 0;
    return sender->running ? 0 : err_internal(err, "starting the thread of an application service");
}

int senders_new(struct server *server, struct senders **ret_senders, struct err *err)
{
    const struct config *config = server->config;
    if (!config->n_appservices)
        return 0;
    struct senders *senders = MEM_NEW(struct senders);
    for (size_t i = 0; i < config->n_appservices; i++) {
        const struct appservice *as = &config->appservices[i];
        if (make_account(server, as, err) == 0 &&
            (!as->url.p || start(senders, server, as, err) == 0))
            continue;
        senders_free(senders);
        return -1;
    }
    /* The store's listener looks at it. */
    __atomic_store_n(ret_senders, senders, __ATOMIC_RELEASE);
    return 0;
}

void senders_stop(struct senders *senders)
{
    if (!senders)
        return;
    __atomic_store_n(&senders->stopping, true, __ATOMIC_RELEASE);
    senders_wake(senders);
    for (size_t i = 0; i < senders->n; i++) {
        struct sender *sender = &senders->items[i];
        if (sender->running)
            pthread_join(sender->thread, NULL);
        sender->running = false;
    }
}

void senders_free(struct senders *senders)
{
    if (!senders)
        return;
    senders_stop(senders);
    for (size_t i = 0; i < senders->n; i++) {
        struct sender *sender = &senders->items[i];
        interest_done(&sender->interest);
        pthread_cond_destroy(&sender->changed);
        pthread_mutex_destroy(&sender->lock);
    }
    mem_free(senders);
}
