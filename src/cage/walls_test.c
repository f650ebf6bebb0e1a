/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "cage/walls.h"

/* Each test forks a child that builds the walls around itself, and does one thing. */

#define MEMORY MIB(256)

enum { TALK_READ, TALK_WRITE, N_TALK };

struct child {
    pid_t pid;
    int to, from; /* the parent's ends */
};

static void build_walls(int in, int out, unsigned cpu_seconds)
{
    struct err err = ERR_INIT;
    const int keep[] = {in, out}; /* in ascending order: two pipes, made one after the other */
    const struct walls_call calls[] = {{SYS_read, in}, {SYS_write, out}};
    const struct walls walls = {.memory = MEMORY,
                                .cpu_seconds = cpu_seconds,
                                .keep = keep,
                                .n_keep = ARRAY_LEN(keep),
                                .calls = calls,
                                .n_calls = ARRAY_LEN(calls)};
    if (walls_enter(&walls, &err) < 0) {
        dprintf(2, "%s\n", err.detail);
        _exit(99);
    }
}

/* The child runs act(in, out, arg) behind its walls and ends with what that returns. */
static struct child start(int (*act)(int in, int out, const void *arg), const void *arg,
                          unsigned cpu_seconds)
{
    int to[N_TALK], from[N_TALK];
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        build_walls(to[TALK_READ], from[TALK_WRITE], cpu_seconds);
        _exit(act(to[TALK_READ], from[TALK_WRITE], arg));
    }
    close(to[TALK_READ]);
    close(from[TALK_WRITE]);
    return (struct child){pid, to[TALK_WRITE], from[TALK_READ]};
}

static int end(struct child *child)
{
    int status = 0;
    close(child->to);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    close(child->from);
    return status;
}

/* ---- what stays open ---- */

static int echo(int in, int out, const void *arg)
{
    char c;
    (void)arg;
    while (read(in, &c, 1) == 1)
        if (write(out, &c, 1) != 1)
            return 1;
    return 7;
}

static void test_given_descriptors_work(void **state)
{
    char c = 0;
    (void)state;
    struct child child = start(echo, NULL, 5);
    assert_int_equal(write(child.to, "x", 1), 1);
    assert_int_equal(read(child.from, &c, 1), 1);
    assert_int_equal(c, 'x');
    int status = end(&child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

/* ---- what does not ---- */

struct forbidden {
    const char *name;
    long number;
    long args[6];
};

static int do_call(int in, int out, const void *arg)
{
    const struct forbidden *call = arg;
    const long *a = call->args;
    (void)in;
    (void)out;
    syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return 0;
}

static void expect_killed(const char *name, int status)
{
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
        print_error("%s: status %#x\n", name, (unsigned)status);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static const struct sockaddr_in loopback = {.sin_family = AF_INET};
static const char path[] = "/etc/passwd";

#define ADDRESS(p) ((long)(uintptr_t)(p))

static const struct forbidden *forbidden_calls(size_t *ret_n)
{
    static struct forbidden calls[] = {
        {"open a file", SYS_openat, {AT_FDCWD, 0, O_RDONLY}},
        {"make a file", SYS_openat, {AT_FDCWD, 0, O_CREAT | O_WRONLY, 0600}},
        {"remove a file", SYS_unlinkat, {AT_FDCWD, 0}},
        {"execute", SYS_execve, {0, 0, 0}},
        {"socket", SYS_socket, {AF_INET, SOCK_STREAM}},
        {"unix socket", SYS_socket, {AF_UNIX, SOCK_STREAM}},
        {"connect", SYS_connect, {0, 0, sizeof loopback}},
        {"sendto", SYS_sendto, {0}},
        {"recvmsg", SYS_recvmsg, {0}},
        {"fork", SYS_clone, {SIGCHLD}},
        {"clone3", SYS_clone3, {0, 0}},
        {"ptrace", SYS_ptrace, {PTRACE_TRACEME}},
        {"signal to its parent", SYS_kill, {0, 0}},
        {"signal by thread", SYS_tgkill, {0, 0, 0}},
        {"descriptor of a process", SYS_pidfd_open, {0}},
        {"memory of a process", SYS_process_vm_writev, {0}},
        {"read what was not given", SYS_read, {0, 0, 1}},
        {"write what was not given", SYS_write, {1, 0, 1}},
        {"dup", SYS_dup, {0}},
        {"executable memory",
         SYS_mmap,
         {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1}},
        {"file in memory", SYS_memfd_create, {0}},
        {"lift a limit", SYS_prlimit64, {0, RLIMIT_NOFILE}},
        {"prctl", SYS_prctl, {0}},
        {"another filter", SYS_seccomp, {0}},
        {"namespace", SYS_unshare, {0}},
        {"io_uring", SYS_io_uring_setup, {1}},
        {"bpf", SYS_bpf, {0}},
        {"keys", SYS_keyctl, {0}},
        {"user faults", SYS_userfaultfd, {0}},
        {"ioctl", SYS_ioctl, {0}},
        {"nobody's number", 9999, {0}},
    };
    calls[0].args[1] = calls[2].args[1] = calls[3].args[0] = ADDRESS(path);
    calls[1].args[1] = ADDRESS("/tmp/chappe-walls-test");
    calls[6].args[1] = ADDRESS(&loopback);
    calls[12].args[0] = getpid();
    *ret_n = ARRAY_LEN(calls);
    return calls;
}

static void test_forbidden_calls_kill(void **state)
{
    size_t n;
    const struct forbidden *calls = forbidden_calls(&n);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct child child = start(do_call, &calls[i], 5);
        expect_killed(calls[i].name, end(&child));
    }
}

#ifdef __x86_64__
/* getpid as a 32-bit program asks: another table of numbers. */
static int call_32(int in, int out, const void *arg)
{
    long number = 20;
    (void)in;
    (void)out;
    (void)arg;
    __asm__ volatile("int $0x80" : "+a"(number) : : "memory");
    return 0;
}

static void test_other_tables_of_calls_kill(void **state)
{
    /* x32: read, by its number there. */
    const struct forbidden x32 = {"x32", 0x40000000, {0}};
    (void)state;
    struct child child = start(call_32, NULL, 5);
    expect_killed("32-bit call", end(&child));
    child = start(do_call, &x32, 5);
    expect_killed("x32 call", end(&child));
}
#endif

/* ---- limits ---- */

static void *take(size_t n)
{
    return mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int take_memory(int in, int out, const void *arg)
{
    (void)in;
    (void)out;
    (void)arg;
    if (take(MIB(64)) == MAP_FAILED)
        return 1;
    return take(MEMORY - MIB(64)) == MAP_FAILED ? 7 : 2;
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    if (IS_SANITIZED)
        skip();
    struct child child = start(take_memory, NULL, 5);
    int status = end(&child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static int spin(int in, int out, const void *arg)
{
    (void)in;
    (void)out;
    (void)arg;
    for (volatile unsigned i = 1; i != 0; i += 2) /* odd: for ever */
        ;
    return 0;
}

static void test_processor_time_is_bounded(void **state)
{
    (void)state;
    struct child child = start(spin, NULL, 1);
    int status = end(&child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGXCPU);
}

/* ---- as seen from outside ---- */

static int say_and_listen(int in, int out, const void *arg)
{
    char c;
    (void)arg;
    return write(out, "i", 1) == 1 && read(in, &c, 1) == 0 ? 7 : 1;
}

static void expect_status(const char *status, const char *line)
{
    if (!strstr(status, line))
        print_error("no \"%s\" in:\n%s", line, status);
    assert_non_null(strstr(status, line));
}

static void test_status_of_the_child(void **state)
{
    char c, name[64], status[8192];
    (void)state;
    struct child child = start(say_and_listen, NULL, 5);
    assert_int_equal(read(child.from, &c, 1), 1);
    snprintf(name, sizeof name, "/proc/%d/status", (int)child.pid);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    ssize_t n = read(file, status, sizeof status - 1);
    close(file);
    assert_true(n > 0);
    status[n] = '\0';
    expect_status(status, "\nNoNewPrivs:\t1\n");
    expect_status(status, "\nSeccomp:\t2\n");
    expect_status(status, "\nCapPrm:\t0000000000000000\n");
    expect_status(status, "\nCapEff:\t0000000000000000\n");
    assert_int_equal(WEXITSTATUS(end(&child)), 7);
}

/* Closed, not only out of reach: the other end of a pipe sees it. */
static void test_other_descriptors_are_closed(void **state)
{
    int other[N_TALK];
    char c;
    (void)state;
    assert_int_equal(pipe(other), 0);
    struct child child = start(say_and_listen, NULL, 5);
    close(other[TALK_WRITE]);
    assert_int_equal(read(child.from, &c, 1), 1); /* the walls stand */
    assert_int_equal(read(other[TALK_READ], &c, 1), 0);
    close(other[TALK_READ]);
    assert_int_equal(WEXITSTATUS(end(&child)), 7);
}

/* ---- Landlock by itself, where seccomp would not let it be seen ---- */

static int try_landlock(void)
{
    struct err err = ERR_INIT;
    int held = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -1 : walls_landlock(&err);
    if (held <= 0)
        return held < 0 ? 1 : 77;
    if (open(path, O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
        return 2;
    return open("/tmp/chappe-walls-test", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0 ? 7 : 3;
}

static void test_landlock_alone_closes_files(void **state)
{
    int status = 0;
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(try_landlock());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_given_descriptors_work),
        cmocka_unit_test(test_forbidden_calls_kill),
#ifdef __x86_64__
        cmocka_unit_test(test_other_tables_of_calls_kill),
#endif
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_processor_time_is_bounded),
        cmocka_unit_test(test_status_of_the_child),
        cmocka_unit_test(test_other_descriptors_are_closed),
        cmocka_unit_test(test_landlock_alone_closes_files),
    };
    return cmocka_run_group_tests_name("walls", tests, NULL, NULL);
}
