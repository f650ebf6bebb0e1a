/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/hosts.h"

#include "base/limits.h"
#include "base/mem.h"

/* After so many failures in a row it is left alone for a while, and then asked by one push. */
#define FAILURES_MAX 3
#define PAUSE_MS     5000
#define PAUSE_MAX_MS 60000

static struct str name_of(struct str url)
{
    struct str rest = str_skip(url, str_starts(url, STR("https://")) ? 8 : 7);
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
        end++;
    return str_first(rest, end);
}

static void host_free(struct push_host *host)
{
    mem_free((void *)(uintptr_t)host->name.p);
    mem_free(host);
}

void push_hosts_done(struct push_hosts *hosts)
{
    struct str name;
    void *host;
    for (size_t at = 0; str_map_next(&hosts->map, &at, &name, &host);)
        host_free(host);
    str_map_done(&hosts->map);
    *hosts = (struct push_hosts){0};
}

struct push_host *push_hosts_find(const struct push_hosts *hosts, struct str url)
{
    return str_map_find(&hosts->map, name_of(url));
}

struct push_host *push_hosts_get(struct push_hosts *hosts, struct str url)
{
    struct str name = name_of(url);
    struct push_host *host = str_map_find(&hosts->map, name);
    if (host)
        return host;
    host = MEM_NEW(struct push_host);
    host->name = str_make(mem_copy(name.p, name.n), name.n);
    str_map_put(&hosts->map, host->name, host);
    return host;
}

void push_hosts_let_go(struct push_hosts *hosts, struct push_host *host)
{
    bool is_remembered = host->failures && hosts->map.n <= LIMIT_PUSH_HOSTS;
    if (host->under_way || host->first_waiting || is_remembered)
        return;
    str_map_remove(&hosts->map, host->name);
    host_free(host);
}

enum push_host_state push_host_look(const struct push_host *host, int64_t now_ms)
{
    if (host->failures < FAILURES_MAX)
        return host->under_way < LIMIT_PUSHES_OF_HOST ? PUSH_HOST_OPEN : PUSH_HOST_BUSY;
    if (now_ms < host->until_ms)
        return PUSH_HOST_DOWN;
    return host->under_way ? PUSH_HOST_BUSY : PUSH_HOST_OPEN;
}

bool push_host_may_catch_up(struct push_host *host, int64_t now_ms)
{
    enum push_host_state state = push_host_look(host, now_ms);
    if (host->failures < FAILURES_MAX)
        return host->n_waiting < LIMIT_PUSHES_OF_HOST;
    if (state != PUSH_HOST_OPEN || host->n_waiting || host->asked_ms == now_ms)
        return false;
    host->asked_ms = now_ms;
    return true;
}

void push_host_end(struct push_host *host, bool answered, int64_t now_ms)
{
    host->under_way--;
    if (answered) {
        host->failures = 0;
        return;
    }
    int64_t more = host->failures++ - (FAILURES_MAX - 1);
    int64_t pause = more > 4 ? PAUSE_MAX_MS : (int64_t)PAUSE_MS << (more > 0 ? more : 0);
    host->until_ms = now_ms + (pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
}
