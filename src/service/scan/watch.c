/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "net/dial.h"
#include "service/config.h"
#include "service/scan/clamd.h"
#include "service/scan/private.h"
#include "service/scan/trial.h"

#define LOOK_MS       60000
#define LOOK_FIRST_MS 200 /* after a failure; then twice as long each time */
#define LOOK_WORST_MS 5000
#define REMIND_MS     (3600 * INT64_C(1000))
#define OLD_MS        (48 * 3600 * INT64_C(1000))

static const char *const usual[] = {"/run/clamav/clamd.ctl", "/var/run/clamav/clamd.ctl"};

int scanner_dial(const struct scanner *scanner, int *ret_fd, struct err *err)
{
    struct str engine = scanner->server->config->scanner_engine;
    if (engine.p)
        return dial_open(str_skip(engine, 6), LIMIT_SCAN_CONNECT_MS, ret_fd, err);
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        char address[64] = "unix:";
        memcpy(address + 5, usual[i], strlen(usual[i]) + 1);
        if (access(usual[i], F_OK) == 0)
            return dial_open(str_from(address), LIMIT_SCAN_CONNECT_MS, ret_fd, err);
    }
    return err_internal(err, "there is no clamd at %s (scanner.engine)", usual[0]);
}

void scanner_doubt(struct scanner *scanner)
{
    pthread_mutex_lock(&scanner->lock);
    scanner->look_again = true;
    pthread_cond_broadcast(&scanner->changed);
    pthread_mutex_unlock(&scanner->lock);
}

/* ---- one look ---- */

static int ask_version(struct scanner *scanner, struct clamd_version *ret_version, struct err *err)
{
    CLEANUP(fd_cleanup) int fd = -1;
    if (scanner_dial(scanner, &fd, err) < 0)
        return -1;
    return clamd_ask_version(fd, ret_version, err);
}

static int give_once(void *arg, struct str *ret_piece, struct err *err)
{
    struct str *rest = arg;
    (void)err;
    *ret_piece = *rest;
    *rest = STR_NONE;
    return ret_piece->n > 0;
}

static int try_one(struct scanner *scanner, const struct trial *trial, struct err *err)
{
    CLEANUP(fd_cleanup) int fd = -1;
    struct clamd_answer answer;
    struct str bytes = trial->bytes;
    if (scanner_dial(scanner, &fd, err) < 0)
        return -1;
    if (clamd_scan(fd, give_once, &bytes, &scanner->stopping, &answer, err) != CLAMD_ANSWERED) {
        err_prefix(err, "trial \"%s\"", trial->name);
        return -1;
    }
    if (answer.state != trial->wanted)
        return err_internal(err, "trial \"%s\": %s", trial->name, trial->advice);
    return 0;
}

static int try_all(struct scanner *scanner, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct trial trials[TRIALS];
    trial_make(arena, trials);
    for (size_t i = 0; i < TRIALS; i++)
        if (try_one(scanner, &trials[i], err) < 0)
            return -1;
    return 0;
}

static void look(struct scanner *scanner, struct scanner_status *ret_status, struct err *err)
{
    struct clamd_version version;
    *ret_status = (struct scanner_status){.why = SCAN_CAUSE_SCANNER};
    if (ask_version(scanner, &version, err) < 0 || try_all(scanner, err) < 0)
        return;
    ret_status->signature_ms = version.signature_ms;
    if (version.signature_ms && clock_wall_ms() - version.signature_ms > OLD_MS) {
        ret_status->why = SCAN_CAUSE_SIGNATURES;
        (void)err_internal(err, "the signatures are older than 48 h: does freshclam run?");
        return;
    }
    ret_status->ready = true;
    ret_status->why = SCAN_CAUSE_NONE;
}

/* ---- what is said of it ---- */

/* An alert at each change, of the reason too, and once an hour. */
static void tell_bad(struct scanner *scanner, const struct err *err)
{
    pthread_mutex_lock(&scanner->lock);
    scanner->counts.alerts++;
    pthread_mutex_unlock(&scanner->lock);
    log_line(LOG_LEVEL_ERROR, "scanner_alert", "detail", LOG_Z(err->detail), "effect",
             LOG_Z("new files wait"), NULL);
}

static void tell_good(const struct scanner_status *status)
{
    if (status->signature_ms)
        log_line(LOG_LEVEL_INFO, "scanner_ready", "signatures_of_ms", LOG_INT(status->signature_ms),
                 NULL);
    else
        log_line(LOG_LEVEL_WARN, "scanner_test_base", "effect",
                 LOG_Z("clamd has no official signatures: files are not verified"), NULL);
}

/* ---- the thread ---- */

struct watch {
    bool known; /* there was a look before */
    struct scanner_status last;
    int64_t told_ms;
    char told[sizeof((struct err *)0)->detail]; /* the last alert's detail */
    int failures;
};

static bool is_same(const struct scanner_status *a, const struct scanner_status *b)
{
    return a->ready == b->ready && a->why == b->why && a->signature_ms == b->signature_ms;
}

static void take_in(struct scanner *scanner, struct watch *watch,
                    const struct scanner_status *status, const struct err *err)
{
    int64_t now = clock_monotonic_ms();
    bool changed = !watch->known || !is_same(&watch->last, status);
    if (changed) {
        pthread_mutex_lock(&scanner->lock);
        int64_t changes = scanner->status.changes + 1;
        scanner->status = *status;
        scanner->status.changes = changes;
        pthread_mutex_unlock(&scanner->lock);
        scanner_wake(scanner);
    }
    bool is_news = changed || strcmp(watch->told, err->detail) != 0;
    if (status->ready ? changed : is_news || now - watch->told_ms >= REMIND_MS) {
        if (status->ready)
            tell_good(status);
        else
            tell_bad(scanner, err);
        watch->told_ms = now;
        memcpy(watch->told, err->detail, sizeof watch->told);
    }
    watch->failures = status->ready ? 0 : watch->failures + 1;
    watch->known = true;
    watch->last = *status;
}

static int64_t pause_ms(const struct watch *watch)
{
    int64_t pause = LOOK_FIRST_MS;
    if (watch->failures == 0)
        return LOOK_MS;
    for (int i = 1; i < watch->failures && pause < LOOK_WORST_MS; i++)
        pause *= 2;
    return pause < LOOK_WORST_MS ? pause : LOOK_WORST_MS;
}

static void sleep_until(struct scanner *scanner, int64_t until_ms)
{
    pthread_mutex_lock(&scanner->lock);
    for (;;) {
        int64_t left = until_ms - clock_monotonic_ms();
        if (left <= 0 || scanner->look_again || scanner_is_stopping(scanner))
            break;
        scanner_wait(scanner, left);
    }
    scanner->look_again = false;
    pthread_mutex_unlock(&scanner->lock);
}

void *watcher_main(void *arg)
{
    const struct scan_hand *hand = arg;
    struct scanner *scanner = hand->scanner;
    struct watch watch = {0};
    if (scanner->status.none) {
        log_line(LOG_LEVEL_WARN, "scanner_none", "effect",
                 LOG_Z("scanner.engine is none: no file is ever scanned or verified"), NULL);
        return NULL;
    }
    while (!scanner_is_stopping(scanner)) {
        struct scanner_status status;
        struct err err = ERR_INIT;
        look(scanner, &status, &err);
        if (scanner_is_stopping(scanner))
            break;
        take_in(scanner, &watch, &status, &err);
        sleep_until(scanner, clock_monotonic_ms() + pause_ms(&watch));
    }
    return NULL;
}
