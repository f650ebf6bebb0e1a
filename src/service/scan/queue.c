/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "service/media/content.h"
#include "service/media/media.h"
#include "service/scan/clamd.h"
#include "service/scan/legible.h"
#include "service/scan/private.h"
#include "store/lease.h"
#include "store/media.h"
#include "store/media_scan.h"

#define LISTED         16
#define CLAIM_MS       60000 /* a second node may scan what takes longer: no harm */
#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS   (5 * 60 * 1000)
#define ELSEWHERE_MS   60000 /* the content is not on this node */
#define AWAY_MS        10000 /* nor can it be fetched now */
#define TRIES_MAX      10
#define REST_MS        60000 /* when nothing could be scanned again */
#define IDLE_MIN_MS    200
#define IDLE_MAX_MS    10000
#define RESCAN_LEASE   STR("rescan")

/* ---- jobs ---- */

struct step {
    const struct media_verdict *verdict;
    const struct media_scan *scan;
    struct str content;
    int64_t due_ms, tries;
    bool judged, done;
};

static int run_settle(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    struct media_verdict verdict = *step->verdict;
    verdict.scanned_ms = write_time_ms(w);
    if (media_verdict_save(w, &verdict, err) < 0)
        return -1;
    return verdict.key.n ? 0 : media_scan_delete(w, verdict.content, err);
}

static int run_claim(struct write *w, void *arg, struct err *err)
{
    struct step *step = arg;
    int taken = media_scan_claim(w, step->scan, step->due_ms, err);
    step->done = taken == 1;
    return taken < 0 ? -1 : 0;
}

static int run_postpone(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    return media_scan_postpone(w, step->content, step->due_ms, step->tries, err);
}

static int run_judged(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    if (media_scan_postpone(w, step->content, write_time_ms(w), step->tries, err) < 0)
        return -1;
    return media_scan_judged(w, step->content, err);
}

static int run_forget(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    if (media_scan_delete(w, step->content, err) < 0)
        return -1;
    return media_verdict_forget(w, step->content, MEDIA_NO_KEY, err);
}

static void tell(const struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "scan_queue", "detail",
             LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
}

static int commit(struct scanner *scanner, int (*run)(struct write *w, void *arg, struct err *err),
                  struct step *step)
{
    struct err err = ERR_INIT;
    if (store_run(scanner->server->store, run, step, &err) == 0)
        return 0;
    tell(&err);
    return -1;
}

int scanner_settle(struct scanner *scanner, const struct media_verdict *verdict)
{
    struct step step = {.verdict = verdict};
    if (commit(scanner, run_settle, &step) < 0)
        return -1;
    pthread_mutex_lock(&scanner->lock);
    scanner->counts.scans += verdict->state != SCAN_FAILED;
    scanner->counts.found += verdict->state == SCAN_INFECTED;
    scanner->counts.failed += verdict->state == SCAN_FAILED;
    pthread_mutex_unlock(&scanner->lock);
    media_wake(scanner->server, 0);
    return 0;
}

enum scan_state scanner_state_of(const struct scanner_status *status, enum scan_state state)
{
    return state == SCAN_CLEAN && !status->signature_ms ? SCAN_NOT_VERIFIED : state;
}

/* ---- one content ---- */

struct job_in_hand {
    struct scanner *scanner;
    struct scanner_status status;
    struct str content;
    const struct media_scan *scan; /* NULL: it does not wait, but is scanned again */
    int64_t tries;
    bool again; /* it has a verdict already, by older signatures */
};

struct stream {
    int fd;
    struct legible legible;
    char piece[LIMIT_SCAN_PIECE];
};

static int next_piece(void *arg, struct str *ret_piece, struct err *err)
{
    struct stream *stream = arg;
    ssize_t n;
    do {
        n = read(stream->fd, stream->piece, sizeof stream->piece);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_internal(err, "reading a content: %s", strerror(errno));
    *ret_piece = str_make(stream->piece, (size_t)n);
    legible_add(&stream->legible, *ret_piece);
    return n > 0;
}

static struct str hex_of(struct str content, struct arena *arena)
{
    struct buf hex;
    buf_init(&hex, 2 * SHA256_BYTES);
    for (size_t i = 0; i < content.n; i++)
        buf_printf(&hex, "%02x", (unsigned char)content.p[i]);
    struct str text = arena_str(arena, buf_str(&hex));
    buf_done(&hex);
    return text;
}

static void log_found(const struct job_in_hand *job, const struct clamd_answer *answer)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(1));
    log_line(LOG_LEVEL_WARN, "scan_found", "content", LOG_STR(hex_of(job->content, arena)), "state",
             LOG_Z(scan_state_name(answer->state)), "name", LOG_Z(answer->name), NULL);
}

/* Not by a signature: none will change it. */
static bool settle_illegible(const struct job_in_hand *job)
{
    struct media_verdict verdict = {
        .content = job->content,
        .key = MEDIA_NO_KEY,
        .state = SCAN_NOT_SCANNABLE,
        .cause = SCAN_CAUSE_CIPHERTEXT,
        .signature_ms = INT64_MAX,
    };
    return scanner_settle(job->scanner, &verdict) == 0;
}

static bool settle_answer(const struct job_in_hand *job, const struct stream *stream,
                          const struct clamd_answer *answer)
{
    struct media_verdict verdict = {
        .content = job->content,
        .key = MEDIA_NO_KEY,
        .state = scanner_state_of(&job->status, answer->state),
        .cause = answer->cause,
        .signature_ms = job->status.signature_ms,
    };
    if (answer->state == SCAN_CLEAN && !legible_end(&stream->legible))
        return settle_illegible(job);
    if (answer->state != SCAN_CLEAN)
        log_found(job, answer);
    return scanner_settle(job->scanner, &verdict) == 0;
}

static int64_t retry_ms(int64_t tries)
{
    int64_t ms = RETRY_FIRST_MS;
    for (int64_t i = 0; i < tries && ms < RETRY_MAX_MS; i++)
        ms *= 2;
    return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

/* It waits as before, for any hand of any node. */
static void give_back(const struct job_in_hand *job)
{
    struct step step = {.content = job->content, .tries = job->tries, .due_ms = clock_wall_ms()};
    if (!job->again && commit(job->scanner, run_postpone, &step) < 0)
        return; /* it is logged, and the claim ends by itself */
}

static bool settle_failed(const struct job_in_hand *job)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(1));
    struct media_verdict verdict = {.content = job->content,
                                    .key = MEDIA_NO_KEY,
                                    .state = SCAN_FAILED,
                                    .cause = SCAN_CAUSE_SCANNER,
                                    .signature_ms = job->status.signature_ms};
    if (scanner_settle(job->scanner, &verdict) < 0)
        return false;
    log_line(LOG_LEVEL_ERROR, "scan_given_up", "content", LOG_STR(hex_of(job->content, arena)),
             "effect", LOG_Z("the file is given to nobody until the signatures change"), NULL);
    return true;
}

/* What ends each scan in the middle, while others pass, is set aside; an older verdict stays. */
static bool settle_failure(const struct job_in_hand *job, const struct err *err)
{
    struct step step = {.content = job->content,
                        .tries = job->tries + 1,
                        .due_ms = clock_wall_ms() + retry_ms(job->tries)};
    log_line(LOG_LEVEL_WARN, "scan_failed", "tries", LOG_INT(step.tries), "detail",
             LOG_Z(err->detail), NULL);
    scanner_doubt(job->scanner);
    if (job->again)
        return false;
    if (scanner_is_stopping(job->scanner)) {
        give_back(job);
        return false;
    }
    if (step.tries >= TRIES_MAX)
        return settle_failed(job);
    return commit(job->scanner, run_postpone, &step) == 0;
}

/* Another hand may have done it since it was listed. */
static bool is_still_due(struct scanner *scanner, const struct media_scan *scan)
{
    struct err err = ERR_INIT;
    struct read read;
    read_begin(scanner->server->store, &read);
    int same = media_scan_is_same(&read, scan, &err);
    read_end(&read);
    return same == 1;
}

/* On SQLite there is no other node. */
static bool claim(struct scanner *scanner, const struct media_scan *scan)
{
    struct step step = {.scan = scan, .due_ms = clock_wall_ms() + CLAIM_MS};
    if (db_engine(store_db(scanner->server->store)) == DB_ENGINE_SQLITE)
        return is_still_due(scanner, scan);
    return commit(scanner, run_claim, &step) == 0 && step.done;
}

/* Looks at the beginning before it asks clamd: most of what is sent is ciphertext. */
static bool is_lost(struct stream *stream)
{
    char head[4096];
    struct legible legible = {0};
    ssize_t n = pread(stream->fd, head, sizeof head, 0);
    legible_add(&legible, str_make(head, n > 0 ? (size_t)n : 0));
    return legible_is_lost(&legible);
}

/* True: something was done, and there may be more. */
static bool scan_stream(const struct job_in_hand *job, struct stream *stream)
{
    CLEANUP(fd_cleanup) int clamd_fd = -1;
    struct clamd_answer answer;
    struct err err = ERR_INIT;
    struct step step = {.content = job->content, .tries = job->tries};
    if (is_lost(stream))
        return settle_illegible(job);
    if (!job->status.ready)
        return commit(job->scanner, run_judged, &step) == 0;
    if (scanner_dial(job->scanner, &clamd_fd, &err) < 0) {
        scanner_doubt(job->scanner);
        return false;
    }
    /* Not before: what is claimed waits until the claim ends if we die. */
    if (job->scan && !claim(job->scanner, job->scan))
        return false;
    switch (clamd_scan(clamd_fd, next_piece, stream, &job->scanner->stopping, &answer, &err)) {
    case CLAMD_ANSWERED:
        return settle_answer(job, stream, &answer);
    case CLAMD_FAILED:
    case CLAMD_SOURCE_FAILED:
        break;
    }
    return settle_failure(job, &err);
}

/* Its file is gone, or is another node's. */
static bool settle_absent(const struct job_in_hand *job)
{
    struct step step = {
        .content = job->content, .tries = job->tries, .due_ms = clock_wall_ms() + ELSEWHERE_MS};
    struct err err = ERR_INIT;
    struct read read;
    read_begin(job->scanner->server->store, &read);
    int named = media_names(&read, job->content, &err);
    read_end(&read);
    if (named < 0)
        return false;
    if (named == 0)
        return commit(job->scanner, run_forget, &step) == 0;
    return !job->again && commit(job->scanner, run_postpone, &step) == 0;
}

/* Its bytes cannot be had now, which is not its fault: no try of it is counted. */
static bool settle_away(const struct job_in_hand *job, const struct err *err)
{
    struct step step = {
        .content = job->content, .tries = job->tries, .due_ms = clock_wall_ms() + AWAY_MS};
    log_line(LOG_LEVEL_WARN, "scan_postponed", "detail",
             LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
    return !job->again && commit(job->scanner, run_postpone, &step) == 0;
}

static bool scan_content(const struct job_in_hand *job)
{
    CLEANUP(fd_cleanup) int fd = -1;
    struct content *content = media_content(job->scanner->server);
    struct err err = ERR_INIT;
    int64_t size;
    int found = content ? content_fetch(content, job->content, INT64_MAX, &fd, &size, &err) : -1;
    if (found < 0)
        return settle_away(job, &err);
    if (found == 0)
        return settle_absent(job);
    struct stream *stream = MEM_NEW(struct stream);
    stream->fd = fd;
    bool worked = scan_stream(job, stream);
    mem_wipe(stream->piece, sizeof stream->piece);
    mem_free(stream);
    return worked;
}

/* ---- which one ---- */

static bool take_content(struct scan_hand *hand, struct str content)
{
    struct scan_name name = {0};
    memcpy(name.bytes, content.p, content.n < SHA256_BYTES ? content.n : SHA256_BYTES);
    pthread_mutex_lock(&hand->scanner->lock);
    bool taken = scanner_take_name(hand, &name);
    pthread_mutex_unlock(&hand->scanner->lock);
    return taken;
}

static size_t list_due(struct scanner *scanner, bool judged, struct arena *arena,
                       struct media_scan **ret_scans)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(scanner->server->store, &read);
    if (media_scan_list_due(&read, judged, clock_wall_ms(), LISTED, arena, ret_scans, &n, &err) < 0)
        n = 0;
    read_end(&read);
    return n;
}

static bool work_on_due(struct scan_hand *hand, const struct scanner_status *status, bool judged)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct media_scan *scans;
    size_t n = list_due(hand->scanner, judged, arena, &scans);
    for (size_t i = 0; i < n && !scanner_is_stopping(hand->scanner); i++) {
        struct job_in_hand job = {.scanner = hand->scanner,
                                  .status = *status,
                                  .content = scans[i].content,
                                  .scan = &scans[i],
                                  .tries = scans[i].tries};
        if (!take_content(hand, job.content))
            continue;
        bool worked = scan_content(&job);
        scanner_give_name(hand);
        if (worked)
            return true;
    }
    return false;
}

static bool may_rescan(struct scan_hand *hand)
{
    struct server *server = hand->scanner->server;
    struct err err = ERR_INIT;
    bool ours;
    if (lease_hold(server->store, RESCAN_LEASE, server->node, CLAIM_MS, &ours, &err) == 0)
        return ours;
    tell(&err);
    return false;
}

static size_t list_older(struct scan_hand *hand, const struct scanner_status *status,
                         struct arena *arena, struct str **ret_contents)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(hand->scanner->server->store, &read);
    if (media_verdict_list_older(&read, status->signature_ms, hand->passed, LISTED, arena,
                                 ret_contents, &n, &err) < 0)
        n = 0;
    read_end(&read);
    return n;
}

static bool scan_again(struct scan_hand *hand, const struct scanner_status *status,
                       struct str content)
{
    struct job_in_hand job = {
        .scanner = hand->scanner, .status = *status, .content = content, .again = true};
    if (!take_content(hand, content))
        return false;
    bool worked = scan_content(&job);
    scanner_give_name(hand);
    return worked;
}

static bool rest(struct scan_hand *hand, const struct scanner_status *status)
{
    hand->rest_until_ms = clock_monotonic_ms() + REST_MS;
    hand->rest_changes = status->changes;
    hand->passed = 0;
    return false;
}

/* One of those that older signatures have passed; new ones go before the next. Those that could not
 * be scanned are passed over until the end of the list: files that end each scan in the middle,
 * however many, keep no other from being judged again. */
static bool work_on_older(struct scan_hand *hand, const struct scanner_status *status)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct str *contents;
    if (hand != &hand->scanner->hands[0] || !status->signature_ms ||
        (clock_monotonic_ms() < hand->rest_until_ms && hand->rest_changes == status->changes))
        return false;
    size_t n = list_older(hand, status, arena, &contents);
    for (size_t i = 0; i < n && !scanner_is_stopping(hand->scanner); i++) {
        if (!may_rescan(hand))
            return rest(hand, status);
        if (scan_again(hand, status, contents[i]))
            return true;
        hand->passed++;
    }
    if (n < LISTED)
        return hand->passed ? rest(hand, status) : false;
    return true;
}

static int64_t next_due(struct scanner *scanner, bool judged)
{
    struct err err = ERR_INIT;
    struct read read;
    int64_t due_ms = INT64_MAX;
    read_begin(scanner->server->store, &read);
    if (media_scan_next_due(&read, judged, &due_ms, &err) < 0)
        due_ms = INT64_MAX;
    read_end(&read);
    return due_ms;
}

int64_t queue_idle_ms(struct scanner *scanner)
{
    struct scanner_status status;
    int64_t now = clock_wall_ms(), due;
    scanner_look(scanner, &status);
    due = status.none ? INT64_MAX : next_due(scanner, false);
    if (status.ready && due > now) {
        int64_t judged = next_due(scanner, true);
        due = judged < due ? judged : due;
    }
    if (due - now >= IDLE_MAX_MS)
        return IDLE_MAX_MS;
    return due - now > IDLE_MIN_MS ? due - now : IDLE_MIN_MS;
}

bool queue_work(struct scan_hand *hand)
{
    struct scanner_status status;
    scanner_look(hand->scanner, &status);
    if (!status.none && work_on_due(hand, &status, false))
        return true;
    if (!status.ready)
        return false;
    return work_on_due(hand, &status, true) || work_on_older(hand, &status);
}
