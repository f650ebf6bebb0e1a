/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/pieces.h"

#include "base/limits.h"
#include "base/log.h"
#include "service/accounts/sessions.h"

/* What stands ready before the reader is waited for, and what it is given at once. */
#define READY KIB(64)
#define TAKEN KIB(128)

struct pieces {
    struct use use;         /* of the step that runs */
    struct json_writer out; /* into ready */
    struct buf ready;       /* written and not taken yet */
    pieces_step step;
    void (*done)(void *arg);
    void *arg;
    bool more;
    int64_t revocations; /* when its reader was last looked at (sessions.h); -1: not yet */
};

/* In memory of its own. */
static int step_in(struct use *use, struct json_writer *out, pieces_step step, void *arg)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_PIECE_ARENA);
    struct arena *arena = use->arena;
    use->arena = scratch;
    int more = step(use, out, arg);
    use->arena = arena;
    if (more >= 0 && arena_is_over(scratch))
        return err_internal(&use->err, "a piece of an answer needs %zu bytes", arena_used(scratch));
    return more;
}

/* Steps until there is enough for a piece. */
static int make_ready(struct pieces *pieces)
{
    int more = 1;
    while (more > 0 && pieces->ready.n < READY)
        more = step_in(&pieces->use, &pieces->out, pieces->step, pieces->arg);
    if (more >= 0 && buf_is_full(&pieces->ready))
        more = err_internal(&pieces->use.err, "a piece of an answer is too large");
    return more;
}

/* The reader may have been signed out since the last piece. */
static int check_reader(struct pieces *pieces)
{
    struct use *use = &pieces->use;
    int64_t revocations = sessions_count_revocations(use->server);
    if (!use->caller.user || revocations == pieces->revocations)
        return 0;
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_PIECE_ARENA);
    struct arena *arena = use->arena;
    pieces->revocations = revocations;
    use->arena = scratch;
    int status = sessions_expect(use);
    use->arena = arena;
    return status;
}

static void tell_cut(const struct err *err)
{
    log_line(err->kind == ERR_KIND_CLIENT ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "answer_cut",
             "detail", LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
}

/* In a snapshot of its own, at the head of the first. */
static int next_piece(void *arg, struct buf *out, struct err *err)
{
    struct pieces *pieces = arg;
    struct use *use = &pieces->use;
    struct log_position head = use->read.head;
    use->err = ERR_INIT;
    read_begin(use->server->store, &use->read);
    use->read.head = head;
    use->read.fixed = true;
    int more = check_reader(pieces);
    if (more == 0 && pieces->more)
        more = make_ready(pieces);
    read_end(&use->read);
    pieces->more = more > 0;
    if (more < 0) {
        *err = use->err;
        tell_cut(err);
        return -1;
    }
    struct str piece = str_first(buf_str(&pieces->ready), TAKEN);
    buf_add(out, piece);
    buf_consume(&pieces->ready, piece.n);
    return pieces->more || pieces->ready.n > 0;
}

static void pieces_done(void *arg)
{
    struct pieces *pieces = arg;
    buf_done(&pieces->ready);
    if (pieces->done)
        pieces->done(pieces->arg);
}

/* What is written by now is the beginning of the first piece. */
static void go_on_later(struct use *use, struct json_writer *out, const struct pieces *begun)
{
    struct pieces *pieces = ARENA_NEW(use->arena, struct pieces);
    struct buf *answer = http_answer(use->x);
    *pieces = *begun;
    pieces->use = *use;
    pieces->use.read.conn = NULL;
    pieces->out = *out;
    pieces->out.out = &pieces->ready;
    buf_init(&pieces->ready, LIMIT_PIECE_BYTES);
    buf_add(&pieces->ready, buf_str(answer));
    buf_clear(answer);
    http_stream(use->x, -1, next_piece, pieces_done, pieces);
}

int pieces_run(struct use *use, struct json_writer *out, pieces_step step, void (*done)(void *arg),
               void *arg)
{
    const struct pieces pieces = {
        .step = step, .done = done, .arg = arg, .more = true, .revocations = -1};
    int more = 1;
    while (more > 0 && (!use->x || http_answer(use->x)->n < READY))
        more = step_in(use, out, step, arg);
    if (more > 0) {
        go_on_later(use, out, &pieces);
        return USE_DONE;
    }
    if (done)
        done(arg);
    return more;
}
