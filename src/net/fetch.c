/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/fetch.h"

#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "net/outbound.h"

#define SET(curl, option, value) CHECK(curl_easy_setopt((curl), (option), (value)) == CURLE_OK)

bool host_is_listed(struct str hosts, struct str host)
{
    struct str one;
    while (hosts.n) {
        str_cut(hosts, ',', &one, &hosts);
        one = str_trim(one);
        if (str_eq(one, STR("*")) || (one.n && str_eq_nocase(one, host)))
            return true;
        struct str below = str_skip(one, 1); /* ".example.org" */
        if (str_starts(one, STR("*.")) && host.n > below.n &&
            str_eq_nocase(str_skip(host, host.n - below.n), below))
            return true;
    }
    return false;
}

/* ---- addresses ---- */

static int forbid(struct err *err)
{
    return err_client(err, 403, "M_FORBIDDEN", "This address is not looked at");
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool found = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return found;
}

static struct str take_part(CURLU *url, CURLUPart part, unsigned flags, struct arena *arena)
{
    char *text = NULL;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return STR_NONE;
    struct str copy = arena_str(arena, str_from(text));
    curl_free(text);
    return copy;
}

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= 0x20 || text.p[i] >= 0x7f)
            return false;
    return true;
}

/* libcurl, which connects, also says what the host is: no two readers of one address. */
static bool is_allowed(const struct fetch *fetch, CURLU *url, struct arena *arena)
{
    struct str scheme = take_part(url, CURLUPART_SCHEME, 0, arena);
    struct str host = take_part(url, CURLUPART_HOST, 0, arena);
    struct str port = take_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, arena);
    bool https = str_eq(scheme, STR("https"));
    if ((!https && !str_eq(scheme, STR("http"))) || has_part(url, CURLUPART_USER) ||
        has_part(url, CURLUPART_PASSWORD) || !is_ascii(host))
        return false;
    if (!fetch->private_addresses && !str_eq(port, https ? STR("443") : STR("80")))
        return false;
    return host_is_listed(fetch->hosts, host);
}

static int check(const struct fetch *fetch, struct str text, struct arena *arena, struct err *err)
{
    CURLU *url = curl_url();
    CHECK(url != NULL);
    bool allowed =
        text.n <= LIMIT_PREVIEW_URL && is_ascii(text) &&
        curl_url_set(url, CURLUPART_URL, arena_printf(arena, "%.*s%c", STR_ARG(text), 0).p, 0) ==
            CURLUE_OK &&
        is_allowed(fetch, url, arena);
    curl_url_cleanup(url);
    return allowed ? 0 : forbid(err);
}

struct str fetch_resolve(struct str base, struct str reference, struct arena *arena)
{
    struct str resolved = STR_NONE;
    CURLU *url = curl_url();
    CHECK(url != NULL);
    if (reference.n && reference.n <= LIMIT_PREVIEW_URL && is_ascii(reference) &&
        curl_url_set(url, CURLUPART_URL, arena_printf(arena, "%.*s%c", STR_ARG(base), 0).p, 0) ==
            CURLUE_OK &&
        curl_url_set(url, CURLUPART_URL, arena_printf(arena, "%.*s%c", STR_ARG(reference), 0).p,
                     0) == CURLUE_OK)
        resolved = take_part(url, CURLUPART_URL, 0, arena);
    curl_url_cleanup(url);
    return resolved;
}

/* ---- one answer ---- */

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
    struct buf *body = arg;
    size_t room = body->max - body->n, wanted = size * n;
    buf_add(body, str_make(p, wanted < room ? wanted : room));
    return wanted <= room ? wanted : 0; /* that ends it */
}

static void prepare(CURL *curl, const struct fetch *fetch, const char *url, struct buf *body)
{
    SET(curl, CURLOPT_URL, url);
    SET(curl, CURLOPT_HTTPGET, 1L);
    SET(curl, CURLOPT_USERAGENT, fetch->user_agent);
    SET(curl, CURLOPT_WRITEFUNCTION, take_body);
    SET(curl, CURLOPT_WRITEDATA, body);
}

static struct str header_of(CURL *curl, CURLINFO info, struct arena *arena)
{
    const char *text = NULL;
    curl_easy_getinfo(curl, info, &text);
    return arena_str(arena, text ? str_from(text) : STR(""));
}

struct hop {
    int status;
    struct str type, location, body;
};

static int perform(CURL *curl, const struct fetch *fetch, struct str url, struct arena *arena,
                   struct hop *ret_hop)
{
    CLEANUP(buf_done) struct buf body;
    long status = 0;
    buf_init(&body, fetch->answer_max);
    struct curl_slist *headers = curl_slist_append(NULL, fetch->accept);
    CHECK(headers != NULL);
    SET(curl, CURLOPT_HTTPHEADER, headers);
    prepare(curl, fetch, arena_printf(arena, "%.*s%c", STR_ARG(url), 0).p, &body);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && body.n == fetch->answer_max))
        return -1;
    *ret_hop = (struct hop){
        .status = (int)status,
        .type = header_of(curl, CURLINFO_CONTENT_TYPE, arena),
        .location = header_of(curl, CURLINFO_REDIRECT_URL, arena),
        .body = arena_str(arena, buf_str(&body)),
    };
    return 0;
}

static int hop(const struct fetch *fetch, struct str url, int64_t left_ms, struct arena *arena,
               struct hop *ret_hop)
{
    const struct outbound rules = {
        .operators = fetch->private_addresses,
        .connect_ms = fetch->connect_ms < left_ms ? fetch->connect_ms : left_ms,
        .total_ms = left_ms,
        .schemes = "http,https",
    };
    CURL *curl = left_ms > 0 ? outbound_new(&rules) : NULL;
    if (!curl)
        return -1;
    int status = perform(curl, fetch, url, arena, ret_hop);
    curl_easy_cleanup(curl);
    return status;
}

int fetch_run(const struct fetch *fetch, struct arena *arena, struct fetched *ret_fetched,
              struct err *err)
{
    int64_t end_ms = clock_monotonic_ms() + fetch->total_ms;
    struct str url = fetch->url;
    for (int i = 0; i <= fetch->redirects; i++) {
        struct hop one;
        if (check(fetch, url, arena, err) < 0)
            return -1;
        if (hop(fetch, url, end_ms - clock_monotonic_ms(), arena, &one) < 0)
            break;
        if (one.status < 300 || one.status >= 400 || !one.location.n) {
            *ret_fetched = (struct fetched){one.status, url, one.type, one.body};
            return 0;
        }
        url = one.location;
    }
    return err_client(err, 502, "M_UNKNOWN", "Nothing could be had from this address");
}
