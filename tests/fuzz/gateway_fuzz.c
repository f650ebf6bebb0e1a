/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "net/courier.h"

/* "NETWORKS URL": where pushes may go besides, and where one is to go. */
static void check_url(const struct courier_rules *rules, struct str url)
{
    struct str host, path;
    if (courier_check_url(rules, url, &host, &path) < 0)
        return;
    CHECK(str_starts(url, STR("https://")) || (str_starts(url, STR("http://")) && rules->also.n));
    CHECK(host.n && host.p > url.p && host.p + host.n <= url.p + url.n);
    CHECK(path.p + path.n == url.p + url.n && path.p >= host.p + host.n);
    CHECK(str_find(url, '@') < 0 || str_find(path, '@') >= 0);
    CHECK(str_find(url, '#') < 0 && str_find(url, ' ') < 0 && str_find(url, '\n') < 0 &&
          str_find(url, 0) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct courier_rules rules = {0};
    struct str networks, url;
    str_cut(str_make(data, size), ' ', &networks, &url);
    if (networks_parse(networks, &rules.also) == 0)
        CHECK(rules.also.n <= LIMIT_NETWORKS);
    for (size_t i = 0; i < rules.also.n; i++)
        CHECK(rules.also.p[i].bits >= 0 && rules.also.p[i].bits <= 128);
    check_url(&rules, url);
    return 0;
}
