/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/trial.h"

#include "base/limits.h"
#include "service/push/notice.h"
#include "service/push/pushers.h"
#include "service/push/pushing.h"
#include "service/task_pool.h"

/* In the exchange's arena, over the reruns of its handler. */
struct trying {
    struct task task; /* first: see task_pool.h */
    struct courier_rules rules;
    struct courier_post post;
    struct pusher pusher;
    enum courier_outcome outcome;
    int status;
    enum notice_result result;
    struct push_trial trial; /* once it was taken note of */
    bool noted;
};

static void take_answer(void *arg, const struct courier_answer *answer)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(256));
    struct trying *trying = arg;
    trying->outcome = answer->outcome;
    trying->status = answer->status;
    trying->result = notice_judge(arena, &trying->pusher, answer);
}

static void run(struct task *task)
{
    struct trying *trying = (struct trying *)task;
    courier_send_alone(&trying->rules, &trying->post);
}

/* ---- beginning ---- */

static struct str keep(struct arena *arena, struct str text)
{
    return text.p ? arena_str(arena, text) : text;
}

/* The task outlives this run of the handler. */
static void keep_post(struct arena *arena, const struct courier_post *post, struct trying *trying)
{
    trying->post = *post;
    trying->post.url = keep(arena, post->url);
    trying->post.body = keep(arena, post->body);
    for (size_t i = 0; i < post->n_headers; i++)
        trying->post.headers[i] = keep(arena, post->headers[i]);
    trying->post.done = take_answer;
    trying->post.arg = trying;
}

static int begin(struct use *use, const struct pusher *pusher, struct str text)
{
    struct arena *lasting = http_arena(use->x);
    struct trying *trying = ARENA_NEW(lasting, struct trying);
    struct notice notice = {.test = text.p ? text : STR("")};
    struct courier_post post;
    if (push_rules_of_way_out(use->server->config, &trying->rules, &use->err) < 0 ||
        notice_write(use, pusher, &notice, &post) < 0)
        return -1;
    keep_post(lasting, &post, trying);
    trying->pusher = *pusher;
    trying->pusher.pushkey = keep(lasting, pusher->pushkey);
    trying->task.run = run;
    if (task_pool_submit(use->server->push_tests, use->x, &trying->task, &use->err) < 0)
        return -1;
    *use_wait_slot(use) = trying;
    return USE_WAIT;
}

/* ---- the end ---- */

static struct str name_of(const struct trying *trying)
{
    static const struct str names[] = {
        [COURIER_BARRED] = STR_INIT("address"),
        [COURIER_UNRESOLVED] = STR_INIT("unresolved"),
        [COURIER_UNREACHABLE] = STR_INIT("unreachable"),
        [COURIER_CERTIFICATE] = STR_INIT("certificate"),
    };
    if (trying->outcome != COURIER_ANSWERED)
        return names[trying->outcome];
    if (trying->result == NOTICE_TAKEN)
        return STR("accepted");
    if (trying->result == NOTICE_GONE)
        return STR("gone");
    if (trying->status == 401 || trying->status == 403)
        return STR("key");
    return trying->status == 429 || trying->status >= 500 ? STR("later") : STR("refused");
}

static int write_delete(struct write *w, void *arg, struct err *err)
{
    const struct trying *trying = arg;
    if (pusher_delete_id(w, &trying->pusher, err) == 0)
        return 0;
    if (err->kind != ERR_KIND_MOVED)
        return -1;
    *err = ERR_INIT; /* it was set again meanwhile, which is no less of an answer */
    return 0;
}

static int finish(struct use *use, struct trying *trying, struct push_trial *ret_trial)
{
    *ret_trial = (struct push_trial){name_of(trying), trying->status};
    if (trying->result == NOTICE_GONE)
        return use_commit(use, write_delete, NULL, trying);
    return USE_DONE;
}

int push_try(struct use *use, struct str app_id, struct str pushkey, struct str text,
             struct push_trial *ret_trial)
{
    struct trying *trying = *use_wait_slot(use);
    struct pusher pusher;
    if (trying)
        return task_is_done(&trying->task) ? finish(use, trying, ret_trial) : USE_WAIT;
    int found =
        pusher_find(&use->read, use->caller.user, app_id, pushkey, use->arena, &pusher, &use->err);
    if (found < 0)
        return -1;
    if (!found || (pusher.kind == PUSHER_WEB && !pushing_vapid(use->server->pushing)))
        return err_client(&use->err, 404, "M_NOT_FOUND", "No such pusher of yours");
    return begin(use, &pusher, text);
}
