/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/scanner.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/wait.h"
#include "service/config.h"
#include "service/media/content.h"
#include "service/media/media.h"
#include "service/scan/private.h"

/* Longer than clamd may take, in which the child's own limits tell more. */
#define SCAN_MS        (20 * 60 * 1000)
#define OPEN_MS        10000
#define OPENER_IDLE_MS 10000
#define OPENER_ARENA   KIB(16)

bool scanner_is_stopping(const struct scanner *scanner)
{
    return __atomic_load_n(&scanner->stopping, __ATOMIC_ACQUIRE);
}

void scanner_wait(struct scanner *scanner, int64_t ms)
{
    (void)wait_until(&scanner->changed, &scanner->lock, clock_monotonic_ms() + ms);
}

void scanner_wake(struct scanner *scanner)
{
    if (!scanner)
        return;
    pthread_mutex_lock(&scanner->lock);
    scanner->woken = SCAN_HANDS;
    pthread_cond_broadcast(&scanner->changed);
    pthread_mutex_unlock(&scanner->lock);
}

void scanner_look(struct scanner *scanner, struct scanner_status *ret_status)
{
    pthread_mutex_lock(&scanner->lock);
    *ret_status = scanner->status;
    pthread_mutex_unlock(&scanner->lock);
}

void scanner_count(struct scanner *scanner, struct scanner_counts *ret_counts)
{
    pthread_mutex_lock(&scanner->lock);
    *ret_counts = scanner->counts;
    pthread_mutex_unlock(&scanner->lock);
}

/* ---- what several hands must not do at once ---- */

bool scanner_take_name(struct scan_hand *hand, const struct scan_name *name)
{
    struct scanner *scanner = hand->scanner;
    for (size_t i = 0; i < SCAN_HANDS; i++)
        if (scanner->hands[i].busy && memcmp(&scanner->hands[i].name, name, sizeof *name) == 0)
            return false;
    hand->busy = true;
    hand->name = *name;
    return true;
}

void scanner_give_name(struct scan_hand *hand)
{
    pthread_mutex_lock(&hand->scanner->lock);
    hand->busy = false;
    hand->scanner->woken = SCAN_HANDS;
    pthread_cond_broadcast(&hand->scanner->changed);
    pthread_mutex_unlock(&hand->scanner->lock);
}

/* ---- tasks ---- */

int scan_task_submit(struct scanner *scanner, struct http_exchange *x, struct scan_task *task,
                     struct err *err)
{
    struct scan_lane *lane = task->op == SCAN_OP_SCAN ? &scanner->scan : &scanner->open;
    pthread_mutex_lock(&scanner->lock);
    bool full = scanner->n_tasks >= LIMIT_SCAN_TASKS || scanner_is_stopping(scanner);
    if (!full) {
        http_ref(x);
        task->x = x;
        task->next = NULL;
        *lane->last = task;
        lane->last = &task->next;
        scanner->n_tasks++;
        scanner->woken = SCAN_HANDS;
        pthread_cond_broadcast(&scanner->changed);
    }
    pthread_mutex_unlock(&scanner->lock);
    if (!full)
        return 0;
    err_client(err, 429, "M_LIMIT_EXCEEDED", "Too many files wait to be scanned, try again");
    err->retry_after_ms = 2000;
    return -1;
}

bool scan_task_is_done(const struct scan_task *task)
{
    return __atomic_load_n(&task->done, __ATOMIC_ACQUIRE) != 0;
}

static void finish(struct scan_task *task)
{
    struct http_exchange *x = task->x;
    mem_wipe((void *)(uintptr_t)task->body.p, task->body.n);
    __atomic_store_n(&task->done, 1, __ATOMIC_RELEASE);
    http_rerun(x);
    http_unref(x); /* the task may be gone from here on */
}

static void name_of(const struct scan_task *task, struct scan_name *ret_name)
{
    memcpy(ret_name->bytes, task->content, SHA256_BYTES);
    memcpy(ret_name->bytes + SHA256_BYTES, task->key, SHA256_BYTES);
}

/* Under the lock: the first task that no other hand does already, under another request. */
static struct scan_task *take(struct scan_hand *hand, struct scan_lane *lane)
{
    struct scan_name name;
    for (struct scan_task **at = &lane->first; *at; at = &(*at)->next) {
        struct scan_task *task = *at;
        name_of(task, &name);
        if (task->op == SCAN_OP_SCAN && !scanner_take_name(hand, &name))
            continue;
        *at = task->next;
        if (!*at)
            lane->last = at;
        hand->scanner->n_tasks--;
        return task;
    }
    return NULL;
}

static void ask(struct scan_hand *hand, struct scan_task *task, int content_fd, int clamd_fd,
                struct arena *arena)
{
    struct scan_ask ask = {.op = task->op,
                           .plain_too = hand->scanner->server->config->scanner_plain_keys,
                           .body = task->body};
    int64_t timeout_ms = task->op == SCAN_OP_SCAN ? SCAN_MS : OPEN_MS;
    memcpy(ask.content, task->content, SHA256_BYTES);
    task->answered = keeper_ask(hand->keeper, &ask, content_fd, clamd_fd, timeout_ms,
                                &hand->scanner->stopping, arena, &task->reply, &task->err) == 0;
    if (!task->answered) {
        log_line(LOG_LEVEL_ERROR, "caged_scanner", "detail", LOG_Z(task->err.detail), NULL);
        return;
    }
    memcpy(task->url, task->reply.url.p, task->reply.url.n);
    task->reply.url = str_make(task->url, task->reply.url.n);
}

/* ---- the opener ---- */

static void *opener_main(void *arg)
{
    struct scan_hand *hand = arg;
    pthread_setname_np(pthread_self(), "scan-opener");
    struct scanner *scanner = hand->scanner;
    pthread_mutex_lock(&scanner->lock);
    while (!scanner_is_stopping(scanner)) {
        struct scan_task *task = take(hand, &scanner->open);
        if (!task) {
            scanner_wait(scanner, OPENER_IDLE_MS);
            continue;
        }
        pthread_mutex_unlock(&scanner->lock);
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(OPENER_ARENA);
        ask(hand, task, -1, -1, arena);
        task->reply.detail = STR_NONE;
        finish(task);
        pthread_mutex_lock(&scanner->lock);
    }
    pthread_mutex_unlock(&scanner->lock);
    return NULL;
}

/* ---- a hand, on what a client waits for ---- */

static void log_found(const struct scan_task *task, struct arena *arena)
{
    struct buf hex;
    buf_init(&hex, 2 * SHA256_BYTES);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        buf_printf(&hex, "%02x", task->content[i]);
    log_line(LOG_LEVEL_WARN, "scan_found", "content", LOG_STR(arena_str(arena, buf_str(&hex))),
             "state", LOG_Z(scan_state_name(task->reply.state)), "name",
             LOG_STR(task->reply.detail), "encrypted", LOG_Z("yes"), NULL);
    buf_done(&hex);
}

static void keep_verdict(struct scanner *scanner, const struct scanner_status *status,
                         struct scan_task *task)
{
    struct media_verdict verdict = {
        .content = str_make(task->content, SHA256_BYTES),
        .key = str_make(task->key, SHA256_BYTES),
        .state = scanner_state_of(status, task->reply.state),
        .cause = task->reply.cause,
        .signature_ms = status->signature_ms,
    };
    if (memcmp(task->reply.key, task->key, SHA256_BYTES) != 0 ||
        scanner_settle(scanner, &verdict) < 0)
        task->answered = false;
}

/* A verdict that another request has brought meanwhile is as good. */
static bool is_known(struct scanner *scanner, const struct scan_task *task,
                     const struct scanner_status *status)
{
    struct media_verdict verdict;
    struct err ignored = ERR_INIT;
    struct read read;
    read_begin(scanner->server->store, &read);
    bool known = media_verdict_find(&read, str_make(task->content, SHA256_BYTES),
                                    str_make(task->key, SHA256_BYTES), &verdict, &ignored) == 1 &&
                 scanner_holds(status, &verdict) && verdict.signature_ms >= status->signature_ms;
    read_end(&read);
    return known;
}

static int open_both(struct scanner *scanner, struct scan_task *task, int *ret_content,
                     int *ret_clamd)
{
    struct content *content = media_content(scanner->server);
    int64_t size;
    int found = content ? content_fetch(content, str_make(task->content, SHA256_BYTES), INT64_MAX,
                                        ret_content, &size, &task->err)
                        : 0;
    if (found <= 0) {
        task->answered = true;
        task->reply.said = found < 0 ? SCAN_SAID_NO_VERDICT : SCAN_SAID_NO_CONTENT;
        return -1;
    }
    if (scanner_dial(scanner, ret_clamd, &task->err) == 0)
        return 0;
    task->answered = true;
    task->reply.said = SCAN_SAID_NO_VERDICT;
    scanner_doubt(scanner);
    return -1;
}

static void scan_sealed(struct scan_hand *hand, struct scan_task *task)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(OPENER_ARENA);
    CLEANUP(fd_cleanup) int content_fd = -1;
    CLEANUP(fd_cleanup) int clamd_fd = -1;
    struct scanner *scanner = hand->scanner;
    struct scanner_status status;
    scanner_look(scanner, &status);
    if (is_known(scanner, task, &status) || open_both(scanner, task, &content_fd, &clamd_fd) < 0)
        return;
    ask(hand, task, content_fd, clamd_fd, arena);
    if (task->answered && task->reply.said == SCAN_SAID_DONE) {
        if (task->reply.state != SCAN_CLEAN)
            log_found(task, arena);
        keep_verdict(scanner, &status, task);
    } else if (task->answered && task->reply.said == SCAN_SAID_NO_VERDICT) {
        log_line(LOG_LEVEL_WARN, "scan_failed", "detail", LOG_STR(task->reply.detail), NULL);
        scanner_doubt(scanner);
    }
    task->reply.detail = STR_NONE; /* of an arena that goes */
}

static void *hand_main(void *arg)
{
    struct scan_hand *hand = arg;
    pthread_setname_np(pthread_self(), "scan");
    struct scanner *scanner = hand->scanner;
    pthread_mutex_lock(&scanner->lock);
    while (!scanner_is_stopping(scanner)) {
        struct scan_task *task = take(hand, &scanner->scan);
        pthread_mutex_unlock(&scanner->lock);
        if (task) {
            scan_sealed(hand, task);
            scanner_give_name(hand);
            finish(task);
        }
        bool worked = task || queue_work(hand);
        int64_t idle_ms = worked ? 0 : queue_idle_ms(scanner);
        pthread_mutex_lock(&scanner->lock);
        if (!worked && scanner->woken == 0 && !scanner_is_stopping(scanner))
            scanner_wait(scanner, idle_ms);
        scanner->woken -= !worked && scanner->woken > 0;
    }
    pthread_mutex_unlock(&scanner->lock);
    return NULL;
}

/* ---- life ---- */

static int begin_thread(struct scanner *scanner, struct scan_hand *hand, void *(*run)(void *arg),
                        struct err *err)
{
    hand->scanner = scanner;
    hand->keeper = keeper_new(scanner->server->config->scanner_key.p);
    hand->started = pthread_create(&hand->thread, NULL, run, hand) == 0;
    return hand->started ? 0 : err_internal(err, "starting a thread of the scanner");
}

static int begin_threads(struct scanner *scanner, struct err *err)
{
    if (begin_thread(scanner, &scanner->opener, opener_main, err) < 0 ||
        begin_thread(scanner, &scanner->watcher, watcher_main, err) < 0)
        return -1;
    for (size_t i = 0; i < SCAN_HANDS; i++)
        if (begin_thread(scanner, &scanner->hands[i], hand_main, err) < 0)
            return -1;
    return 0;
}

int scanner_new(struct server *server, struct scanner **ret_scanner, struct err *err)
{
    struct scanner *scanner = MEM_NEW(struct scanner);
    scanner->server = server;
    scanner->open.last = &scanner->open.first;
    scanner->scan.last = &scanner->scan.first;
    scanner->status.none = str_eq(server->config->scanner_engine, STR("none"));
    scanner->status.why = SCAN_CAUSE_SCANNER;
    pthread_mutex_init(&scanner->lock, NULL);
    wait_init(&scanner->changed);
    *ret_scanner = scanner;
    if (!server->config->scanner_key.p) /* tests of one part */
        return 0;
    if (begin_threads(scanner, err) == 0)
        return 0;
    scanner_free(scanner);
    *ret_scanner = NULL;
    return -1;
}

static void end_thread(struct scan_hand *hand)
{
    if (hand->started)
        pthread_join(hand->thread, NULL);
    hand->started = false;
    keeper_free(hand->keeper);
    hand->keeper = NULL;
}

/* Unanswered: their handlers say so. */
static void drop_tasks(struct scan_lane *lane)
{
    for (struct scan_task *task = lane->first, *next; task; task = next) {
        next = task->next;
        finish(task);
    }
    lane->first = NULL;
    lane->last = &lane->first;
}

void scanner_stop(struct scanner *scanner)
{
    if (!scanner)
        return;
    __atomic_store_n(&scanner->stopping, true, __ATOMIC_RELEASE);
    scanner_wake(scanner);
    end_thread(&scanner->opener);
    end_thread(&scanner->watcher);
    for (size_t i = 0; i < SCAN_HANDS; i++)
        end_thread(&scanner->hands[i]);
    drop_tasks(&scanner->open);
    drop_tasks(&scanner->scan);
}

void scanner_free(struct scanner *scanner)
{
    if (!scanner)
        return;
    scanner_stop(scanner);
    pthread_cond_destroy(&scanner->changed);
    pthread_mutex_destroy(&scanner->lock);
    mem_free(scanner);
}
