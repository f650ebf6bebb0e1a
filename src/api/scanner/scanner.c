/* SPDX-License-Identifier: EUPL-1.2 */

/* The content scanner's API: Matrix Content Scanner, docs/api.md, with what is ours
 * (docs/design/media.md). */

#include "service/scan/scanner.h"
#include "api/client/media.h"
#include "api/scanner/tables.h"
#include "service/scan/request.h"

/* ---- who may ask ---- */

/* As a repository answers who asks for its files without a token. */
static int want_token(struct request *rq)
{
    if (rq->use.caller.user)
        return 0;
    return err_client(&rq->use.err, 404, "M_NOT_FOUND", "Files are given with a token");
}

/* What cannot be a request goes to nobody. */
static int want_object(struct request *rq)
{
    const struct json *json;
    if (json_parse(rq->use.arena, http_body(rq->use.x), &json, &rq->use.err) == 0 &&
        json->kind == JSON_OBJECT &&
        (json_find(json, STR("encrypted_body")) || json_find(json, STR("file"))))
        return 0;
    return err_client(&rq->use.err, 400, "MCS_MALFORMED_JSON",
                      "\"encrypted_body\" or \"file\" is wanted");
}

/* A use case waits in the slot only once the body is checked: its own copy is wiped then. */
static int find_sealed(struct request *rq, struct scan_result *ret_result)
{
    bool first = *use_wait_slot(&rq->use) == NULL;
    if (first && (want_object(rq) < 0 || want_token(rq) < 0))
        return API_FAILED;
    return scan_request_sealed(&rq->use, ret_result);
}

static int find_plain(struct request *rq, struct scan_result *ret_result)
{
    if (want_token(rq) < 0)
        return API_FAILED;
    return scan_request_plain(&rq->use, api_param(rq, 0), api_param(rq, 1), ret_result);
}

/* ---- verdicts ---- */

/* With signatures for tests a file was scanned, and nothing found: "clean" is as true as it can be
 * said there, and the state tells the rest. Where nothing is ever scanned nothing is clean. */
static bool is_clean(struct request *rq, const struct scan_found *found)
{
    struct scanner_status status;
    scanner_look(rq->use.server->scanner, &status);
    return found->state == SCAN_CLEAN || (found->state == SCAN_NOT_VERIFIED && !status.none);
}

static int tell(struct request *rq, const struct scan_found *found)
{
    const char *cause = scan_cause_name(found->cause);
    json_write_object(&rq->out);
    json_write_member_bool(&rq->out, STR("clean"), is_clean(rq, found));
    json_write_member_str(&rq->out, STR("info"), str_from(scan_result_info(found)));
    json_write_member_str(&rq->out, STR("org.chappe.state"),
                          str_from(scan_state_name(found->state)));
    if (cause[0])
        json_write_member_str(&rq->out, STR("org.chappe.cause"), str_from(cause));
    json_write_end(&rq->out);
    return API_DONE;
}

static int get_scan(struct request *rq)
{
    struct scan_result result = {0};
    int status = find_plain(rq, &result);
    return status == USE_DONE ? tell(rq, &result.found) : status;
}

static int post_scan(struct request *rq)
{
    struct scan_result result = {0};
    int status = find_sealed(rq, &result);
    return status == USE_DONE ? tell(rq, &result.found) : status;
}

/* ---- files ---- */

static int send(struct request *rq, const struct media *media)
{
    return api_media_send(rq, media, STR_NONE);
}

static int give(struct request *rq, int status, const struct scan_result *result)
{
    if (status != USE_DONE)
        return status;
    return scan_result_check(&rq->use, result) < 0 ? API_FAILED : send(rq, &result->media);
}

static int get_download(struct request *rq)
{
    struct scan_result result = {0};
    return give(rq, find_plain(rq, &result), &result);
}

static int get_thumbnail(struct request *rq)
{
    struct thumbnail_question question;
    struct scan_result result = {0};
    struct media thumbnail;
    if (api_thumbnail_question(rq, &question) < 0)
        return API_FAILED;
    int status = find_plain(rq, &result);
    if (status == USE_DONE && scan_result_check(&rq->use, &result) < 0)
        return API_FAILED;
    if (status == USE_DONE)
        status = thumbnail_look(&rq->use, &result.media, &question, &thumbnail);
    return status == USE_DONE ? send(rq, &thumbnail) : status;
}

/* As it is stored: the client decrypts it. */
static int post_download(struct request *rq)
{
    struct scan_result result = {0};
    return give(rq, find_sealed(rq, &result), &result);
}

/* ---- the key ---- */

static int get_key(struct request *rq)
{
    struct str key;
    int status = scan_request_key(&rq->use, &key);
    if (status != USE_DONE)
        return status;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("public_key"), key);
    json_write_end(&rq->out);
    return API_DONE;
}

/* A slash at the end changes nothing. */
#define BOTH(method, path, ...)                                                                    \
    {method, path, __VA_ARGS__},                                                                   \
    {                                                                                              \
        method, path "/", __VA_ARGS__                                                              \
    }
#define BASE    "/_matrix/media_proxy/unstable/"
#define FILE    "/{serverName}/{mediaId}"
#define ANYBODY API_ACCESS_OPTIONAL, API_RATE_READ
#define SEALED  .body_max = LIMIT_SCAN_BODY

static const struct api_route routes[] = {
    BOTH(HTTP_GET, BASE "public_key", API_ACCESS_NOBODY, API_RATE_READ, get_key,
         .flags = API_SCANNER),
    BOTH(HTTP_GET, BASE "scan" FILE, ANYBODY, get_scan, .flags = API_SCANNER),
    BOTH(HTTP_POST, BASE "scan_encrypted", ANYBODY, post_scan, SEALED, .flags = API_SCANNER),
    BOTH(HTTP_GET, BASE "download" FILE, ANYBODY, get_download, .flags = API_SCANNER | API_PAGE),
    BOTH(HTTP_GET, BASE "thumbnail" FILE, ANYBODY, get_thumbnail, .flags = API_SCANNER | API_PAGE),
    BOTH(HTTP_POST, BASE "download_encrypted", ANYBODY, post_download, SEALED,
         .flags = API_SCANNER | API_PAGE),
};
const struct api_table api_scanner = {routes, ARRAY_LEN(routes)};
