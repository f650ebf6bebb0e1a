/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/courier.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/outbound.h"

/* ---- URLs ---- */

static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= 0x20 || s.p[i] >= 0x7f || s.p[i] == '\\' || s.p[i] == '"')
            return false;
    return true;
}

static bool is_name(struct str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '-'))
            return false;
    }
    return host.n > 0 && host.n <= 253 && host.p[0] != '.' && host.p[0] != '-';
}

static bool may_be_reached(const struct courier_rules *rules, bool encrypted,
                           const struct sockaddr *address)
{
    return networks_hold(&rules->also, address) || (encrypted && outbound_is_public(address));
}

/* A host that is an address is judged here already; another when it is resolved. */
static bool is_barred(const struct courier_rules *rules, bool encrypted, struct str host, bool v6)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct sockaddr any;
    char z[254];
    memcpy(z, host.p, host.n);
    z[host.n] = 0;
    if (!v6 && inet_pton(AF_INET, z, &in4.sin_addr) == 1) {
        memcpy(&any, &in4, sizeof any);
        return !may_be_reached(rules, encrypted, &any);
    }
    if (!v6)
        return false;
    return inet_pton(AF_INET6, z, &in6.sin6_addr) != 1 ||
           !may_be_reached(rules, encrypted, (const struct sockaddr *)(const void *)&in6);
}

/* "host", "host:port", "[address]:port". */
static int split_authority(struct str authority, struct str *ret_host, bool *ret_v6)
{
    struct str port = STR_NONE;
    int64_t number = 1;
    *ret_v6 = str_starts(authority, STR("["));
    if (*ret_v6) {
        if (!str_cut(str_skip(authority, 1), ']', ret_host, &port) ||
            (port.n && port.p[0] != ':') || ret_host->n == 0 || ret_host->n > 45)
            return -1;
        port = str_skip(port, 1);
    } else {
        bool has_port = str_cut(authority, ':', ret_host, &port);
        if (!is_name(*ret_host) || (has_port && !port.n))
            return -1;
    }
    if (port.n && (str_parse_uint(port, &number) < 0 || number < 1 || number > 65535))
        return -1;
    return 0;
}

int courier_check_url(const struct courier_rules *rules, struct str url, struct str *ret_host,
                      struct str *ret_path)
{
    bool encrypted = str_starts(url, STR("https://")), v6;
    struct str rest = str_skip(url, encrypted ? 8 : 7), host;
    size_t end = 0;
    if ((!encrypted && (!str_starts(url, STR("http://")) || !rules->also.n)) ||
        url.n > LIMIT_PUSHER_URL || !is_printable(url) || str_find(url, '#') >= 0)
        return -1;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
        end++;
    if (split_authority(str_first(rest, end), &host, &v6) < 0 ||
        is_barred(rules, encrypted, host, v6))
        return -1;
    *ret_host = host;
    *ret_path = str_skip(rest, end);
    return 0;
}

/* ---- one post ---- */

struct transfer {
    struct outbound outbound; /* of this one: whether http may be spoken depends on the URL */
    bool barred;
    CURL *curl;
    struct curl_slist *headers;
    struct buf url, body, answer;
    char reason[CURL_ERROR_SIZE];
    void (*done)(void *arg, const struct courier_answer *answer);
    void *arg;
    struct transfer *previous, *next;
};

static size_t take_answer(char *from, size_t size, size_t n, void *arg)
{
    struct transfer *transfer = arg;
    buf_add(&transfer->answer, str_make(from, size * n));
    return buf_is_full(&transfer->answer) ? 0 : size * n;
}

static void add_header(struct transfer *transfer, struct str header)
{
    CLEANUP(buf_done) struct buf line;
    buf_init(&line, KIB(8));
    buf_add(&line, header);
    buf_add_byte(&line, 0);
    CHECK(!buf_is_full(&line));
    struct curl_slist *list = curl_slist_append(transfer->headers, line.p);
    CHECK(list != NULL);
    transfer->headers = list;
}

#define SET(option, value) CHECK(curl_easy_setopt(transfer->curl, (option), (value)) == CURLE_OK)

static void prepare(struct transfer *transfer, const struct courier_post *post)
{
    for (size_t i = 0; i < post->n_headers; i++)
        add_header(transfer, post->headers[i]);
    add_header(transfer, STR("Expect:")); /* no pause before the body */
    SET(CURLOPT_URL, transfer->url.p);
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_USERAGENT, "chappe");
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body.n);
    SET(CURLOPT_POSTFIELDS, transfer->body.n ? transfer->body.p : "");
    SET(CURLOPT_WRITEFUNCTION, take_answer);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->reason);
    SET(CURLOPT_PRIVATE, transfer);
}

static struct transfer *transfer_new(const struct courier_rules *rules,
                                     const struct courier_post *post)
{
    struct transfer *transfer = MEM_NEW(struct transfer);
    bool encrypted = str_starts(post->url, STR("https://"));
    transfer->outbound = (struct outbound){
        .also = &rules->also,
        .only_also = !encrypted,
        .ret_barred = &transfer->barred,
        .connect_ms = rules->connect_ms,
        .total_ms = rules->total_ms,
        .schemes = encrypted ? "https" : "http",
        .ca_file = rules->ca_file.p,
    };
    transfer->done = post->done;
    transfer->arg = post->arg;
    buf_init(&transfer->url, LIMIT_PUSHER_URL + 1);
    buf_init(&transfer->body, MIB(1));
    buf_init(&transfer->answer, rules->answer_bytes);
    buf_add(&transfer->url, post->url);
    buf_add_byte(&transfer->url, 0);
    buf_add(&transfer->body, post->body);
    CHECK(!buf_is_full(&transfer->url) && !buf_is_full(&transfer->body));
    transfer->curl = outbound_new(&transfer->outbound);
    CHECK(transfer->curl != NULL);
    prepare(transfer, post);
    return transfer;
}

static void transfer_free(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->curl);
    curl_slist_free_all(transfer->headers);
    buf_done(&transfer->url);
    buf_done(&transfer->body);
    buf_done(&transfer->answer);
    mem_free(transfer);
}

static enum courier_outcome outcome_of(const struct transfer *transfer, CURLcode code, long status)
{
    /* An answer that is longer than we want to know has been given all the same. */
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && status))
        return COURIER_ANSWERED;
    if (transfer->barred)
        return COURIER_BARRED;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return COURIER_UNRESOLVED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return COURIER_CERTIFICATE;
    default:
        return COURIER_UNREACHABLE;
    }
}

static void finish(struct transfer *transfer, CURLcode code)
{
    long status = 0;
    curl_off_t wait_s = 0;
    struct courier_answer answer = {.detail = curl_easy_strerror(code)};
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->curl, CURLINFO_RETRY_AFTER, &wait_s);
    answer.outcome = outcome_of(transfer, code, status);
    if (answer.outcome == COURIER_ANSWERED) {
        answer.status = (int)status;
        answer.retry_after_ms = wait_s > 0 && wait_s < INT32_MAX ? (int64_t)wait_s * 1000 : 0;
        answer.body = code == CURLE_OK ? buf_str(&transfer->answer) : STR("");
    }
    transfer->done(transfer->arg, &answer);
}

void courier_send_alone(const struct courier_rules *rules, const struct courier_post *post)
{
    struct transfer *transfer = transfer_new(rules, post);
    finish(transfer, curl_easy_perform(transfer->curl));
    transfer_free(transfer);
}

/* ---- many ---- */

struct courier {
    struct courier_rules rules;
    CURLM *multi;
    struct transfer *first;
    size_t n;
};

int courier_new(const struct courier_rules *rules, struct courier **ret_courier, struct err *err)
{
    struct outbound none = {.schemes = "https"};
    CURL *first = outbound_new(&none); /* makes libcurl ready */
    CURLM *multi = first ? curl_multi_init() : NULL;
    curl_easy_cleanup(first);
    if (!multi)
        return err_internal(err, "libcurl does not start");
    struct courier *courier = MEM_NEW(struct courier);
    courier->rules = *rules;
    courier->multi = multi;
    *ret_courier = courier;
    return 0;
}

static void take_out(struct courier *courier, struct transfer *transfer)
{
    CHECK(curl_multi_remove_handle(courier->multi, transfer->curl) == CURLM_OK);
    if (transfer->previous)
        transfer->previous->next = transfer->next;
    else
        courier->first = transfer->next;
    if (transfer->next)
        transfer->next->previous = transfer->previous;
    courier->n--;
}

void courier_free(struct courier *courier)
{
    if (!courier)
        return;
    while (courier->first) {
        struct transfer *transfer = courier->first;
        take_out(courier, transfer);
        finish(transfer, CURLE_ABORTED_BY_CALLBACK);
        transfer_free(transfer);
    }
    curl_multi_cleanup(courier->multi);
    mem_free(courier);
}

size_t courier_under_way(const struct courier *courier)
{
    return courier->n;
}

void courier_send(struct courier *courier, const struct courier_post *post)
{
    struct transfer *transfer = transfer_new(&courier->rules, post);
    CHECK(curl_multi_add_handle(courier->multi, transfer->curl) == CURLM_OK);
    transfer->next = courier->first;
    if (courier->first)
        courier->first->previous = transfer;
    courier->first = transfer;
    courier->n++;
}

static void finish_those_that_ended(struct courier *courier)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(courier->multi, &left))) {
        char *private = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        CHECK(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) == CURLE_OK);
        struct transfer *transfer = (struct transfer *)(void *)private;
        take_out(courier, transfer);
        finish(transfer, code);
        transfer_free(transfer);
    }
}

void courier_turn(struct courier *courier, int64_t wait_ms)
{
    int running = 0;
    CHECK(curl_multi_perform(courier->multi, &running) == CURLM_OK);
    if (running == (int)courier->n && wait_ms > 0) {
        CHECK(curl_multi_poll(courier->multi, NULL, 0,
                              wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms, NULL) == CURLM_OK);
        CHECK(curl_multi_perform(courier->multi, &running) == CURLM_OK);
    }
    finish_those_that_ended(courier);
}

void courier_wake(struct courier *courier)
{
    (void)curl_multi_wakeup(courier->multi);
}
