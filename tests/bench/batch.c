/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/batch.h"

#include "base/clock.h"
#include "base/limits.h"
#include "json/doc.h"

#define WIDTH   16
#define SECONDS 3600

struct run {
    struct bench *bench;
    const struct batch *batch;
    size_t next, left;
    struct err *err;
    bool failed;
};

/* One connection and what it asks just now. */
struct lane {
    struct run *run;
    struct conn *conn;
    struct draft draft;
    size_t i;
};

static void answered(void *owner, const struct answer *answer);

static void ask(void *arg)
{
    struct lane *lane = arg;
    struct request request = {lane->draft.method, buf_str(&lane->draft.path), lane->draft.token,
                              lane->draft.body.n ? buf_str(&lane->draft.body) : STR_NONE};
    conn_ask(lane->conn, &request, 0, answered, lane);
}

static void ask_next(struct lane *lane)
{
    struct run *run = lane->run;
    if (run->next == run->batch->n || run->failed)
        return;
    lane->i = run->next++;
    buf_clear(&lane->draft.path);
    buf_clear(&lane->draft.body);
    lane->draft.method = "POST";
    lane->draft.token = STR_NONE;
    run->batch->write(run->batch->owner, lane->i, &lane->draft);
    ask(lane);
}

static int64_t retry_after_ms(const struct answer *answer)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct err err = ERR_INIT;
    const struct json *doc;
    int64_t ms = 1000;
    if (json_parse(arena, answer->body, &doc, &err) == 0)
        json_as_int(json_find(doc, STR("retry_after_ms")), &ms);
    return ms;
}

static void fail(struct lane *lane, const struct answer *answer)
{
    struct run *run = lane->run;
    if (!run->failed)
        err_internal(run->err, "%s %.*s was answered %d: %.*s", lane->draft.method,
                     STR_ARG(str_first(buf_str(&lane->draft.path), 120)), answer->status,
                     STR_ARG(str_first(answer->body, 100)));
    run->failed = true;
    loop_stop(&run->bench->loop);
}

static void answered(void *owner, const struct answer *answer)
{
    struct lane *lane = owner;
    struct run *run = lane->run;
    if (answer->status == 429) {
        loop_at(&run->bench->loop, clock_monotonic_us() + retry_after_ms(answer) * 1000, ask, lane);
        return;
    }
    if (answer->status != 200 ||
        (run->batch->read && !run->batch->read(run->batch->owner, lane->i, answer))) {
        fail(lane, answer);
        return;
    }
    if (--run->left == 0)
        loop_stop(&run->bench->loop);
    else
        ask_next(lane);
}

int batch_run(struct bench *bench, const struct batch *batch, struct err *err)
{
    struct run run = {bench, batch, 0, batch->n, err, false};
    size_t width = batch->width ? batch->width : WIDTH;
    if (!batch->n)
        return 0;
    if (width > batch->n)
        width = batch->n;
    struct lane *lanes = MEM_NEW_N(width, struct lane);
    for (size_t i = 0; i < width; i++) {
        lanes[i].run = &run;
        lanes[i].conn = conn_new(&bench->loop, &bench->endpoint);
        buf_init(&lanes[i].draft.path, LIMIT_HTTP_REQUEST_LINE);
        buf_init(&lanes[i].draft.body, MIB(8));
        ask_next(&lanes[i]);
    }
    int outcome = run.failed ? -1 : bench_run(bench, "preparing", SECONDS, err);
    for (size_t i = 0; i < width; i++) {
        conn_free(lanes[i].conn);
        buf_done(&lanes[i].draft.path);
        buf_done(&lanes[i].draft.body);
    }
    mem_free(lanes);
    return run.failed ? -1 : outcome;
}

struct one {
    struct bench *bench;
    const char *method;
    struct str path, token, body, answer;
};

static void one_write(void *owner, size_t i, struct draft *draft)
{
    struct one *one = owner;
    (void)i;
    draft->method = one->method;
    draft->token = one->token;
    buf_add(&draft->path, one->path);
    buf_add(&draft->body, one->body);
}

static bool one_read(void *owner, size_t i, const struct answer *answer)
{
    struct one *one = owner;
    (void)i;
    one->answer = arena_str(one->bench->memory, answer->body);
    return true;
}

int batch_one(struct bench *bench, const char *method, struct str path, struct str token,
              struct str body, struct str *ret_body, struct err *err)
{
    struct one one = {bench, method, path, token, body, STR_NONE};
    struct batch batch = {.n = 1, .owner = &one, .write = one_write, .read = one_read};
    if (batch_run(bench, &batch, err) < 0)
        return -1;
    *ret_body = one.answer;
    return 0;
}
