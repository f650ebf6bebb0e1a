/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/poll.h"

#include <stdio.h>
#include <string.h>

#include "bench/batch.h"
#include "bench/room.h"

/* Nothing but the token is wanted: no room's timeline, no presence, members as they are needed. */
static const struct str slim = STR_INIT(
    "/_matrix/client/v3/sync?timeout=0&set_presence=offline&filter=%7B%22room%22%3A%7B%22timeline"
    "%22%3A%7B%22limit%22%3A1%7D%2C%22state%22%3A%7B%22lazy_load_members%22%3Atrue%7D%7D%7D");

static bool keep_since(char since[POLL_SINCE_MAX], struct str answer)
{
    struct str next = answer_find_str(answer, STR("next_batch"));
    if (!next.n || next.n >= POLL_SINCE_MAX)
        return false;
    memcpy(since, next.p, next.n);
    since[next.n] = 0;
    return true;
}

static void poll_answered(void *owner, const struct answer *answer)
{
    struct poll *poll = owner;
    poll->n_answers++;
    if (answer->status != 200 || !keep_since(poll->since, answer->body))
        poll->n_errors++;
    else if (poll->answered)
        poll->answered(poll, answer);
    if (!poll->stopped)
        poll_begin(poll);
}

void poll_begin(struct poll *poll)
{
    char path[POLL_SINCE_MAX + 128];
    int n = snprintf(path, sizeof path, "/_matrix/client/v3/sync?timeout=%d&since=%s",
                     poll->timeout_ms, poll->since);
    struct request request = {"GET", poll->since[0] ? str_make(path, (size_t)n) : slim, poll->token,
                              STR_NONE};
    conn_ask(poll->conn, &request, 0, poll_answered, poll);
}

struct reading {
    struct bench *bench;
    const size_t *accounts;
    char (*since)[POLL_SINCE_MAX];
};

static void since_write(void *owner, size_t i, struct draft *draft)
{
    const struct reading *reading = owner;
    draft->method = "GET";
    draft->token = reading->bench->accounts.p[reading->accounts[i]].token;
    buf_add(&draft->path, slim);
}

static bool since_read(void *owner, size_t i, const struct answer *answer)
{
    const struct reading *reading = owner;
    return keep_since(reading->since[i], answer->body);
}

int polls_since(struct bench *bench, const size_t *accounts, size_t n,
                char (*since)[POLL_SINCE_MAX], struct err *err)
{
    struct reading reading = {bench, accounts, since};
    struct batch batch = {
        .n = n, .width = 4, .owner = &reading, .write = since_write, .read = since_read};
    return batch_run(bench, &batch, err);
}

int poll_since(struct bench *bench, size_t account, char since[POLL_SINCE_MAX], struct err *err)
{
    return polls_since(bench, &account, 1, (char(*)[POLL_SINCE_MAX])since, err);
}
