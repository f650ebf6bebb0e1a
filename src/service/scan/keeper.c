/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "service/scan/caged.h"

#define LOOK_MS 500 /* between two looks at *stop */

struct keeper {
    const char *key_path;
    pid_t child; /* 0: none */
    int socket;
};

struct keeper *keeper_new(const char *key_path)
{
    struct keeper *keeper = MEM_NEW(struct keeper);
    keeper->key_path = key_path;
    keeper->socket = -1;
    return keeper;
}

static void end_child(struct keeper *keeper)
{
    if (!keeper->child)
        return;
    kill(keeper->child, SIGKILL);
    while (waitpid(keeper->child, NULL, 0) < 0 && errno == EINTR)
        continue;
    fd_cleanup(&keeper->socket);
    keeper->socket = -1;
    keeper->child = 0;
}

void keeper_free(struct keeper *keeper)
{
    if (!keeper)
        return;
    end_child(keeper);
    mem_free(keeper);
}

/* ---- birth ---- */

/* Our own program, whatever has been installed over it since; signals as after login; an empty
 * environment. */
static int spawn(struct keeper *keeper, int socket_of_child, struct err *err)
{
    char *argv[] = {(char *)(uintptr_t) "chappe", (char *)(uintptr_t) "scan",
                    (char *)(uintptr_t)keeper->key_path, NULL};
    char *environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int failed = posix_spawn_file_actions_adddup2(&actions, socket_of_child, CAGED_SOCKET);
    if (!failed)
        failed =
            posix_spawn(&keeper->child, "/proc/self/exe", &actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (!failed)
        return 0;
    keeper->child = 0;
    return err_internal(err, "starting the caged scanner: %s", strerror(failed));
}

static int begin_child(struct keeper *keeper, struct err *err)
{
    int pair[2];
    if (keeper->child)
        return 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return err_internal(err, "starting the caged scanner: %s", strerror(errno));
    int result = spawn(keeper, pair[1], err);
    fd_cleanup(&pair[1]);
    keeper->socket = pair[0];
    if (result < 0) {
        fd_cleanup(&keeper->socket);
        keeper->socket = -1;
    }
    return result;
}

/* ---- a question ---- */

static int send_ask(struct keeper *keeper, const struct scan_ask *ask, int content_fd, int clamd_fd,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf message;
    alignas(struct cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {0};
    const int fds[2] = {content_fd, clamd_fd};
    buf_init(&message, SCAN_ASK_MAX);
    scan_ask_write(&message, ask);
    if (buf_is_full(&message))
        return err_internal(err, "a request that is too long for the caged scanner");
    struct iovec part = {message.p, message.n};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (content_fd >= 0) {
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fds);
        memcpy(CMSG_DATA(c), fds, sizeof fds);
    }
    ssize_t n = sendmsg(keeper->socket, &header, MSG_NOSIGNAL);
    mem_wipe(message.p, message.n); /* it may hold a key in clear */
    return n < 0 ? err_internal(err, "the caged scanner: %s", strerror(errno)) : 0;
}

static int wait_reply(const struct keeper *keeper, int64_t timeout_ms, const bool *stop,
                      struct err *err)
{
    struct pollfd poll_fd = {.fd = keeper->socket, .events = POLLIN};
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
    for (;;) {
        int64_t left = deadline_ms - clock_monotonic_ms();
        if (__atomic_load_n(stop, __ATOMIC_ACQUIRE))
            return err_internal(err, "the caged scanner: the server stops");
        if (left <= 0)
            return err_internal(err, "the caged scanner: no answer in time");
        int n = poll(&poll_fd, 1, (int)(left < LOOK_MS ? left : LOOK_MS));
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return err_internal(err, "the caged scanner: poll: %s", strerror(errno));
    }
}

static int receive_reply(const struct keeper *keeper, struct arena *arena,
                         struct scan_reply *ret_reply, struct err *err)
{
    char message[SCAN_REPLY_MAX];
    ssize_t n = recv(keeper->socket, message, sizeof message, 0);
    if (n <= 0)
        return err_internal(err, "the caged scanner ended");
    if (scan_reply_read(str_make(message, (size_t)n), ret_reply) < 0)
        return err_internal(err, "the caged scanner answers with something else");
    ret_reply->url = arena_str(arena, ret_reply->url);
    ret_reply->detail = arena_str(arena, ret_reply->detail);
    return 0;
}

/* A child that has died since it was last asked has been given nothing: another is started. */
static int hand_over(struct keeper *keeper, const struct scan_ask *ask, int content_fd,
                     int clamd_fd, struct err *err)
{
    for (int tries = 0; tries < 2; tries++) {
        if (begin_child(keeper, err) < 0)
            return -1;
        if (send_ask(keeper, ask, content_fd, clamd_fd, err) == 0)
            return 0;
        end_child(keeper);
    }
    return -1;
}

int keeper_ask(struct keeper *keeper, const struct scan_ask *ask, int content_fd, int clamd_fd,
               int64_t timeout_ms, const bool *stop, struct arena *arena,
               struct scan_reply *ret_reply, struct err *err)
{
    struct scan_reply reply;
    if (hand_over(keeper, ask, content_fd, clamd_fd, err) < 0)
        return -1;
    if (wait_reply(keeper, timeout_ms, stop, err) < 0 ||
        receive_reply(keeper, arena, &reply, err) < 0) {
        end_child(keeper);
        return -1;
    }
    *ret_reply = reply;
    return 0;
}
