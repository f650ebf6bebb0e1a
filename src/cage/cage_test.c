/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cage/cage.h"
#include "cage/message.h"
#include "cage/samples_unit.h"

/* This program is its own child, as chappe is: by the word it is started with it decodes, or is
 * what a taken-over decoder could be. */

#define A_MOMENT 300   /* milliseconds; for children that never end */
#define LONG     60000 /* for those that do */
#define MANY     1000

extern char **environ;

/* ---- children that do as they like ---- */

static NORETURN void flood(void)
{
    static const char rubbish[65536];
    while (write(STDOUT_FILENO, rubbish, sizeof rubbish) > 0)
        ;
    _exit(0);
}

static NORETURN void be_deaf(void)
{
    for (;;)
        pause();
}

/* Says all it has to say, and stays. */
static NORETURN void linger(void)
{
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    be_deaf();
}

static NORETURN void repeat_all(void)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(STDIN_FILENO, piece, sizeof piece)) > 0)
        if (write(STDOUT_FILENO, piece, (size_t)n) != n)
            break;
    _exit(0);
}

static void print_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (entry->d_name[0] != '.' && strtol(entry->d_name, NULL, 10) != dirfd(directory))
            dprintf(STDOUT_FILENO, "fd %s\n", entry->d_name);
}

static NORETURN void describe_oneself(void)
{
    struct sigaction pipe_action;
    sigset_t blocked;
    print_descriptors();
    for (char **variable = environ; *variable; variable++)
        dprintf(STDOUT_FILENO, "variable %s\n", *variable);
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    sigaction(SIGPIPE, NULL, &pipe_action);
    dprintf(STDOUT_FILENO, "SIGPIPE %s, SIGUSR1 %s\n",
            pipe_action.sa_handler == SIG_DFL ? "default" : "not default",
            sigismember(&blocked, SIGUSR1) ? "blocked" : "open");
    _exit(0);
}

static int be_child(const char *word)
{
    if (strcmp(word, "decode") == 0)
        decode_run();
    if (strcmp(word, "flood") == 0)
        flood();
    if (strcmp(word, "deaf") == 0)
        be_deaf();
    if (strcmp(word, "linger") == 0)
        linger();
    if (strcmp(word, "repeat") == 0)
        repeat_all();
    if (strcmp(word, "describe") == 0)
        describe_oneself();
    if (strcmp(word, "crash") == 0)
        raise(SIGKILL); /* no runtime catches it */
    return 3;
}

/* ---- what must hold of this process, whatever the child did ---- */

static int count_descriptors(void)
{
    int n = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        n++;
    closedir(directory);
    return n;
}

static void expect_no_child(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* As an open file, and its descriptor. */
static struct cage_source source_of(const struct buf *bytes)
{
    int fd = memfd_create("image", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->p, bytes->n), (ssize_t)bytes->n);
    return (struct cage_source){fd, 0, (int64_t)bytes->n};
}

static struct buf new_buf(size_t max)
{
    struct buf buf;
    buf_init(&buf, max);
    return buf;
}

static void zeros(size_t n, struct buf *ret)
{
    *ret = new_buf(n);
    char *at = buf_reserve(ret, n);
    memset(at, 0, n);
    buf_advance(ret, n);
}

/* ---- talking ---- */

static struct talk_end talk_to(const char *word, size_t said, size_t answer_max,
                               int64_t milliseconds, struct buf *answer)
{
    struct buf bytes;
    struct talk_end end;
    struct err err = ERR_INIT;
    int before = count_descriptors();
    zeros(said, &bytes);
    struct cage_source source = source_of(&bytes);
    const struct talk talk = {word, STR("head"), source, milliseconds};
    *answer = new_buf(answer_max);
    assert_int_equal(child_talk(&talk, answer, &end, &err), 0);
    close(source.fd);
    buf_done(&bytes);
    assert_int_equal(count_descriptors(), before);
    expect_no_child();
    return end;
}

static void test_all_is_said_and_heard(void **state)
{
    static const size_t sizes[] = {0, 1, 65536, MIB(3) + 7};
    struct buf answer;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct talk_end end = talk_to("repeat", sizes[i], MIB(8), LONG, &answer);
        assert_int_equal(end.outcome, TALK_ENDED);
        assert_int_equal(end.code, 0);
        assert_int_equal(answer.n, 4 + sizes[i]);
        assert_str(str_first(buf_str(&answer), 4), STR("head"));
        buf_done(&answer);
    }
}

static void test_flood_is_cut(void **state)
{
    struct buf answer;
    (void)state;
    struct talk_end end = talk_to("flood", MIB(8), MIB(1), LONG, &answer);
    assert_int_equal(end.outcome, TALK_FLOODED);
    assert_true(answer.n <= MIB(1));
    buf_done(&answer);
}

static void test_deaf_child_is_ended(void **state)
{
    struct buf answer;
    (void)state;
    struct talk_end end = talk_to("deaf", MIB(8), 64, A_MOMENT, &answer);
    assert_int_equal(end.outcome, TALK_LATE);
    buf_done(&answer);
    end = talk_to("linger", MIB(8), 64, A_MOMENT, &answer);
    assert_int_equal(end.outcome, TALK_LATE);
    buf_done(&answer);
}

static void test_end_is_told(void **state)
{
    struct buf answer;
    (void)state;
    struct talk_end end = talk_to("crash", MIB(8), 64, LONG, &answer);
    assert_int_equal(end.outcome, TALK_KILLED);
    assert_int_equal(end.code, SIGKILL);
    buf_done(&answer);
    end = talk_to("unknown", MIB(8), 64, LONG, &answer);
    assert_int_equal(end.outcome, TALK_ENDED);
    assert_int_equal(end.code, 3);
    buf_done(&answer);
}

/* Descriptors that somebody forgot to close on exec, variables, blocked signals: none of them. */
static void test_nothing_is_inherited(void **state)
{
    struct buf answer;
    sigset_t usr1;
    (void)state;
    int leak = fcntl(STDERR_FILENO, F_DUPFD, 40);
    assert_true(leak >= 40);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    assert_int_equal(setenv("CHAPPE_TEST_SECRET", "x", 1), 0);
    (void)talk_to("describe", 0, MIB(1), LONG, &answer);
    sigprocmask(SIG_UNBLOCK, &usr1, NULL);
    unsetenv("CHAPPE_TEST_SECRET");
    close(leak);
    assert_str(buf_str(&answer), STR("fd 0\nfd 1\nfd 2\nSIGPIPE default, SIGUSR1 open\n"));
    buf_done(&answer);
}

static void test_short_source_is_our_failure(void **state)
{
    struct buf bytes, answer = new_buf(MIB(1));
    struct talk_end end;
    struct err err = ERR_INIT;
    (void)state;
    zeros(100, &bytes);
    struct cage_source source = source_of(&bytes);
    source.size = 101;
    const struct talk talk = {"repeat", STR(""), source, LONG};
    assert_int_equal(child_talk(&talk, &answer, &end, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_INTERNAL);
    close(source.fd);
    buf_done(&bytes);
    buf_done(&answer);
    expect_no_child();
}

/* ---- the end of the parent ---- */

/* Whether the child has its limits, which it sets after it has asked to end with its parent: 1; 0
 * not yet; -1 it is gone. */
static int has_limits(pid_t pid)
{
    char path[64], limits[4096];
    snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
    CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, limits, sizeof limits - 1);
    limits[n < 0 ? 0 : n] = '\0';
    return strstr(limits, "Max open files            0  ") != NULL;
}

/* Starts a decoder, and is killed once that waits for its image. */
static NORETURN void be_parent(int in, int out)
{
    struct child child;
    struct err err = ERR_INIT;
    if (child_start("decode", in, out, &child, &err) < 0)
        _exit(1);
    struct pollfd ended = {child.pidfd, POLLIN, 0};
    while (!has_limits(child.pid))
        if (poll(&ended, 1, 1) != 0)
            _exit(2);
    raise(SIGKILL);
    _exit(3);
}

/* We hold the writing end, so that the decoder does not end for want of an image. */
static void test_child_ends_with_its_parent(void **state)
{
    int to[2], from[2], status = 0;
    char c;
    (void)state;
    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0)
        be_parent(to[0], from[1]);
    close(from[1]);
    assert_int_equal(waitpid(parent, &status, 0), parent);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(read(from[0], &c, 1), 0); /* nobody has the other end any more */
    close(to[0]);
    close(to[1]);
    close(from[0]);
}

/* ---- answers of a decoder that is not ours any more ---- */

static struct decode_answer good_answer(size_t body)
{
    return (struct decode_answer){
        DECODE_ANSWER_MAGIC, DECODE_DONE, IMAGE_FORMAT_JPEG, 32, 20, 1, body};
}

static int parse(const struct decode_answer *head, struct str body, bool animated)
{
    const struct thumbnail_wish wish = {32, 32, THUMBNAIL_SCALE, animated};
    struct decode_answer answer;
    struct buf bytes = new_buf(LIMIT_THUMBNAIL_BYTES * 2);
    struct str out;
    buf_add(&bytes, str_make(head, sizeof *head));
    buf_add(&bytes, body);
    int result = decode_answer_parse(buf_str(&bytes), &wish, &answer, &out);
    assert_true(result < 0 || out.n == head->size);
    buf_done(&bytes);
    return result;
}

#define A_JPEG STR("\xff\xd8\xff\xe0")
#define A_WEBP STR("RIFF\0\0\0\0WEBP")

static void test_lies_are_not_believed(void **state)
{
    struct decode_answer head = good_answer(4);
    (void)state;
    assert_int_equal(parse(&head, A_JPEG, false), 0);
    assert_int_equal(parse(&head, STR("<svg"), false), -1);
    assert_int_equal(parse(&head, STR("\xff\xd8\xff\xe0\0"), false), -1);
    assert_int_equal(parse(&head, STR("\xff\xd8\xff"), false), -1);
#define LIE(member, value)                                                                         \
    head = good_answer(4);                                                                         \
    head.member = (value);                                                                         \
    assert_int_equal(parse(&head, A_JPEG, true), -1)
    LIE(magic, 0);
    LIE(status, DECODE_STATUS_COUNT);
    LIE(status, UINT32_MAX);
    LIE(status, DECODE_BROKEN); /* with a picture */
    LIE(format, IMAGE_FORMAT_PNG);
    LIE(format, IMAGE_FORMAT_GIF);
    LIE(format, IMAGE_FORMAT_NONE);
    LIE(format, UINT32_MAX);
    LIE(width, 0);
    LIE(width, 33);
    LIE(height, UINT32_MAX);
    LIE(frames, 0);
    LIE(frames, 2);
    LIE(size, 3);
    LIE(size, UINT64_MAX);
#undef LIE
    head = good_answer(12);
    head.format = IMAGE_FORMAT_WEBP;
    head.frames = 2;
    assert_int_equal(parse(&head, A_WEBP, true), 0);
    assert_int_equal(parse(&head, A_WEBP, false), -1);
    head.frames = LIMIT_ANIMATION_FRAMES + 1;
    assert_int_equal(parse(&head, A_WEBP, true), -1);
}

/* ---- images ---- */

static const struct thumbnail_wish wish_small = {32, 32, THUMBNAIL_SCALE, false};

/* The HTTP status it is answered with; 200 for a thumbnail, 500 for our own failure. */
static int thumbnail_of(const struct buf *image, const struct thumbnail_wish *wish,
                        struct err *ret_err)
{
    struct thumbnail thumbnail = {0};
    struct cage_source source = source_of(image);
    *ret_err = ERR_INIT;
    int result = cage_thumbnail(&source, wish, &thumbnail, ret_err);
    close(source.fd);
    thumbnail_done(&thumbnail);
    return result == 0 ? 200 : ret_err->kind == ERR_KIND_CLIENT ? ret_err->status : 500;
}

static void expect_answer(const struct buf *image, int status, const char *errcode)
{
    struct err err;
    assert_int_equal(thumbnail_of(image, &wish_small, &err), status);
    assert_string_equal(err.detail, "");
    if (errcode)
        assert_string_equal(err.errcode, errcode);
}

static void test_image_through_the_cage(void **state)
{
    struct picture photograph;
    struct buf image = new_buf(MIB(16)), rubbish = new_buf(64);
    (void)state;
    sample_photograph(640, 480, 3, &photograph);
    sample_jpeg(&photograph, 0, &image);
    expect_answer(&image, 200, NULL);
    buf_truncate(&image, image.n / 2);
    expect_answer(&image, 400, "M_UNKNOWN");
    buf_add(&rubbish, STR("%PDF-1.4"));
    expect_answer(&rubbish, 400, "M_UNKNOWN");
    picture_done(&photograph);
    buf_done(&image);
    buf_done(&rubbish);
}

/* The codecs that print and read moving pictures do so behind the walls too. */
static void test_moving_image_through_the_cage(void **state)
{
    static const struct thumbnail_wish moving = {32, 32, THUMBNAIL_SCALE, true};
    struct buf images[] = {new_buf(MIB(1)), new_buf(MIB(1))};
    (void)state;
    sample_gif(60, 40, 4, &images[0]);
    sample_moving_webp(60, 40, 4, &images[1]);
    for (size_t i = 0; i < ARRAY_LEN(images); i++) {
        struct thumbnail thumbnail = {0};
        struct err err = ERR_INIT;
        struct cage_source source = source_of(&images[i]);
        assert_int_equal(cage_thumbnail(&source, &moving, &thumbnail, &err), 0);
        assert_int_equal(thumbnail.format, IMAGE_FORMAT_WEBP);
        assert_int_equal(thumbnail.frames, 4);
        close(source.fd);
        thumbnail_done(&thumbnail);
        buf_done(&images[i]);
    }
}

/* A file that holds others: only the stretch that is asked for is read, and its place kept. */
static void test_stretch_of_a_file(void **state)
{
    struct picture quarters;
    struct thumbnail thumbnail = {0};
    struct err err = ERR_INIT;
    struct buf all = new_buf(MIB(1)), png = new_buf(MIB(1));
    (void)state;
    sample_quarters(8, 8, true, &quarters);
    sample_png(&quarters, 0, &png);
    buf_add(&all, STR("before"));
    buf_add(&all, buf_str(&png));
    buf_add(&all, STR("after"));
    struct cage_source source = source_of(&all);
    source.offset = 6;
    source.size = (int64_t)png.n;
    assert_int_equal(lseek(source.fd, 3, SEEK_SET), 3);
    assert_int_equal(cage_thumbnail(&source, &wish_small, &thumbnail, &err), 0);
    assert_int_equal(lseek(source.fd, 0, SEEK_CUR), 3);
    assert_int_equal(thumbnail.format, IMAGE_FORMAT_PNG);
    assert_int_equal(thumbnail.width, 8);
    close(source.fd);
    thumbnail_done(&thumbnail);
    picture_done(&quarters);
    buf_done(&all);
    buf_done(&png);
}

/* ---- several at once: each hears its own ---- */

#define AT_ONCE 6
#define EACH    8

static void *make_some(void *arg)
{
    unsigned side = 10 + (unsigned)(uintptr_t)arg;
    struct picture quarters;
    struct buf png = new_buf(MIB(1));
    uintptr_t good = 0;
    sample_quarters(side, side, true, &quarters);
    sample_png(&quarters, 0, &png);
    for (int i = 0; i < EACH; i++) {
        struct thumbnail thumbnail = {0};
        struct err err = ERR_INIT;
        struct cage_source source = source_of(&png);
        if (cage_thumbnail(&source, &wish_small, &thumbnail, &err) == 0)
            good += thumbnail.width == side && thumbnail.height == side;
        close(source.fd);
        thumbnail_done(&thumbnail);
    }
    picture_done(&quarters);
    buf_done(&png);
    return (void *)good;
}

static void test_several_at_once(void **state)
{
    pthread_t threads[AT_ONCE];
    (void)state;
    int before = count_descriptors();
    for (uintptr_t i = 0; i < AT_ONCE; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_some, (void *)i), 0);
    for (size_t i = 0; i < AT_ONCE; i++) {
        void *good;
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_int_equal((uintptr_t)good, EACH);
    }
    assert_int_equal(count_descriptors(), before);
    expect_no_child();
}

/* A signal that interrupts whatever waits: nothing is lost by it. */
static void on_alarm(int number)
{
    (void)number;
}

static void test_interruptions(void **state)
{
    const struct itimerval often = {{0, 500}, {0, 500}}, never = {0};
    struct sigaction interrupt = {.sa_handler = on_alarm}, before; /* no SA_RESTART */
    struct buf answer;
    (void)state;
    assert_int_equal(sigaction(SIGALRM, &interrupt, &before), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    struct talk_end end = talk_to("repeat", MIB(3), MIB(8), LONG, &answer);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    assert_int_equal(end.outcome, TALK_ENDED);
    assert_int_equal(answer.n, 4 + MIB(3));
    buf_done(&answer);
}

/* ---- out of descriptors: at each step of the way there is one less than it takes ---- */

static void test_descriptors_run_out(void **state)
{
    struct picture quarters;
    struct rlimit before;
    struct buf image = new_buf(MIB(1));
    struct err err = ERR_INIT;
    unsigned failures = 0;
    int result = -1;
    (void)state;
    sample_quarters(8, 8, true, &quarters);
    sample_png(&quarters, 0, &image);
    struct cage_source source = source_of(&image);
    int open_now = count_descriptors();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    /* All below the limit are in use but `spare`. */
    for (int spare = 0; spare < 64 && result < 0; spare++) {
        struct thumbnail thumbnail = {0};
        struct rlimit less = {(rlim_t)(source.fd + 1 + spare), before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &less), 0);
        result = cage_thumbnail(&source, &wish_small, &thumbnail, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_true(result == 0 || err.kind == ERR_KIND_INTERNAL);
        assert_int_equal(count_descriptors(), open_now);
        expect_no_child();
        failures += result < 0;
        thumbnail_done(&thumbnail);
    }
    assert_int_equal(result, 0);
    assert_true(failures > 4); /* two pipes of two ends, and more */
    close(source.fd);
    picture_done(&quarters);
    buf_done(&image);
}

/* A PNG of 100 million pixels, which is as large as is admitted, in 400 KB: it takes its time and
 * no memory to speak of. One pixel more is refused. MED-04. */
static void zeros_png(unsigned width, unsigned height, struct buf *out)
{
    struct buf body = new_buf(MIB(8));
    unsigned char head[] = {(unsigned char)(width >> 24),
                            (unsigned char)(width >> 16),
                            (unsigned char)(width >> 8),
                            (unsigned char)width,
                            (unsigned char)(height >> 24),
                            (unsigned char)(height >> 16),
                            (unsigned char)(height >> 8),
                            (unsigned char)height,
                            1,
                            0,
                            0,
                            0,
                            0}; /* one bit of grey */
    size_t row = 1 + ((size_t)width + 7) / 8;
    buf_add(out, STR("\x89PNG\r\n\x1a\n"));
    sample_png_chunk("IHDR", str_make(head, sizeof head), out);
    sample_deflated_zeros(row * height + 258, &body);
    sample_png_chunk("IDAT", buf_str(&body), out);
    sample_png_chunk("IEND", STR(""), out);
    buf_done(&body);
}

static void test_limits_of_size(void **state)
{
    struct buf bomb = new_buf(MIB(8)), large;
    (void)state;
    zeros_png(50000, 50000, &bomb);
    expect_answer(&bomb, 413, "M_TOO_LARGE");
    buf_done(&bomb);
    bomb = new_buf(MIB(8));
    zeros_png(10001, 10000, &bomb);
    expect_answer(&bomb, 413, "M_TOO_LARGE");
    buf_done(&bomb);
    zeros(LIMIT_IMAGE_BYTES + 1, &large);
    expect_answer(&large, 413, "M_TOO_LARGE");
    buf_done(&large);
}

static void test_largest_image(void **state)
{
    struct buf image = new_buf(MIB(8));
    (void)state;
    if (IS_SANITIZED) /* its processor time is the release's */
        skip();
    zeros_png(10000, 10000, &image);
    expect_answer(&image, 200, NULL);
    buf_done(&image);
}

/* ---- a thousand hostile images: mutations of small ones, from a seed (MED-06) ---- */

#define N_SEEDS 10

static void make_seeds(struct buf seeds[N_SEEDS])
{
    struct picture quarters, photograph;
    struct buf exif = new_buf(64), plain = new_buf(MIB(1));
    for (size_t i = 0; i < N_SEEDS; i++)
        seeds[i] = new_buf(MIB(1));
    sample_quarters(24, 18, true, &quarters);
    sample_photograph(40, 30, 7, &photograph);
    sample_jpeg(&photograph, SAMPLE_PROGRESSIVE, &seeds[0]);
    sample_jpeg(&photograph, SAMPLE_INKS, &seeds[1]);
    sample_jpeg(&photograph, SAMPLE_APART, &plain);
    sample_exif(6, true, &exif);
    sample_jpeg_with_exif(buf_str(&plain), buf_str(&exif), &seeds[2]);
    sample_png(&quarters, 0, &seeds[3]);
    sample_png(&photograph, SAMPLE_INTERLACED | SAMPLE_16, &seeds[4]);
    sample_gif(24, 18, 4, &seeds[5]);
    sample_gif(3, 3, 1, &seeds[6]);
    sample_webp(&photograph, false, &seeds[7]);
    sample_webp(&quarters, true, &seeds[8]);
    sample_moving_webp(24, 18, 3, &seeds[9]);
    picture_done(&quarters);
    picture_done(&photograph);
    buf_done(&exif);
    buf_done(&plain);
}

static size_t below(uint64_t *random, size_t n)
{
    return n ? (size_t)(sample_next(random) % n) : 0;
}

/* Bits turned, bytes of the kind that lengths are made of, a stretch said twice or left out, the
 * tail of another image. The first bytes stay: what is refused at them tells nothing. */
static void mutate(struct buf *image, const struct buf *other, uint64_t *random)
{
    static const unsigned char edges[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
    size_t keep = 12, at = keep + below(random, image->n - keep);
    size_t n = below(random, image->n - at);
    switch (below(random, 6)) {
    case 0:
        image->p[at] = (char)(image->p[at] ^ (1 << below(random, 8)));
        break;
    case 1:
        image->p[at] = (char)edges[below(random, sizeof edges)];
        break;
    case 2:
        memset(image->p + at, edges[below(random, sizeof edges)], n < 4 ? n : 4);
        break;
    case 3:
        buf_truncate(image, at + 1);
        break;
    case 4: {
        struct buf copy = new_buf(MIB(1));
        buf_add(&copy, str_make(image->p + at, n));
        buf_add(image, buf_str(&copy));
        buf_done(&copy);
        break;
    }
    default:
        buf_truncate(image, at);
        buf_add(image, str_skip(buf_str(other), below(random, other->n)));
    }
}

static void hostile_image(const struct buf seeds[N_SEEDS], uint64_t number, struct buf *ret)
{
    uint64_t random = number;
    const struct buf *seed = &seeds[below(&random, N_SEEDS)];
    *ret = new_buf(MIB(1));
    buf_add(ret, buf_str(seed));
    for (size_t n = 1 + below(&random, 4); n > 0 && ret->n > 16; n--)
        mutate(ret, &seeds[below(&random, N_SEEDS)], &random);
}

static void test_a_thousand_hostile_images(void **state)
{
    struct buf seeds[N_SEEDS];
    struct err err;
    unsigned made = 0, refused = 0, killed = 0;
    (void)state;
    make_seeds(seeds);
    int before = count_descriptors();
    for (uint64_t i = 0; i < MANY; i++) {
        const struct thumbnail_wish wish = {8, 8, i & 1 ? THUMBNAIL_CROP : THUMBNAIL_SCALE, i & 2};
        struct buf image;
        hostile_image(seeds, i, &image);
        int status = thumbnail_of(&image, &wish, &err);
        assert_true(status == 200 || status == 400 || status == 413);
        made += status == 200;
        refused += status != 200;
        killed += err.detail[0] != '\0';
        buf_done(&image);
    }
    print_message("%u made, %u refused, of which %u by the death of a child\n", made, refused,
                  killed);
    assert_true(made > 0 && refused > MANY / 4);
    /* Whatever became of the children, nothing of them is left here. */
    assert_int_equal(count_descriptors(), before);
    expect_no_child();
    for (size_t i = 0; i < N_SEEDS; i++) {
        expect_answer(&seeds[i], 200, NULL);
        buf_done(&seeds[i]);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_said_and_heard),
        cmocka_unit_test(test_flood_is_cut),
        cmocka_unit_test(test_deaf_child_is_ended),
        cmocka_unit_test(test_end_is_told),
        cmocka_unit_test(test_nothing_is_inherited),
        cmocka_unit_test(test_short_source_is_our_failure),
        cmocka_unit_test(test_child_ends_with_its_parent),
        cmocka_unit_test(test_lies_are_not_believed),
        cmocka_unit_test(test_image_through_the_cage),
        cmocka_unit_test(test_moving_image_through_the_cage),
        cmocka_unit_test(test_stretch_of_a_file),
        cmocka_unit_test(test_several_at_once),
        cmocka_unit_test(test_interruptions),
        cmocka_unit_test(test_descriptors_run_out),
        cmocka_unit_test(test_limits_of_size),
        cmocka_unit_test(test_largest_image),
        cmocka_unit_test(test_a_thousand_hostile_images),
    };
    if (argc > 1)
        return be_child(argv[1]);
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("cage", tests, NULL, NULL);
}
