/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/admin_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "bin/admin_address.h"

/* A peer that says nothing for so long is dropped: others wait behind it. */
#define PEER_SECONDS 5

struct admin_socket {
    int listen_fd, stop_fd, directory_fd;
    void (*answer)(void *arg, struct str request, struct buf *out);
    void *arg;
    pthread_t thread;
};

static bool may_command(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return false;
    return peer.uid == geteuid() || peer.uid == 0;
}

static void serve_peer(struct admin_socket *s, int fd)
{
    struct timeval patience = {.tv_sec = PEER_SECONDS};
    struct buf request, out;
    if (!may_command(fd) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0)
        return;
    buf_init(&request, LIMIT_ADMIN_MESSAGE);
    buf_init(&out, LIMIT_ADMIN_MESSAGE);
    if (admin_receive(fd, &request) == 0) {
        s->answer(s->arg, buf_str(&request), &out);
        if (admin_send(fd, buf_str(&out)) < 0) {
            /* The command is done; whoever asked has gone. */
        }
    }
    mem_wipe(request.p, request.capacity); /* it may hold a password */
    buf_done(&request);
    buf_done(&out);
}

static void *run(void *arg)
{
    struct admin_socket *s = arg;
    struct pollfd fds[] = {{.fd = s->stop_fd, .events = POLLIN},
                           {.fd = s->listen_fd, .events = POLLIN}};
    pthread_setname_np(pthread_self(), "admin");
    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue; /* EINTR */
        if (fds[0].revents)
            return NULL;
        CLEANUP(fd_cleanup) int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            serve_peer(s, fd);
    }
}

static int listen_at(struct admin_socket *s, struct str data_dir)
{
    struct sockaddr_un address;
    s->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    s->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (s->listen_fd < 0 || s->stop_fd < 0 ||
        admin_address(data_dir, &address, &s->directory_fd) < 0)
        return -1;
    if (unlink(address.sun_path) < 0 && errno != ENOENT)
        return -1;
    /* The mode of the descriptor becomes the mode of the name: at no moment is it wider. */
    if (fchmod(s->listen_fd, 0600) < 0 ||
        bind(s->listen_fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return listen(s->listen_fd, 16);
}

static void free_socket(struct admin_socket *s)
{
    fd_cleanup(&s->listen_fd);
    fd_cleanup(&s->stop_fd);
    fd_cleanup(&s->directory_fd);
    mem_free(s);
}

int admin_socket_open(struct str data_dir,
                      void (*answer)(void *arg, struct str request, struct buf *out), void *arg,
                      struct admin_socket **ret_socket, struct err *err)
{
    struct admin_socket *s = MEM_NEW(struct admin_socket);
    *s = (struct admin_socket){
        .listen_fd = -1, .stop_fd = -1, .directory_fd = -1, .answer = answer, .arg = arg};
    if (listen_at(s, data_dir) < 0 || (errno = pthread_create(&s->thread, NULL, run, s)) != 0) {
        err_internal(err, "%s/admin.sock: %s", data_dir.p, strerror(errno));
        free_socket(s);
        return -1;
    }
    *ret_socket = s;
    return 0;
}

void admin_socket_close(struct admin_socket *s)
{
    if (!s)
        return;
    CHECK(eventfd_write(s->stop_fd, 1) == 0);
    CHECK(pthread_join(s->thread, NULL) == 0);
    if (unlinkat(s->directory_fd, "admin.sock", 0) < 0) {
        /* Without a server behind it, the next one replaces it. */
    }
    free_socket(s);
}

/* ---- the other side ---- */

static int exchange(int fd, struct arena *arena, struct str request, struct str *ret_answer)
{
    struct buf answer;
    buf_init(&answer, LIMIT_ADMIN_MESSAGE);
    int result = admin_send(fd, request);
    if (result == 0)
        result = shutdown(fd, SHUT_WR);
    if (result == 0)
        result = admin_receive(fd, &answer);
    if (result == 0)
        *ret_answer = arena_str(arena, buf_str(&answer));
    buf_done(&answer);
    return result;
}

int admin_socket_call(struct str data_dir, struct arena *arena, struct str request,
                      struct str *ret_answer, struct err *err)
{
    struct sockaddr_un address;
    CLEANUP(fd_cleanup) int directory_fd = -1;
    CLEANUP(fd_cleanup) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_internal(err, "socket: %s", strerror(errno));
    if (admin_address(data_dir, &address, &directory_fd) < 0)
        return errno == ENOENT ? 0 : err_internal(err, "%s: %s", data_dir.p, strerror(errno));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return errno == ENOENT || errno == ECONNREFUSED
                   ? 0
                   : err_internal(err, "%s/admin.sock: %s", data_dir.p, strerror(errno));
    if (exchange(fd, arena, request, ret_answer) < 0)
        return err_internal(err, "%s/admin.sock: %s", data_dir.p, strerror(errno));
    if (ret_answer->n == 0)
        return err_internal(err, "%s/admin.sock: the server did not answer", data_dir.p);
    return 1;
}
