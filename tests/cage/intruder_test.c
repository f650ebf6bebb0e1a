/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "cage/message.h"
#include "cage/samples_unit.h"

/* usage: intruder_test PROGRAM
 *
 * What an image that has taken over the decoder could do. `chappe decode` of the release runs under
 * a tracer until it has read the last byte of an image; then its registers are set as code of the
 * image's would set them, and it goes on with another system call than its own. The data of that
 * call (a path, an address) came with the image. Nothing in the program knows of this. */

#define PATH         "/etc/passwd"
#define NEW_FILE     "/tmp/chappe-intruder"
#define SYSCALL_STOP (SIGTRAP | 0x80)

static const char *program;

/* What the image carries behind its end, for the intruder. */
struct luggage {
    char path[32], new_file[32], text[32];
    struct sockaddr_in address;
    char *words[2];
};

struct decoder {
    pid_t pid;
    int to, from;
    size_t size;                    /* of head and image */
    size_t read;                    /* of them, until now */
    unsigned long long image;       /* where it put the image */
    struct user_regs_struct at_end; /* as it was when it had read all */
};

/* ---- a decoder, traced ---- */

static void become_decoder(int in, int out)
{
    char *const words[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "decode", NULL};
    char *const environment[] = {NULL};
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)
        execve(program, words, environment);
    _exit(99);
}

static void make_request(struct buf *out)
{
    struct picture photograph;
    struct luggage luggage = {PATH, NEW_FILE, "x", {.sin_family = AF_INET}, {NULL}};
    struct decode_request request = {.magic = DECODE_REQUEST_MAGIC, .width = 32, .height = 32};
    struct buf image;
    buf_init(&image, MIB(1));
    sample_photograph(64, 48, 1, &photograph);
    sample_jpeg(&photograph, 0, &image);
    buf_add(&image, str_make(&luggage, sizeof luggage));
    request.size = image.n;
    buf_add(out, str_make(&request, sizeof request));
    buf_add(out, buf_str(&image));
    buf_done(&image);
    picture_done(&photograph);
}

/* Stopped at its exec, all of the request in its pipe. */
static struct decoder start(void)
{
    int to[2], from[2], status;
    struct buf request;
    buf_init(&request, MIB(1));
    make_request(&request);
    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        become_decoder(to[0], from[1]);
    close(to[0]);
    close(from[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD),
                     0);
    assert_int_equal(write(to[1], request.p, request.n), (ssize_t)request.n);
    struct decoder decoder = {.pid = pid, .to = to[1], .from = from[0], .size = request.n};
    buf_done(&request);
    return decoder;
}

/* To the next beginning or end of a system call: true, with the registers; false: it ended, with
 * its status. */
static bool step(const struct decoder *decoder, struct user_regs_struct *ret_regs, int *ret_status)
{
    assert_int_equal(ptrace(PTRACE_SYSCALL, decoder->pid, 0, 0), 0);
    assert_int_equal(waitpid(decoder->pid, ret_status, 0), decoder->pid);
    if (!WIFSTOPPED(*ret_status))
        return false;
    assert_int_equal(WSTOPSIG(*ret_status), SYSCALL_STOP);
    assert_int_equal(ptrace(PTRACE_GETREGS, decoder->pid, 0, ret_regs), 0);
    return true;
}

/* The end of the next call, whichever. */
static void finish_call(const struct decoder *decoder, struct user_regs_struct *ret_regs)
{
    int status;
    assert_true(step(decoder, ret_regs, &status)); /* its beginning */
    assert_true(step(decoder, ret_regs, &status)); /* and its end */
}

/* Until it has read the whole image. */
static void run_to_the_end_of_the_image(struct decoder *decoder)
{
    struct user_regs_struct regs;
    while (decoder->read < decoder->size) {
        finish_call(decoder, &regs);
        if (regs.orig_rax != SYS_read || regs.rdi != STDIN_FILENO)
            continue;
        assert_true((long long)regs.rax > 0);
        if (decoder->read == sizeof(struct decode_request))
            decoder->image = regs.rsi;
        decoder->read += (size_t)regs.rax;
    }
    decoder->at_end = regs;
}

static void stop(struct decoder *decoder)
{
    int status;
    if (decoder->pid > 0) {
        kill(decoder->pid, SIGKILL);
        waitpid(decoder->pid, &status, 0);
    }
    close(decoder->to);
    close(decoder->from);
}

/* ---- the intruder ---- */

struct act {
    const char *name;
    long number;
    long long args[6];
};

/* A place in the luggage, as an argument: filled in when the place is known. */
#define IN_LUGGAGE(member) (-1000000 - (long long)offsetof(struct luggage, member))
#define THE_PARENT         (-999999)

static unsigned long long argument(const struct decoder *decoder, long long arg)
{
    if (arg == THE_PARENT)
        return (unsigned long long)getpid();
    if (arg > -1000000)
        return (unsigned long long)arg;
    size_t image = decoder->size - sizeof(struct decode_request);
    return decoder->image + image - sizeof(struct luggage) + (unsigned long long)(-1000000 - arg);
}

/* Makes the call instead of what would come next, from where the last one was made: true, with what
 * it gave; false: it was the end, with the status. */
static bool intrude(const struct decoder *decoder, const struct user_regs_struct *from,
                    const struct act *act, long long *ret_result, int *ret_status)
{
    struct user_regs_struct regs = *from;
    unsigned long long *registers[] = {&regs.rdi, &regs.rsi, &regs.rdx,
                                       &regs.r10, &regs.r8,  &regs.r9};
    regs.rip -= 2; /* the instruction that enters the kernel */
    regs.rax = (unsigned long long)act->number;
    for (size_t i = 0; i < ARRAY_LEN(registers); i++)
        *registers[i] = argument(decoder, act->args[i]);
    assert_int_equal(ptrace(PTRACE_SETREGS, decoder->pid, 0, &regs), 0);
    /* Its beginning and its end; a call that kills has an end too, and nothing after it. */
    if (!step(decoder, &regs, ret_status) || !step(decoder, &regs, ret_status))
        return false;
    *ret_result = (long long)regs.rax;
    return step(decoder, &regs, ret_status);
}

static const struct act acts[] = {
    {"open a file", SYS_open, {IN_LUGGAGE(path), O_RDONLY}},
    {"open a file from here", SYS_openat, {AT_FDCWD, IN_LUGGAGE(path), O_RDONLY}},
    {"make a file", SYS_openat, {AT_FDCWD, IN_LUGGAGE(new_file), O_CREAT | O_WRONLY, 0600}},
    {"remove a file", SYS_unlink, {IN_LUGGAGE(new_file)}},
    {"rename a file", SYS_rename, {IN_LUGGAGE(path), IN_LUGGAGE(new_file)}},
    {"look at a file", SYS_newfstatat, {AT_FDCWD, IN_LUGGAGE(path), IN_LUGGAGE(text), 0}},
    {"read a directory", SYS_getdents64, {0, IN_LUGGAGE(text), 32}},
    {"another root", SYS_chroot, {IN_LUGGAGE(path)}},
    {"mount", SYS_mount, {IN_LUGGAGE(path), IN_LUGGAGE(path)}},
    {"socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
    {"socket of this machine", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
    {"pair of sockets", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, IN_LUGGAGE(text)}},
    {"connect", SYS_connect, {0, IN_LUGGAGE(address), sizeof(struct sockaddr_in)}},
    {"bind", SYS_bind, {0, IN_LUGGAGE(address), sizeof(struct sockaddr_in)}},
    {"send", SYS_sendto, {1, IN_LUGGAGE(text), 1}},
    {"receive a descriptor", SYS_recvmsg, {0, IN_LUGGAGE(text)}},
    {"fork", SYS_fork, {0}},
    {"vfork", SYS_vfork, {0}},
    {"thread", SYS_clone, {CLONE_VM | CLONE_THREAD | CLONE_SIGHAND}},
    {"process", SYS_clone3, {IN_LUGGAGE(text), 64}},
    {"another program", SYS_execve, {IN_LUGGAGE(path), IN_LUGGAGE(words), IN_LUGGAGE(words)}},
    {"trace the parent", SYS_ptrace, {PTRACE_ATTACH, THE_PARENT}},
    {"be traced", SYS_ptrace, {PTRACE_TRACEME}},
    {"kill the parent", SYS_kill, {THE_PARENT, SIGTERM}},
    {"kill the parent by thread", SYS_tgkill, {THE_PARENT, THE_PARENT, SIGTERM}},
    {"kill everybody", SYS_kill, {-1, SIGTERM}},
    {"a signal with data", SYS_rt_sigqueueinfo, {THE_PARENT, SIGTERM, IN_LUGGAGE(text)}},
    {"handle on the parent", SYS_pidfd_open, {THE_PARENT, 0}},
    {"memory of the parent", SYS_process_vm_readv, {THE_PARENT, IN_LUGGAGE(words), 1}},
    {"write to standard error", SYS_write, {2, IN_LUGGAGE(text), 1}},
    {"write to its input", SYS_write, {0, IN_LUGGAGE(text), 1}},
    {"write to a descriptor", SYS_write, {3, IN_LUGGAGE(text), 1}},
    {"read from its output", SYS_read, {1, IN_LUGGAGE(text), 1}},
    {"read from a descriptor", SYS_read, {3, IN_LUGGAGE(text), 1}},
    {"write in pieces", SYS_writev, {1, IN_LUGGAGE(words), 1}},
    {"another number for it", SYS_dup2, {1, 2}},
    {"its flags", SYS_fcntl, {0, F_SETFL, 0}},
    {"a device's call", SYS_ioctl, {0, 0}},
    {"memory with code",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1}},
    {"code of data", SYS_mprotect, {0, 4096, PROT_READ | PROT_EXEC}},
    {"file in memory", SYS_memfd_create, {IN_LUGGAGE(text), 0}},
    {"shared memory", SYS_shmget, {0, 4096, 0600}},
    {"lift a limit", SYS_prlimit64, {0, RLIMIT_NOFILE, IN_LUGGAGE(words)}},
    {"be dumpable", SYS_prctl, {4, 1}},
    {"a filter of its own", SYS_seccomp, {1, 0, IN_LUGGAGE(text)}},
    {"namespaces", SYS_unshare, {CLONE_NEWUSER}},
    {"another user", SYS_setuid, {0}},
    {"capabilities", SYS_capset, {IN_LUGGAGE(text), IN_LUGGAGE(text)}},
    {"queue of calls", SYS_io_uring_setup, {1, IN_LUGGAGE(text)}},
    {"program in the kernel", SYS_bpf, {0, IN_LUGGAGE(text), 32}},
    {"keys", SYS_keyctl, {0, -1}},
    {"who am I", SYS_getpid, {0}},
    {"what time is it", SYS_clock_gettime, {0, IN_LUGGAGE(text)}},
    {"sleep", SYS_nanosleep, {IN_LUGGAGE(text), 0}},
    {"a module", SYS_init_module, {IN_LUGGAGE(text), 32, IN_LUGGAGE(text)}},
};

/* MED-06: whatever else it asks the kernel for is its last. */
static void test_the_intruder_gets_nowhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        long long result = 0;
        int status = 0;
        struct decoder decoder = start();
        run_to_the_end_of_the_image(&decoder);
        bool lives = intrude(&decoder, &decoder.at_end, &acts[i], &result, &status);
        if (lives || !WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
            print_error("%s: %s %lld, status %#x\n", acts[i].name, lives ? "gave" : "ended", result,
                        (unsigned)status);
        assert_false(lives);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
        decoder.pid = -1;
        stop(&decoder);
    }
    assert_int_equal(access(NEW_FILE, F_OK), -1);
}

/* What is left to it: the pipe it answers on. So the tracer does make calls, and they are seen. */
static void test_the_intruder_may_answer(void **state)
{
    static const struct act say = {"answer", SYS_write, {1, IN_LUGGAGE(text), 1}};
    long long result = 0;
    int status;
    char c;
    (void)state;
    struct decoder decoder = start();
    run_to_the_end_of_the_image(&decoder);
    assert_true(intrude(&decoder, &decoder.at_end, &say, &result, &status));
    assert_int_equal(result, 1);
    assert_int_equal(read(decoder.from, &c, 1), 1);
    assert_int_equal(c, 'x');
    stop(&decoder);
}

/* The same calls are let through before there are walls: it is they that stop the intruder. */
static long long call_without_walls(const struct act *act, pid_t *ret_pid)
{
    struct user_regs_struct regs;
    long long result = 0;
    int status;
    struct decoder decoder = start();
    finish_call(&decoder, &regs); /* the first of the program */
    assert_true(intrude(&decoder, &regs, act, &result, &status));
    *ret_pid = decoder.pid;
    stop(&decoder);
    return result;
}

static void test_without_walls_the_same_calls_work(void **state)
{
    static const struct act socket_call = {"socket", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}};
    static const struct act who = {"who am I", SYS_getpid, {0}};
    static const struct act parent = {"signal", SYS_kill, {THE_PARENT, 0}};
    pid_t pid;
    (void)state;
    assert_true(call_without_walls(&socket_call, &pid) >= 0);
    long long said = call_without_walls(&who, &pid);
    assert_int_equal(said, pid);
    assert_int_equal(call_without_walls(&parent, &pid), 0);
}

/* ---- what the kernel says of a decoder that has read its image ---- */

static void read_proc(pid_t pid, const char *what, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t n = read(fd, text, size - 1);
    assert_true(n > 0);
    text[n] = '\0';
}

static void expect_line(const char *text, const char *line)
{
    if (!strstr(text, line))
        print_error("no \"%s\" in:\n%s", line, text);
    assert_non_null(strstr(text, line));
}

static void test_the_kernel_says_so_too(void **state)
{
    char text[8192];
    (void)state;
    struct decoder decoder = start();
    run_to_the_end_of_the_image(&decoder);
    read_proc(decoder.pid, "status", text, sizeof text);
    expect_line(text, "\nThreads:\t1\n");
    expect_line(text, "\nNoNewPrivs:\t1\n");
    expect_line(text, "\nSeccomp:\t2\n");
    expect_line(text, "\nCapPrm:\t0000000000000000\n");
    expect_line(text, "\nCapEff:\t0000000000000000\n");
    read_proc(decoder.pid, "limits", text, sizeof text);
    expect_line(text, "Max address space         268435456            268435456 ");
    expect_line(text, "Max cpu time              5                    6 ");
    expect_line(text, "Max open files            0                    0 ");
    expect_line(text, "Max processes             0                    0 ");
    expect_line(text, "Max file size             0                    0 ");
    expect_line(text, "Max core file size        0                    0 ");
    read_proc(decoder.pid, "oom_score_adj", text, sizeof text);
    assert_string_equal(text, "1000\n");
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)decoder.pid), 10);
    stop(&decoder);
}

/* And without an intruder, the very same run gives a thumbnail. */
static void test_undisturbed_it_answers(void **state)
{
    struct user_regs_struct regs;
    struct decode_answer answer;
    int status = 0;
    (void)state;
    struct decoder decoder = start();
    run_to_the_end_of_the_image(&decoder);
    while (step(&decoder, &regs, &status))
        ;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(read(decoder.from, &answer, sizeof answer), sizeof answer);
    assert_int_equal(answer.magic, DECODE_ANSWER_MAGIC);
    assert_int_equal(answer.status, DECODE_DONE);
    decoder.pid = -1;
    stop(&decoder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undisturbed_it_answers),
        cmocka_unit_test(test_the_kernel_says_so_too),
        cmocka_unit_test(test_without_walls_the_same_calls_work),
        cmocka_unit_test(test_the_intruder_may_answer),
        cmocka_unit_test(test_the_intruder_gets_nowhere),
    };
    if (argc != 2) {
        fprintf(stderr, "usage: %s PROGRAM\n", argv[0]);
        return 64;
    }
    program = argv[1];
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("intruder", tests, NULL, NULL);
}
