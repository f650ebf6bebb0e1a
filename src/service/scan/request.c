/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/request.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/base64.h"
#include "service/scan/scanner.h"

/* ---- a file as it is ---- */

int scan_request_plain(struct use *use, struct str server_name, struct str media_id,
                       struct scan_result *ret_result)
{
    struct media_question question = {.server_name = server_name,
                                      .media_id = media_id,
                                      .road = MEDIA_ROAD_SCANNER,
                                      .timeout_ms = LIMIT_SCAN_WAIT_MS,
                                      .ret_found = &ret_result->found};
    int status = media_look(use, &question, &ret_result->media);
    if (status != USE_FAILED || use->err.kind != ERR_KIND_CLIENT)
        return status;
    if (use->err.status == 400)
        ret_result->found = (struct scan_found){.state = SCAN_FAILED};
    else if (use->err.status != 403 && use->err.status != 504)
        return USE_FAILED;
    use->err = ERR_INIT;
    return USE_DONE;
}

/* ---- a file with its key ---- */

/* In the exchange's arena, over the runs of the handler. */
struct sealed_request {
    struct str body;
    struct scan_task open, scan;
};

static void wipe(void *arg)
{
    struct sealed_request *request = arg;
    mem_wipe((void *)(uintptr_t)request->body.p, request->body.n);
}

static int submit(struct use *use, struct sealed_request *request, struct scan_task *task,
                  enum scan_op op)
{
    task->op = op;
    task->body = arena_str(http_arena(use->x), request->body);
    return scan_task_submit(use->server->scanner, use->x, task, &use->err) < 0 ? USE_FAILED
                                                                               : USE_WAIT;
}

/* What was received is overwritten as soon as there is a copy that is wiped. */
static struct sealed_request *begin(struct use *use)
{
    struct sealed_request *request = ARENA_NEW(http_arena(use->x), struct sealed_request);
    struct str received = http_body(use->x);
    request->body = arena_str(http_arena(use->x), received);
    mem_wipe((void *)(uintptr_t)received.p, received.n);
    http_on_end(use->x, wipe, request);
    return request;
}

static int unreadable(struct use *use)
{
    return err_client(&use->err, 502, "MCS_MEDIA_REQUEST_FAILED", "The file cannot be read");
}

/* What the caged scanner said of a request that it could not do. */
static int refuse(struct use *use, enum scan_said said)
{
    switch (said) {
    case SCAN_SAID_BAD_KEY:
        return err_client(&use->err, 403, "MCS_BAD_DECRYPTION",
                          "The request is not sealed to the scanner's key: ask for it again");
    case SCAN_SAID_OTHER_CONTENT:
        return err_client(&use->err, 400, "MCS_MEDIA_FAILED_TO_DECRYPT",
                          "The file does not decrypt with this key");
    case SCAN_SAID_NO_CONTENT:
        return unreadable(use);
    case SCAN_SAID_DONE:
    case SCAN_SAID_NO_VERDICT:
    case SCAN_SAID_MALFORMED:
        break;
    }
    return err_client(&use->err, 400, "MCS_MALFORMED_JSON", "The request is not as it must be");
}

/* "mxc://server/id", cut in two; what they are is looked at by media_look. */
static int cut_url(struct use *use, struct str url, struct media_question *question)
{
    static const struct str scheme = STR_INIT("mxc://");
    struct str rest = str_skip(url, scheme.n);
    if (!str_starts(url, scheme) ||
        !str_cut(rest, '/', &question->server_name, &question->media_id))
        return refuse(use, SCAN_SAID_MALFORMED);
    return 0;
}

static int look(struct use *use, const struct scan_task *open, struct media *ret_media)
{
    struct media_question question = {.road = MEDIA_ROAD_SEALED};
    if (cut_url(use, open->reply.url, &question) < 0)
        return -1;
    if (media_look(use, &question, ret_media) != USE_DONE) {
        bool malformed = use->err.kind == ERR_KIND_CLIENT && use->err.status == 400;
        return malformed ? refuse(use, SCAN_SAID_MALFORMED) : -1;
    }
    if (memcmp(open->reply.hash, ret_media->hash.p, SHA256_BYTES) != 0)
        return refuse(use, SCAN_SAID_OTHER_CONTENT);
    return 0;
}

/* After the scan: the verdict is in the store, or there is none. */
static int settle(struct use *use, const struct scan_task *scan, struct scan_result *ret_result)
{
    if (scan->answered && scan->reply.said != SCAN_SAID_DONE &&
        scan->reply.said != SCAN_SAID_NO_VERDICT)
        return refuse(use, scan->reply.said);
    if (ret_result->found.state == SCAN_PENDING)
        ret_result->found.cause = SCAN_CAUSE_SCANNER;
    return USE_DONE;
}

static int judge(struct use *use, struct sealed_request *request, struct scan_result *ret_result)
{
    struct str key = str_make(request->open.reply.key, SHA256_BYTES);
    struct scanner_status status;
    scanner_look(use->server->scanner, &status);
    if (look(use, &request->open, &ret_result->media) < 0 ||
        scan_find(use, ret_result->media.hash, key, &ret_result->found) < 0)
        return USE_FAILED;
    bool submitted = request->scan.op == SCAN_OP_SCAN;
    if (submitted)
        return scan_task_is_done(&request->scan) ? settle(use, &request->scan, ret_result)
                                                 : USE_WAIT;
    if (!status.ready || (ret_result->found.state != SCAN_PENDING && !ret_result->found.older))
        return USE_DONE;
    memcpy(request->scan.content, ret_result->media.hash.p, SHA256_BYTES);
    memcpy(request->scan.key, key.p, SHA256_BYTES);
    return submit(use, request, &request->scan, SCAN_OP_SCAN);
}

int scan_request_sealed(struct use *use, struct scan_result *ret_result)
{
    void **slot = use_wait_slot(use);
    struct sealed_request *request = *slot;
    if (!request) {
        request = *slot = begin(use);
        return submit(use, request, &request->open, SCAN_OP_OPEN);
    }
    const struct scan_task *open = &request->open;
    if (!scan_task_is_done(open))
        return USE_WAIT;
    if (!open->answered)
        return err_client(&use->err, 503, "M_UNKNOWN", "The content scanner does not answer");
    if (open->reply.said != SCAN_SAID_DONE)
        return refuse(use, open->reply.said);
    return judge(use, request, ret_result);
}

/* ---- the key ---- */

int scan_request_key(struct use *use, struct str *ret_key)
{
    void **slot = use_wait_slot(use);
    struct scan_task *task = *slot;
    if (!task) {
        task = *slot = ARENA_NEW(http_arena(use->x), struct scan_task);
        task->op = SCAN_OP_KEY;
        return scan_task_submit(use->server->scanner, use->x, task, &use->err) < 0 ? USE_FAILED
                                                                                   : USE_WAIT;
    }
    if (!scan_task_is_done(task))
        return USE_WAIT;
    if (!task->answered || task->reply.said != SCAN_SAID_DONE)
        return err_client(&use->err, 503, "M_UNKNOWN", "The content scanner does not answer");
    *ret_key =
        base64_encode_arena(use->arena, str_make(task->reply.key, SHA256_BYTES), BASE64_STANDARD);
    return USE_DONE;
}

/* ---- answers ---- */

int scan_result_check(struct use *use, const struct scan_result *result)
{
    const struct scan_found *found = &result->found;
    bool own = result->media.owner && result->media.owner == use->caller.user;
    if (own || found->state == SCAN_CLEAN || found->state == SCAN_NOT_VERIFIED)
        return 0;
    if (found->state == SCAN_PENDING)
        (void)err_client(&use->err, 504, "M_NOT_YET_UPLOADED", "%s", scan_result_info(found));
    else
        (void)err_client(&use->err, 403, "MCS_MEDIA_NOT_CLEAN", "%s", scan_result_info(found));
    return scan_tell(&use->err, found);
}

const char *scan_result_info(const struct scan_found *found)
{
    switch (found->state) {
    case SCAN_CLEAN:
        return "File is clean";
    case SCAN_NOT_VERIFIED:
        return "File not verified";
    case SCAN_INFECTED:
        return "***VIRUS DETECTED***";
    case SCAN_PENDING:
        return "File not scanned yet";
    case SCAN_NOT_SCANNABLE:
        return found->cause == SCAN_CAUSE_CIPHERTEXT ? "File encrypted, its key is needed"
                                                     : "File not scannable";
    case SCAN_FAILED:
        break;
    }
    return "File not scanned";
}
