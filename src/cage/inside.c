/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/inside.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "cage/walls.h"

int inside_enter(void)
{
    static const int keep[] = {STDIN_FILENO, STDOUT_FILENO};
    static const struct walls_call calls[] = {{SYS_read, STDIN_FILENO}, {SYS_write, STDOUT_FILENO}};
    static const struct walls walls = {
        .memory = LIMIT_CAGE_MEMORY,
        .cpu_seconds = LIMIT_CAGE_CPU_SECONDS,
        .keep = keep,
        .n_keep = ARRAY_LEN(keep),
        .calls = calls,
        .n_calls = ARRAY_LEN(calls),
    };
    struct err err = ERR_INIT;
    return walls_enter(&walls, &err);
}

/* As many as there are: 0 at the end, -1. */
static ssize_t read_some(void *to, size_t n)
{
    ssize_t got;
    do
        got = read(STDIN_FILENO, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

int inside_read(void *to, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = read_some((char *)to + done, n - done);
        if (got <= 0)
            return -1;
        done += (size_t)got;
    }
    return 0;
}

int inside_read_rest(struct buf *to)
{
    char piece[KIB(16)];
    ssize_t got;
    while ((got = read_some(piece, sizeof piece)) > 0)
        buf_add(to, str_make(piece, (size_t)got));
    return got < 0 || buf_is_full(to) ? -1 : 0;
}

int inside_write(struct str bytes)
{
    while (bytes.n) {
        ssize_t put = write(STDOUT_FILENO, bytes.p, bytes.n);
        if (put < 0 && errno != EINTR)
            return -1;
        if (put > 0)
            bytes = str_skip(bytes, (size_t)put);
    }
    return 0;
}
