/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/call.h"

#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "net/outbound.h"

#define SET(curl, option, value) CHECK(curl_easy_setopt((curl), (option), (value)) == CURLE_OK)

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
    struct buf *body = arg;
    buf_add(body, str_make(p, size * n)); /* a full one takes no more */
    return size * n;
}

static int look_at_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const bool *stop = arg;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return stop && __atomic_load_n(stop, __ATOMIC_ACQUIRE);
}

static struct curl_slist *add_header(struct curl_slist *headers, const char *text)
{
    struct curl_slist *longer = curl_slist_append(headers, text);
    CHECK(longer != NULL);
    return longer;
}

static struct curl_slist *headers_of(const struct call *call, struct arena *arena)
{
    /* "Expect:" takes libcurl's own away, for which old servers wait. */
    struct curl_slist *headers = add_header(NULL, "Expect:");
    headers = add_header(headers, "Accept: application/json");
    if (call->body.p)
        headers = add_header(headers, "Content-Type: application/json");
    if (call->bearer.p)
        headers = add_header(
            headers,
            arena_printf(arena, "Authorization: Bearer %.*s%c", STR_ARG(call->bearer), 0).p);
    return headers;
}

static void prepare(CURL *curl, const struct call *call, struct arena *arena, struct buf *body)
{
    SET(curl, CURLOPT_URL, arena_printf(arena, "%.*s%c", STR_ARG(call->url), 0).p);
    SET(curl, CURLOPT_CUSTOMREQUEST, call->method);
    if (call->body.p) {
        SET(curl, CURLOPT_POSTFIELDS, call->body.p);
        SET(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
    }
    SET(curl, CURLOPT_WRITEFUNCTION, take_body);
    SET(curl, CURLOPT_WRITEDATA, body);
    SET(curl, CURLOPT_NOPROGRESS, 0L);
    SET(curl, CURLOPT_XFERINFOFUNCTION, look_at_stop);
    SET(curl, CURLOPT_XFERINFODATA, (void *)(uintptr_t)call->stop);
}

static enum call_outcome perform(CURL *curl, const struct call *call, struct arena *arena,
                                 struct call_answer *ret_answer, struct err *err)
{
    CLEANUP(buf_done) struct buf body;
    long status = 0;
    buf_init(&body, call->answer_max);
    struct curl_slist *headers = headers_of(call, arena);
    SET(curl, CURLOPT_HTTPHEADER, headers);
    prepare(curl, call, arena, &body);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    if (code == CURLE_OK) {
        *ret_answer = (struct call_answer){(int)status, arena_str(arena, buf_str(&body))};
        return CALL_ANSWERED;
    }
    (void)err_internal(err, "%s", curl_easy_strerror(code));
    return code == CURLE_OPERATION_TIMEDOUT ? CALL_TIMED_OUT : CALL_UNREACHABLE;
}

enum call_outcome call_run(const struct call *call, struct arena *arena,
                           struct call_answer *ret_answer, struct err *err)
{
    const struct outbound rules = {
        .operators = true,
        .connect_ms = call->connect_ms,
        .total_ms = call->total_ms,
        .schemes = "http,https",
    };
    CURL *curl = outbound_new(&rules);
    if (!curl) {
        (void)err_internal(err, "libcurl does not start");
        return CALL_UNREACHABLE;
    }
    enum call_outcome outcome = perform(curl, call, arena, ret_answer, err);
    curl_easy_cleanup(curl);
    return outcome;
}

struct str call_escape(struct arena *arena, struct str segment)
{
    static const char hex[] = "0123456789ABCDEF";
    char *p = ARENA_NEW_N(arena, segment.n * 3 + 1, char);
    size_t n = 0;
    for (size_t i = 0; i < segment.n; i++) {
        unsigned char c = (unsigned char)segment.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            p[n++] = (char)c;
            continue;
        }
        p[n++] = '%';
        p[n++] = hex[c >> 4];
        p[n++] = hex[c & 15];
    }
    return str_make(p, n);
}
