/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/ask.h"

#include "base/limits.h"

struct asked {
    struct asker *asker;
    struct measure *measure;
    void (*then)(void *owner, const struct answer *answer);
    void *owner;
};

void asker_init(struct asker *asker, struct bench *bench)
{
    *asker = (struct asker){.bench = bench};
    for (size_t i = 0; i < ASKER_CONNS; i++)
        asker->conns[i] = conn_new(&bench->loop, &bench->endpoint);
    buf_init(&asker->draft.path, LIMIT_HTTP_REQUEST_LINE);
    buf_init(&asker->draft.body, KIB(256));
}

void asker_done(struct asker *asker)
{
    for (size_t i = 0; i < ASKER_CONNS; i++)
        conn_free(asker->conns[i]);
    buf_done(&asker->draft.path);
    buf_done(&asker->draft.body);
}

struct draft *asker_draft(struct asker *asker)
{
    buf_clear(&asker->draft.path);
    buf_clear(&asker->draft.body);
    asker->draft.method = "POST";
    asker->draft.token = STR_NONE;
    return &asker->draft;
}

static void answered(void *owner, const struct answer *answer)
{
    struct asked asked = *(struct asked *)owner;
    mem_free(owner);
    bool ok = answer->status == 200;
    if (!ok)
        asked.asker->n_errors++;
    if (asked.measure)
        measure_add(asked.measure, answer->due_us, answer->done_us, ok);
    if (asked.then)
        asked.then(asked.owner, answer);
}

void asker_ask(struct asker *asker, int64_t due_us, struct measure *measure,
               void (*then)(void *owner, const struct answer *answer), void *owner)
{
    struct asked *asked = MEM_NEW(struct asked);
    struct draft *draft = &asker->draft;
    *asked = (struct asked){asker, measure, then, owner};
    struct request request = {draft->method, buf_str(&draft->path), draft->token,
                              draft->body.n ? buf_str(&draft->body) : STR_NONE};
    conn_ask(asker->conns[asker->next++ % ASKER_CONNS], &request, due_us, answered, asked);
}
