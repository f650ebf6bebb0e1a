/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "bench/process.h"

#define READY_MS (5 * 60 * 1000)

extern char **environ;

static int spawn(struct server *server, int out, struct err *err)
{
    const char *words[8 + 2 * SERVER_SET_MAX] = {server->program, "serve", "--data", server->data};
    size_t n = 4;
    for (size_t i = 0; i < server->n_set; i++) {
        words[n++] = "--set";
        words[n++] = server->set[i];
    }
    char log[4096];
    snprintf(log, sizeof log, "%s.log", server->data);
    posix_spawn_file_actions_t actions;
    CHECK(posix_spawn_file_actions_init(&actions) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) == 0);
    CHECK(posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log,
                                           O_WRONLY | O_CREAT | O_APPEND, 0600) == 0);
    int status = posix_spawn(&server->pid, server->program, &actions, NULL,
                             (char *const *)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return status ? err_internal(err, "%s: %s", server->program, strerror(status)) : 0;
}

/* Reads up to the end of the first line. */
static int read_line(int fd, char *line, size_t size)
{
    size_t n = 0;
    int64_t until_ms = clock_monotonic_ms() + READY_MS;
    while (n + 1 < size && (!n || line[n - 1] != '\n')) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int64_t left_ms = until_ms - clock_monotonic_ms();
        if (left_ms <= 0 || poll(&poll_fd, 1, (int)left_ms) <= 0)
            return -1;
        ssize_t got = read(fd, line + n, 1);
        if (got <= 0)
            return -1;
        n += (size_t)got;
    }
    line[n] = 0;
    return 0;
}

static int read_url(struct server *server, int fd, struct err *err)
{
    char line[256] = "";
    struct str rest, word, url;
    if (read_line(fd, line, sizeof line) < 0)
        return err_internal(err, "the server did not start: see %s.log", server->data);
    str_cut(str_from(line), '\n', &rest, &word);
    if (!str_cut(rest, ' ', &word, &url) || !str_eq(word, STR("ready")))
        return err_internal(err, "the server said \"%.*s\"", STR_ARG(rest));
    snprintf(server->url, sizeof server->url, "%.*s", STR_ARG(url));
    return 0;
}

int server_start(struct server *server, struct err *err)
{
    int ends[2];
    if (!server->program)
        return 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_internal(err, "pipe: %s", strerror(errno));
    int64_t begun_us = clock_monotonic_us();
    int outcome = spawn(server, ends[1], err);
    close(ends[1]);
    if (outcome == 0)
        outcome = read_url(server, ends[0], err);
    server->ready_us = clock_monotonic_us() - begun_us;
    close(ends[0]);
    return outcome;
}

int server_stop(struct server *server, struct err *err)
{
    if (!server->program || server->pid <= 0)
        return 0;
    int status = 0;
    kill(server->pid, SIGTERM);
    pid_t ended = waitpid(server->pid, &status, 0);
    server->pid = 0;
    if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_internal(err, "the server ended badly: see %s.log", server->data);
    return 0;
}

int64_t server_disk_bytes(const struct server *server)
{
    return disk_bytes(server->data) + disk_bytes(server->database_directory);
}
