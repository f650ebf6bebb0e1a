/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/clamd.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/unit.h"

/* ---- its words ---- */

static void test_versions(void **state)
{
    static const char *const bad[] = {
        "",
        "ClamAV",
        "ClamAV ",
        "clamav 1.4.6",
        "ClamAV 1.4.6\n",
        "ClamAV 1.4 6",
        "ClamAV 1.4.6/27800",
        "ClamAV 1.4.6/x/Fri Nov 27 09:00:00 2026",
        "ClamAV 1.4.6/27800/Fri Nov 27 09:00:00 2026 ",
        "ClamAV 1.4.6/27800/2026-11-27 09:00:00",
        "ClamAV 1.4.6/27800/Fri Nov 27 09:00:00 1969",
        "ClamAV /27800/Fri Nov 27 09:00:00 2026",
    };
    struct clamd_version version;
    (void)state;
    assert_int_equal(clamd_parse_version(STR("ClamAV 1.4.6"), &version), 0);
    assert_int_equal(version.signature_ms, 0);
    assert_int_equal(
        clamd_parse_version(STR("ClamAV 1.4.6/27800/Fri Nov 27 09:00:00 2026"), &version), 0);
    assert_int_equal(version.signature_ms, INT64_C(1795770000000));
    assert_int_equal(
        clamd_parse_version(STR("ClamAV 1.5.0-rc/1/Thu Nov  5 00:00:01 2026"), &version), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (clamd_parse_version(str_from(bad[i]), &version) == 0)
            fail_msg("taken: \"%s\"", bad[i]);
}

struct answer_case {
    const char *line;
    enum scan_state state;
    enum scan_cause cause;
};

static void test_answers(void **state)
{
    static const struct answer_case cases[] = {
        {"stream: OK", SCAN_CLEAN, SCAN_CAUSE_NONE},
        {"stream: Eicar-Signature FOUND", SCAN_INFECTED, SCAN_CAUSE_NONE},
        {"stream: Chappe.Test.EICAR.UNOFFICIAL FOUND", SCAN_INFECTED, SCAN_CAUSE_NONE},
        {"stream: Heuristics.Phishing.Email FOUND", SCAN_INFECTED, SCAN_CAUSE_NONE},
        {"stream: Heuristics.Encrypted.Zip FOUND", SCAN_NOT_SCANNABLE, SCAN_CAUSE_PASSWORD},
        {"stream: Heuristics.Encrypted.PDF FOUND", SCAN_NOT_SCANNABLE, SCAN_CAUSE_PASSWORD},
        {"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", SCAN_NOT_SCANNABLE,
         SCAN_CAUSE_SIZE},
        {"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND", SCAN_NOT_SCANNABLE,
         SCAN_CAUSE_SIZE},
        {"stream: Heuristics.Limits.Exceeded.MaxScanTime FOUND", SCAN_NOT_SCANNABLE,
         SCAN_CAUSE_TIME},
        {"stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND", SCAN_NOT_SCANNABLE,
         SCAN_CAUSE_DEPTH},
        {"stream: Heuristics.Limits.Exceeded.MaxFiles FOUND", SCAN_NOT_SCANNABLE, SCAN_CAUSE_DEPTH},
        {"stream: Heuristics.Limits.Exceeded FOUND", SCAN_NOT_SCANNABLE, SCAN_CAUSE_DEPTH},
        {"INSTREAM size limit exceeded. ERROR", SCAN_NOT_SCANNABLE, SCAN_CAUSE_SIZE},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct clamd_answer answer;
        struct err err = ERR_INIT;
        assert_int_equal(clamd_parse_answer(str_from(cases[i].line), &answer, &err), 0);
        assert_int_equal(answer.state, cases[i].state);
        assert_int_equal(answer.cause, cases[i].cause);
    }
}

static void test_what_is_no_verdict(void **state)
{
    static const char *const bad[] = {
        "",
        "OK",
        "stream:OK",
        "stream: OK ",
        "stream: ok",
        "stream: OK\nstream: OK",
        "stream:  FOUND",
        "stream: FOUND",
        "stream: two words FOUND",
        "stream: Name FOUND ",
        "stream: Can't allocate memory ERROR",
        "stream: OK ERROR",
        "INSTREAM size limit exceeded. ERROR ",
        "UNKNOWN COMMAND",
        "stream: \xc3\xa9 FOUND",
        "/etc/passwd: OK",
    };
    char longest[600] = "stream: ";
    struct clamd_answer answer = {.state = SCAN_FAILED};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = ERR_INIT;
        if (clamd_parse_answer(str_from(bad[i]), &answer, &err) == 0)
            fail_msg("taken: \"%s\"", bad[i]);
        assert_int_equal(err.kind, ERR_KIND_INTERNAL);
    }
    struct err err = ERR_INIT;
    memset(longest + 8, 'a', 128);
    memcpy(longest + 136, " FOUND", 6);
    assert_int_equal(clamd_parse_answer(str_make(longest, 142), &answer, &err), -1);
    assert_int_equal(clamd_parse_answer(str_make(longest + 0, 8), &answer, &err), -1);
    assert_int_equal(answer.state, SCAN_FAILED);
}

/* ---- the other end, as hostile as it likes ---- */

struct fake {
    int fd;
    size_t read_first; /* bytes read before it speaks; SIZE_MAX: to the last empty piece */
    struct str says;
    bool drip; /* one byte a write */
    bool hangs_up;
    struct buf got;
};

static bool ended(const struct buf *got)
{
    return got->n >= 14 && memcmp(got->p + got->n - 4, "\0\0\0\0", 4) == 0;
}

static void listen_first(struct fake *fake)
{
    char piece[4096];
    while (fake->read_first == SIZE_MAX ? !ended(&fake->got) : fake->got.n < fake->read_first) {
        ssize_t n = read(fake->fd, piece, sizeof piece);
        if (n <= 0)
            return;
        buf_add(&fake->got, str_make(piece, (size_t)n));
    }
}

static void *fake_main(void *arg)
{
    struct fake *fake = arg;
    size_t step = fake->drip ? 1 : fake->says.n;
    listen_first(fake);
    for (size_t at = 0; at < fake->says.n; at += step)
        if (send(fake->fd, fake->says.p + at, step, MSG_NOSIGNAL) < 0)
            break;
    if (!fake->hangs_up)
        listen_first(&(struct fake){.fd = fake->fd, .read_first = SIZE_MAX, .got = {.max = 0}});
    close(fake->fd);
    return NULL;
}

struct source {
    size_t left, piece;
    bool fails;
};

static int give(void *arg, struct str *ret_piece, struct err *err)
{
    static char bytes[200000];
    struct source *source = arg;
    if (source->fails && source->left == 0)
        return err_internal(err, "the bytes are gone");
    size_t n = source->left < source->piece ? source->left : source->piece;
    source->left -= n;
    memset(bytes, 'x', n);
    *ret_piece = str_make(bytes, n);
    return n > 0;
}

static enum clamd_outcome scan_with(struct fake *fake, struct source source,
                                    struct clamd_answer *ret_answer)
{
    pthread_t thread;
    int pair[2];
    struct err err = ERR_INIT;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    fake->fd = pair[1];
    buf_init(&fake->got, MIB(4));
    assert_int_equal(pthread_create(&thread, NULL, fake_main, fake), 0);
    enum clamd_outcome outcome = clamd_scan(pair[0], give, &source, NULL, ret_answer, &err);
    close(pair[0]);
    pthread_join(thread, NULL);
    return outcome;
}

static void test_what_is_sent(void **state)
{
    struct fake fake = {.read_first = SIZE_MAX, .says = STR("stream: OK\0")};
    struct clamd_answer answer;
    (void)state;
    assert_int_equal(scan_with(&fake, (struct source){.left = 100000, .piece = 100000}, &answer),
                     CLAMD_ANSWERED);
    assert_int_equal(answer.state, SCAN_CLEAN);
    assert_int_equal(fake.got.n, 10 + 4 + 65536 + 4 + 100000 - 65536 + 4);
    assert_memory_equal(fake.got.p, "zINSTREAM\0\0\1\0\0xxx", 17);
    assert_memory_equal(fake.got.p + 10 + 4 + 65536, "\0\0\x86\xa0xxx", 7);
    buf_done(&fake.got);
}

static void test_an_answer_in_pieces(void **state)
{
    struct fake fake = {.read_first = SIZE_MAX, .says = STR("stream: X FOUND\0"), .drip = true};
    struct clamd_answer answer;
    (void)state;
    assert_int_equal(scan_with(&fake, (struct source){.left = 10, .piece = 3}, &answer),
                     CLAMD_ANSWERED);
    assert_int_equal(answer.state, SCAN_INFECTED);
    assert_string_equal(answer.name, "X");
    buf_done(&fake.got);
}

static void assert_fails(struct fake fake)
{
    struct clamd_answer answer = {.state = SCAN_PENDING};
    assert_int_equal(scan_with(&fake, (struct source){.left = 3 << 20, .piece = 65536}, &answer),
                     CLAMD_FAILED);
    assert_int_equal(answer.state, SCAN_PENDING);
    buf_done(&fake.got);
}

/* A verdict on a part of the bytes is none, but for "too much". */
static void test_a_verdict_too_early(void **state)
{
    struct fake too_much = {.read_first = 100000,
                            .says = STR("INSTREAM size limit exceeded. ERROR\0"),
                            .hangs_up = true};
    struct clamd_answer answer;
    (void)state;
    assert_fails((struct fake){.says = STR("stream: OK\0"), .hangs_up = true});
    assert_fails(
        (struct fake){.read_first = 100000, .says = STR("stream: OK\0"), .hangs_up = true});
    assert_int_equal(
        scan_with(&too_much, (struct source){.left = 3 << 20, .piece = 65536}, &answer),
        CLAMD_ANSWERED);
    assert_int_equal(answer.state, SCAN_NOT_SCANNABLE);
    assert_int_equal(answer.cause, SCAN_CAUSE_SIZE);
    buf_done(&too_much.got);
}

static void test_cut_and_rubbish(void **state)
{
    static char flood[2000];
    (void)state;
    memset(flood, 'a', sizeof flood);
    assert_fails((struct fake){.hangs_up = true});
    assert_fails((struct fake){.read_first = 70000, .hangs_up = true});
    assert_fails((struct fake){.read_first = SIZE_MAX, .hangs_up = true});
    assert_fails((struct fake){.read_first = SIZE_MAX, .says = STR("stream: O"), .hangs_up = true});
    assert_fails(
        (struct fake){.read_first = SIZE_MAX, .says = STR("stream: OK"), .hangs_up = true});
    assert_fails((struct fake){
        .read_first = SIZE_MAX, .says = STR("stream: OK\0stream: OK\0"), .hangs_up = true});
    assert_fails(
        (struct fake){.read_first = SIZE_MAX, .says = STR("\0stream: OK\0"), .hangs_up = true});
    assert_fails((struct fake){
        .read_first = SIZE_MAX, .says = str_make(flood, sizeof flood), .hangs_up = true});
}

static void test_the_bytes_fail(void **state)
{
    struct fake fake = {.read_first = SIZE_MAX, .says = STR("stream: OK\0"), .hangs_up = true};
    struct clamd_answer answer;
    (void)state;
    assert_int_equal(
        scan_with(&fake, (struct source){.left = 10, .piece = 10, .fails = true}, &answer),
        CLAMD_SOURCE_FAILED);
    buf_done(&fake.got);
}

/* One that takes nothing and says nothing is left when the server stops. */
static void test_stopping(void **state)
{
    struct source source = {.left = 8 << 20, .piece = 65536};
    struct clamd_answer answer;
    struct err err = ERR_INIT;
    bool stop = true;
    int pair[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(clamd_scan(pair[0], give, &source, &stop, &answer, &err), CLAMD_FAILED);
    close(pair[0]);
    close(pair[1]);
}

static void test_asking_the_version(void **state)
{
    static const struct str bad[] = {STR_INIT(""), STR_INIT("ClamAV 1.4.6"), STR_INIT("PONG\0")};
    struct clamd_version version;
    (void)state;
    for (size_t i = 0; i <= ARRAY_LEN(bad); i++) {
        bool is_good = i == ARRAY_LEN(bad);
        struct fake fake = {
            .read_first = 9, .hangs_up = true, .says = is_good ? STR("ClamAV 1.4.6\0") : bad[i]};
        struct err err = ERR_INIT;
        pthread_t thread;
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        fake.fd = pair[1];
        buf_init(&fake.got, KIB(4));
        assert_int_equal(pthread_create(&thread, NULL, fake_main, &fake), 0);
        assert_int_equal(clamd_ask_version(pair[0], &version, &err), is_good ? 0 : -1);
        pthread_join(thread, NULL);
        assert_str(buf_str(&fake.got), STR("zVERSION\0"));
        buf_done(&fake.got);
        close(pair[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_what_is_no_verdict),
        cmocka_unit_test(test_what_is_sent),
        cmocka_unit_test(test_an_answer_in_pieces),
        cmocka_unit_test(test_a_verdict_too_early),
        cmocka_unit_test(test_cut_and_rubbish),
        cmocka_unit_test(test_the_bytes_fail),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_asking_the_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
