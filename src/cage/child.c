/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"

static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    CHECK(posix_spawnattr_setsigmask(attributes, &none) == 0);
    CHECK(posix_spawnattr_setsigdefault(attributes, &all) == 0);
    CHECK(posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) ==
          0);
}

/* in and out are above 2, so that neither is overwritten before it is used. 0 or an errno. */
static int spawn(const char *command, int in, int out, pid_t *ret_pid)
{
    char *const words[] = {(char *)(uintptr_t) "chappe", (char *)(uintptr_t)command, NULL};
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    CHECK(posix_spawnattr_init(&attributes) == 0);
    set_attributes(&attributes);
    failed = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (!failed)
        failed = posix_spawn(ret_pid, "/proc/self/exe", &actions, &attributes, words, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

int child_start(const char *command, int in, int out, struct child *ret_child, struct err *err)
{
    struct child child;
    CLEANUP(fd_cleanup) int high_in = fcntl(in, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    CLEANUP(fd_cleanup) int high_out = fcntl(out, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (high_in < 0 || high_out < 0)
        return err_internal(err, "a child's descriptors: %s", strerror(errno));
    int failed = spawn(command, high_in, high_out, &child.pid);
    if (failed)
        return err_internal(err, "starting a child: %s", strerror(failed));
    /* Nobody else waits for it, so that the number is its own until we do. */
    child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
    if (child.pidfd < 0) {
        (void)err_internal(err, "watching a child: %s", strerror(errno));
        (void)child_end(&child);
        return -1;
    }
    *ret_child = child;
    return 0;
}

int child_end(struct child *child)
{
    int status = 0;
    (void)kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    fd_cleanup(&child->pidfd);
    child->pid = -1;
    return status;
}
