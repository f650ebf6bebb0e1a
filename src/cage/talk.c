/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

/* What the kernel gives anyone for the asking; less is slower, and all. */
#define PIPE_BYTES  MIB(1)
#define PIECE_BYTES KIB(256)

struct line {
    const struct talk *talk;
    int to, from;     /* negative: closed */
    char *piece;      /* of PIECE_BYTES */
    size_t said, n;   /* of the piece: what was written, what is in it */
    int64_t taken;    /* of the source */
    int64_t until_ms; /* on the monotonic clock */
    struct buf *answer;
};

static void close_end(int *fd)
{
    fd_cleanup(fd);
    *fd = -1;
}

/* Milliseconds left, at least 0; what poll takes. */
static int time_left(const struct line *line)
{
    int64_t left = line->until_ms - clock_monotonic_ms();
    return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* ---- to the child ---- */

/* 1: there is something to say; 0: all is said; -1. */
static int next_piece(struct line *line, struct err *err)
{
    const struct cage_source *source = &line->talk->source;
    int64_t left = source->size - line->taken;
    if (line->said < line->n)
        return 1;
    if (left <= 0)
        return 0;
    size_t n = left < (int64_t)PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    ssize_t got = pread(source->fd, line->piece, n, source->offset + line->taken);
    if (got <= 0)
        return err_internal(err, "reading what goes to a child: %s",
                            got < 0 ? strerror(errno) : "shorter than it should be");
    line->said = 0;
    line->n = (size_t)got;
    line->taken += got;
    return 1;
}

/* A child that does not listen may still have something to say. */
static int say(struct line *line, struct err *err)
{
    int more = next_piece(line, err);
    if (more <= 0) {
        close_end(&line->to);
        return more;
    }
    ssize_t n = write(line->to, line->piece + line->said, line->n - line->said);
    if (n > 0)
        line->said += (size_t)n;
    else if (errno != EAGAIN && errno != EINTR)
        close_end(&line->to);
    return 0;
}

/* ---- from the child ---- */

static void listen(struct line *line)
{
    char piece[KIB(16)];
    ssize_t n = read(line->from, piece, sizeof piece);
    if (n > 0)
        buf_add(line->answer, str_make(piece, (size_t)n));
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_end(&line->from);
}

/* Until the child closes its end. */
static int converse(struct line *line, struct err *err)
{
    while (line->from >= 0 && !buf_is_full(line->answer) && time_left(line) > 0) {
        struct pollfd ends[] = {{line->from, POLLIN, 0}, {line->to, POLLOUT, 0}};
        int n = poll(ends, ARRAY_LEN(ends), time_left(line));
        if (n < 0 && errno != EINTR)
            return err_internal(err, "listening to a child: %s", strerror(errno));
        if (n <= 0)
            continue;
        if (ends[0].revents)
            listen(line);
        if (line->to >= 0 && ends[1].revents && say(line, err) < 0)
            return -1;
    }
    return 0;
}

/* It has said all, and may yet linger. Whether it ended in time. */
static bool await_end(const struct line *line, const struct child *child)
{
    struct pollfd end = {child->pidfd, POLLIN, 0};
    int n;
    while ((n = poll(&end, 1, time_left(line))) < 0 && errno == EINTR)
        ;
    return n > 0;
}

static struct talk_end describe(const struct line *line, bool late, int status)
{
    if (buf_is_full(line->answer))
        return (struct talk_end){TALK_FLOODED, 0};
    if (late)
        return (struct talk_end){TALK_LATE, 0};
    if (WIFSIGNALED(status))
        return (struct talk_end){TALK_KILLED, WTERMSIG(status)};
    return (struct talk_end){TALK_ENDED, WEXITSTATUS(status)};
}

/* The child's end blocks, ours does not. */
static int make_pipe(int *ret_read, int *ret_write, int *ours, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_internal(err, "a pipe to a child: %s", strerror(errno));
    (void)fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
    *ret_read = ends[0];
    *ret_write = ends[1];
    CHECK(fcntl(*ours, F_SETFL, O_NONBLOCK) == 0);
    return 0;
}

static int start(struct line *line, struct child *ret_child, struct err *err)
{
    CLEANUP(fd_cleanup) int in = -1;
    CLEANUP(fd_cleanup) int out = -1;
    if (make_pipe(&in, &line->to, &line->to, err) < 0 ||
        make_pipe(&line->from, &out, &line->from, err) < 0)
        return -1;
    return child_start(line->talk->command, in, out, ret_child, err);
}

static int run(struct line *line, struct talk_end *ret_end, struct err *err)
{
    struct child child;
    if (start(line, &child, err) < 0)
        return -1;
    int result = converse(line, err);
    bool over = result < 0 || buf_is_full(line->answer);
    bool in_time = !over && await_end(line, &child) && line->from < 0;
    *ret_end = describe(line, !in_time, child_end(&child));
    return result;
}

int cage_open_bytes(struct str bytes, int *ret_fd, struct err *err)
{
    int fd = memfd_create("source", MFD_CLOEXEC);
    if (fd < 0)
        return err_internal(err, "memory for a child: %s", strerror(errno));
    for (struct str rest = bytes; rest.n;) {
        ssize_t n = write(fd, rest.p, rest.n);
        if (n <= 0) {
            close(fd);
            return err_internal(err, "bytes for a child: %s", strerror(errno));
        }
        rest = str_skip(rest, (size_t)n);
    }
    *ret_fd = fd;
    return 0;
}

int child_talk(const struct talk *talk, struct buf *answer, struct talk_end *ret_end,
               struct err *err)
{
    struct line line = {
        .talk = talk,
        .to = -1,
        .from = -1,
        .piece = mem_new(PIECE_BYTES, 1),
        .until_ms = clock_monotonic_ms() + talk->milliseconds,
        .answer = answer,
    };
    line.n = talk->head.n;
    memcpy(line.piece, talk->head.p, talk->head.n);
    int result = run(&line, ret_end, err);
    close_end(&line.to);
    close_end(&line.from);
    mem_free(line.piece);
    return result;
}
