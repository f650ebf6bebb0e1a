/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/writer.h"

#include "base/limits.h"
#include "bench/room.h"

void writer_init(struct writer *writer, struct bench *bench, struct measure *measure,
                 size_t account, struct str room)
{
    *writer = (struct writer){
        .bench = bench, .measure = measure, .account = account, .room = room, .left = UINT64_MAX};
    writer->conn = conn_new(&bench->loop, &bench->endpoint);
    buf_init(&writer->draft.path, LIMIT_HTTP_REQUEST_LINE);
    buf_init(&writer->draft.body, KIB(64));
}

void writer_done(struct writer *writer)
{
    conn_free(writer->conn);
    buf_done(&writer->draft.path);
    buf_done(&writer->draft.body);
}

static void answered(void *owner, const struct answer *answer)
{
    struct writer *writer = owner;
    measure_add(writer->measure, answer->due_us, answer->done_us, answer->status == 200);
    if (writer->left != UINT64_MAX)
        writer->left--;
    writer_begin(writer);
}

void writer_begin(struct writer *writer)
{
    struct draft *draft = &writer->draft;
    if (writer->stopped || !writer->left)
        return;
    buf_clear(&draft->path);
    buf_clear(&draft->body);
    message_write(writer->bench, writer->room, 0, draft);
    struct request request = {draft->method, buf_str(&draft->path),
                              writer->bench->accounts.p[writer->account].token,
                              buf_str(&draft->body)};
    conn_ask(writer->conn, &request, 0, answered, writer);
}
