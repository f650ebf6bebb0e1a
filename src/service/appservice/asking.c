/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/asking.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "matrix/id.h"
#include "net/limiter.h"
#include "service/config.h"
#include "service/task_pool.h"
#include "store/account.h"
#include "store/alias.h"

/* One question of a request; a request may have several, one after the other. */
struct question {
    struct task task; /* first: the pool's */
    struct question *next;
    const char *method;
    struct str url, legacy, bearer, body, key;
    enum call_outcome outcome;
    int status;
    int64_t duration_ms;
    size_t n;
    char answer[LIMIT_APPSERVICE_ANSWER];
};

static void call_once(struct question *question, struct str url)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct call call = {
        .method = question->method,
        .url = url,
        .bearer = question->bearer,
        .body = question->body,
        .connect_ms = LIMIT_APPSERVICE_CONNECT_MS,
        .total_ms = LIMIT_APPSERVICE_ASK_MS,
        .answer_max = LIMIT_APPSERVICE_ANSWER,
    };
    struct call_answer answer = {0};
    struct err err = ERR_INIT;
    question->outcome = call_run(&call, arena, &answer, &err);
    question->status = answer.status;
    question->n = str_first(answer.body, sizeof question->answer).n;
    if (question->n)
        memcpy(question->answer, answer.body.p, question->n);
}

/* On a thread of the pool; the exchange, in whose memory the question is, is held on to. */
static void run_question(struct task *task)
{
    struct question *question = (struct question *)task;
    int64_t start_ms = clock_monotonic_ms();
    call_once(question, question->url);
    if (question->legacy.p && question->outcome == CALL_ANSWERED &&
        (question->status == 404 || question->status == 405))
        call_once(question, question->legacy);
    question->duration_ms = clock_monotonic_ms() - start_ms;
}

static struct question *find_question(struct use *use, struct str key)
{
    struct question *question = *use_wait_slot(use);
    while (question && !str_eq(question->key, key))
        question = question->next;
    return question;
}

static int submit(struct use *use, const struct question *wanted)
{
    void **slot = use_wait_slot(use);
    struct question *question = ARENA_NEW(http_arena(use->x), struct question);
    *question = *wanted;
    question->task.run = run_question;
    question->next = *slot;
    if (task_pool_submit(use->server->askers, use->x, &question->task, &use->err) < 0)
        return -1;
    *slot = question;
    return USE_WAIT;
}

static struct str url_of(struct use *use, const struct appservice *as, struct str path)
{
    if (!path.p)
        return STR_NONE;
    return arena_printf(http_arena(use->x), "%.*s%.*s", STR_ARG(as->url), STR_ARG(path));
}

static struct str key_of(struct use *use, const struct appservice *as, const char *method,
                         struct str path)
{
    return arena_printf(http_arena(use->x), "%.*s %s %.*s", STR_ARG(as->id), method, STR_ARG(path));
}

int appservice_ask(struct use *use, const struct appservice *as, const char *method,
                   struct str path, struct str legacy, struct str body, struct asked *ret_asked)
{
    struct str key = key_of(use, as, method, path);
    const struct question *question = find_question(use, key);
    if (!question) {
        const struct question wanted = {
            .method = method,
            .url = url_of(use, as, path),
            .legacy = url_of(use, as, legacy),
            .bearer = as->hs_token,
            .body = body.p ? arena_str(http_arena(use->x), body) : STR_NONE,
            .key = key,
        };
        return submit(use, &wanted);
    }
    if (!task_is_done(&question->task))
        return USE_WAIT;
    *ret_asked = (struct asked){question->outcome, question->status,
                                str_make(question->answer, question->n), question->duration_ms};
    return USE_DONE;
}

/* ---- what may have to be made ---- */

/* Of one user, whose questions are not to keep everybody else's waiting: each may hold a thread for
 * as long as a client waits. */
static const struct limiter_rule query_rule = {.per_second = 0.2, .burst = 10};

static int limit(struct use *use)
{
    struct str key = use->caller.user
                         ? arena_printf(use->arena, "ask u%lld", (long long)use->caller.user)
                         : arena_printf(use->arena, "ask %.*s", STR_ARG(http_peer(use->x)));
    if (!use->server->config->rate_limits || use->caller.appservice)
        return 0;
    int64_t wait = limiter_take(use->server->limiter, key, query_rule, 1, clock_monotonic_ms());
    if (!wait)
        return 0;
    (void)err_client(&use->err, 429, "M_LIMIT_EXCEEDED", "Too many requests");
    use->err.retry_after_ms = wait;
    return -1;
}

/* A request asks for few names, and waits for all of them no longer than for one. */
static bool has_asked_enough(struct use *use)
{
    int64_t n = 0, ms = 0;
    for (const struct question *q = *use_wait_slot(use); q; q = q->next) {
        ms += q->duration_ms;
        n++;
    }
    return n >= LIMIT_APPSERVICE_QUERIES || ms >= LIMIT_APPSERVICE_ASK_MS;
}

static int query(struct use *use, const struct appservice *as, const char *kind, struct str name)
{
    struct str escaped = call_escape(use->arena, name);
    struct str path = arena_printf(use->arena, "/_matrix/app/v1/%s/%.*s", kind, STR_ARG(escaped));
    struct asked asked;
    if (!find_question(use, key_of(use, as, "GET", path))) {
        if (has_asked_enough(use))
            return USE_DONE;
        if (limit(use) < 0)
            return -1;
    }
    int status = appservice_ask(use, as, "GET", path,
                                arena_printf(use->arena, "/%s/%.*s", kind, STR_ARG(escaped)),
                                STR_NONE, &asked);
    if (status != USE_DONE || asked.outcome != CALL_TIMED_OUT)
        return status;
    return err_client(&use->err, 408, "M_UNKNOWN",
                      "The application service did not answer in time");
}

int appservice_query_alias(struct use *use, struct str alias)
{
    const struct config *config = use->server->config;
    struct room_alias parsed;
    struct err ignored = ERR_INIT;
    struct alias known;
    if (!use->x || !config->n_appservices || room_alias_parse(alias, &parsed, &ignored) < 0 ||
        !str_eq(parsed.server, config->server_name))
        return USE_DONE;
    int found = alias_find(&use->read, alias, &known, &use->err);
    if (found != 0)
        return found < 0 ? -1 : USE_DONE;
    for (size_t i = 0; i < config->n_appservices; i++) {
        const struct appservice *as = &config->appservices[i];
        if (as->url.p && appservice_has_alias(as, alias))
            return query(use, as, "rooms", alias);
    }
    return USE_DONE;
}

int appservice_query_user(struct use *use, struct str user_id)
{
    const struct config *config = use->server->config;
    int64_t user;
    if (!use->x || !config->n_appservices)
        return USE_DONE;
    int found = store_find_name(use->server->store, user_id, &user, &use->err);
    if (found == 1)
        found = account_exists(&use->read, user, &use->err);
    if (found != 0)
        return found < 0 ? -1 : USE_DONE;
    for (size_t i = 0; i < config->n_appservices; i++) {
        const struct appservice *as = &config->appservices[i];
        if (as->url.p && appservice_has_user(config, as, user_id))
            return query(use, as, "users", user_id);
    }
    return USE_DONE;
}
