/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/clamd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/limits.h"

#define LINE_MAX_BYTES 512
#define LOOK_MS        500 /* between two looks at *stop */

struct talk {
    int fd;
    const bool *stop;
    int64_t deadline_ms;
};

static bool is_stopped(const struct talk *talk)
{
    return talk->stop && __atomic_load_n(talk->stop, __ATOMIC_ACQUIRE);
}

/* Waits for one of the events: what poll says of them, or -1. */
static int wait_for(const struct talk *talk, short events, struct err *err)
{
    struct pollfd poll_fd = {.fd = talk->fd, .events = events};
    for (;;) {
        int64_t left = talk->deadline_ms - clock_monotonic_ms();
        if (is_stopped(talk))
            return err_internal(err, "clamd: given up: the server stops");
        if (left <= 0)
            return err_internal(err, "clamd: no progress in time");
        int n = poll(&poll_fd, 1, (int)(left < LOOK_MS ? left : LOOK_MS));
        if (n < 0 && errno != EINTR)
            return err_internal(err, "clamd: poll: %s", strerror(errno));
        if (n > 0)
            return poll_fd.revents;
    }
}

/* ---- sending ---- */

/* What has been taken goes off the front. */
static void advance(struct iovec *parts, size_t n_parts, size_t taken)
{
    for (size_t i = 0; i < n_parts; i++) {
        size_t n = taken < parts[i].iov_len ? taken : parts[i].iov_len;
        parts[i].iov_base = (char *)parts[i].iov_base + n;
        parts[i].iov_len -= n;
        taken -= n;
    }
}

/* 0 all sent; 1 it has something to say before we are done; -1. */
static int send_parts(struct talk *talk, struct iovec *parts, size_t n_parts, struct err *err)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = n_parts};
    while (parts[n_parts - 1].iov_len > 0) {
        talk->deadline_ms = clock_monotonic_ms() + LIMIT_SCAN_PROGRESS_MS;
        int events = wait_for(talk, POLLOUT | POLLIN, err);
        if (events < 0 || events & (POLLIN | POLLHUP | POLLERR))
            return events < 0 ? -1 : 1;
        ssize_t n = sendmsg(talk->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
            return 1; /* its answer may still be there */
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return err_internal(err, "clamd: %s", strerror(errno));
        if (n > 0)
            advance(parts, n_parts, (size_t)n);
    }
    return 0;
}

static int send_str(struct talk *talk, struct str text, struct err *err)
{
    struct iovec part = {(void *)(uintptr_t)text.p, text.n};
    return send_parts(talk, &part, 1, err);
}

/* A piece behind its length, in network order. */
static int send_piece(struct talk *talk, struct str piece, struct err *err)
{
    uint32_t length = htonl((uint32_t)piece.n);
    struct iovec parts[2] = {{&length, sizeof length}, {(void *)(uintptr_t)piece.p, piece.n}};
    return send_parts(talk, parts, piece.n ? 2 : 1, err);
}

/* ---- receiving ---- */

/* One line that ends with a NUL, and nothing after it. */
static int receive_line(struct talk *talk, int64_t timeout_ms, char *line, size_t *ret_n,
                        struct err *err)
{
    size_t n = 0;
    talk->deadline_ms = clock_monotonic_ms() + timeout_ms;
    for (;;) {
        if (wait_for(talk, POLLIN, err) < 0)
            return -1;
        ssize_t got = recv(talk->fd, line + n, LINE_MAX_BYTES - n, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return err_internal(err, "clamd: cut in the middle%s%s", got < 0 ? ": " : "",
                                got < 0 ? strerror(errno) : "");
        const char *end = memchr(line + n, 0, (size_t)got);
        n += (size_t)got;
        if (end && end + 1 == line + n) {
            *ret_n = n - 1;
            return 0;
        }
        if (end || n == LINE_MAX_BYTES)
            return err_internal(err, "clamd: more than one line");
    }
}

int clamd_ask_version(int fd, struct clamd_version *ret_version, struct err *err)
{
    struct talk talk = {.fd = fd};
    char line[LINE_MAX_BYTES];
    size_t n = 0;
    if (send_str(&talk, STR("zVERSION\0"), err) != 0)
        return err->kind != ERR_KIND_NONE ? -1 : err_internal(err, "clamd: it hangs up");
    if (receive_line(&talk, LIMIT_SCAN_PROGRESS_MS, line, &n, err) < 0)
        return -1;
    if (clamd_parse_version(str_make(line, n), ret_version) < 0)
        return err_internal(err, "clamd: VERSION is answered with something else");
    return 0;
}

/* 0 all sent; 1 it speaks before; -1 the scanner; -2 the bytes. */
static int send_all(struct talk *talk, clamd_source source, void *arg, struct err *err)
{
    struct str piece;
    int more;
    int sent = send_str(talk, STR("zINSTREAM\0"), err);
    while (sent == 0 && (more = source(arg, &piece, err)) != 0) {
        if (more < 0)
            return -2;
        for (; sent == 0 && piece.n; piece = str_skip(piece, LIMIT_SCAN_PIECE))
            sent = send_piece(talk, str_first(piece, LIMIT_SCAN_PIECE), err);
    }
    return sent ? sent : send_piece(talk, STR_NONE, err);
}

/* A verdict before the end can only be of a part: it counts when it says that the rest is too
 * much. */
static int check_early(const struct clamd_answer *answer, struct err *err)
{
    if (answer->state == SCAN_NOT_SCANNABLE && answer->cause == SCAN_CAUSE_SIZE)
        return 0;
    return err_internal(err, "clamd: a verdict before it had all the bytes");
}

enum clamd_outcome clamd_scan(int fd, clamd_source source, void *arg, const bool *stop,
                              struct clamd_answer *ret_answer, struct err *err)
{
    struct talk talk = {.fd = fd, .stop = stop};
    struct clamd_answer answer;
    char line[LINE_MAX_BYTES];
    size_t n = 0;
    int sent = send_all(&talk, source, arg, err);
    if (sent < 0)
        return sent == -2 ? CLAMD_SOURCE_FAILED : CLAMD_FAILED;
    if (receive_line(&talk, LIMIT_SCAN_ANSWER_MS, line, &n, err) < 0 ||
        clamd_parse_answer(str_make(line, n), &answer, err) < 0 ||
        (sent == 1 && check_early(&answer, err) < 0))
        return CLAMD_FAILED;
    *ret_answer = answer;
    return CLAMD_ANSWERED;
}
