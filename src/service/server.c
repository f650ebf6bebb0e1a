/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/server.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"
#include "crypto/hash.h"
#include "net/http.h"
#include "net/limiter.h"
#include "service/accounts/accounts.h"
#include "service/appservice/senders.h"
#include "service/background.h"
#include "service/config.h"
#include "service/directory/directory.h"
#include "service/federation/key_rotation.h"
#include "service/federation/signer.h"
#include "service/identity/identity.h"
#include "service/mail/mailer.h"
#include "service/media/media.h"
#include "service/media/previews.h"
#include "service/push/judge.h"
#include "service/push/pushing.h"
#include "service/rooms/purger.h"
#include "service/rooms/room.h"
#include "service/rooms/timers.h"
#include "service/scan/scanner.h"
#include "service/sync/connections.h"
#include "service/sync/notifier.h"
#include "service/sync/presence.h"
#include "service/task_pool.h"
#include "store/store.h"

/* Buckets of the rate limits kept at once. */
#define LIMITER_KEYS 200000
/* Two at a time: 38 MiB, and as many cores. */
#define PASSWORD_THREADS   2
#define PASSWORD_QUEUE_MAX 500
#define PASSWORD_BUSY      "Too many sign-ins at once, try again"
/* They sleep more than they work. */
#define SLEEPER_THREADS   4
#define SLEEPER_QUEUE_MAX 500
#define SLEEPER_BUSY      "Too many files at once, try again"
#define CARRIER_THREADS   8
#define ASKER_THREADS     4
#define ASKER_QUEUE_MAX   200
#define ASKER_BUSY        "Too many questions to application services at once, try again"
#define LOOKER_THREADS    4
#define LOOKER_QUEUE_MAX  200
#define LOOKER_BUSY       "Too many links at once, try again"
#define CAGE_QUEUE_MAX    500
#define CAGE_BUSY         "Too many pictures at once, try again"
/* Tests of pushers wait for the other side. */
#define PUSH_TEST_THREADS   2
#define PUSH_TEST_QUEUE_MAX 8
#define PUSH_TEST_BUSY      "Too many tests at once, try again"

/* After each commit: who must forget, then who must wake. */
static void listen(void *arg, const struct log_entry *entries, size_t n)
{
    struct server *server = arg;
    for (size_t i = 0; i < n; i++)
        if (entries[i].kind == LOG_KIND_DEVICE)
            accounts_forget_sessions(server->accounts, entries[i].user);
    rooms_listen(server->rooms, entries, n);
    directory_listen(server->directory, entries, n);
    notifier_listen(server->notifier, entries, n);
    senders_wake(__atomic_load_n(&server->senders, __ATOMIC_ACQUIRE));
    pushing_listen(server->pushing, entries, n);
}

/* What other nodes say of what lives in memory. */
static void hear(void *arg, struct str text)
{
    struct server *server = arg;
    notifier_hear(server->notifier, text);
    if (server->presence)
        presence_hear(server->presence, text);
}

static int open_parts(struct server *server, struct err *err)
{
    struct store_options options = {.uri = server->config->database.p};
    if (store_open(&options, &server->store, err) < 0)
        return -1;
    server->limiter = limiter_new(LIMITER_KEYS);
    server->judge = push_judge_new();
    server->identity = identity_new(server->name);
    server->directory = directory_new(server);
    server->connections = connections_new();
    server->previews = previews_new();
    if (rooms_new(server, &server->rooms, err) < 0 ||
        notifier_new(server->store, server->config->rooms_receipts_max_members, &server->notifier,
                     err) < 0 ||
        accounts_new(server, &server->accounts, err) < 0 ||
        task_pool_new(PASSWORD_THREADS, PASSWORD_QUEUE_MAX, PASSWORD_BUSY, &server->passwords,
                      err) < 0 ||
        task_pool_new(SLEEPER_THREADS, SLEEPER_QUEUE_MAX, SLEEPER_BUSY, &server->sleepers, err) <
            0 ||
        task_pool_new(CARRIER_THREADS, SLEEPER_QUEUE_MAX, SLEEPER_BUSY, &server->carriers, err) <
            0 ||
        task_pool_new(ASKER_THREADS, ASKER_QUEUE_MAX, ASKER_BUSY, &server->askers, err) < 0 ||
        task_pool_new(LOOKER_THREADS, LOOKER_QUEUE_MAX, LOOKER_BUSY, &server->lookers, err) < 0 ||
        task_pool_new(LIMIT_CAGE_AT_ONCE, CAGE_QUEUE_MAX, CAGE_BUSY, &server->cages, err) < 0 ||
        task_pool_new(PUSH_TEST_THREADS, PUSH_TEST_QUEUE_MAX, PUSH_TEST_BUSY, &server->push_tests,
                      err) < 0 ||
        media_repository_new(server, &server->media, err) < 0 || media_start(server, err) < 0 ||
        pushing_new(server, &server->pushing, err) < 0)
        return -1;
    store_set_listener(server->store, listen, server);
    if (server->config->presence)
        server->presence = presence_new(server->notifier, server->store);
    store_set_hearer(server->store, hear, server);
    if (directory_start(server->directory, err) < 0 || mailer_new(server, &server->mailer, err) < 0)
        return -1;
    if (scanner_new(server, &server->scanner, err) < 0 || pushing_start(server->pushing, err) < 0)
        return -1;
    if (timers_new(server, &server->timers, err) < 0 ||
        purger_new(server, &server->purger, err) < 0 ||
        senders_new(server, &server->senders, err) < 0)
        return -1;
    return background_new(server, &server->background, err);
}

/* A copy of the directory, or of the machine, is another node. Without a directory (tests): drawn.
 */
static int64_t node_of(const struct config *config, int64_t boot)
{
    char host[256] = "", text[512];
    unsigned char digest[SHA256_BYTES];
    struct stat directory;
    int64_t node = 0;
    if (!config->data_dir.p || stat(config->data_dir.p, &directory) < 0)
        return boot & INT64_MAX;
    (void)gethostname(host, sizeof host - 1);
    int n = snprintf(text, sizeof text, "%s %lld %lld", host, (long long)directory.st_dev,
                     (long long)directory.st_ino);
    sha256(str_make(text, n < 0 ? 0 : (size_t)n), digest);
    memcpy(&node, digest, sizeof node);
    return node & INT64_MAX;
}

int server_open(const struct config *config, const struct ed25519_key *key, struct str key_id,
                struct server **ret_server, struct err *err)
{
    struct server *server = MEM_NEW(struct server);
    server->config = config;
    server->name = config->server_name;
    server->signer = signer_new(key, key_id);
    server->started_monotonic_ms = clock_monotonic_ms();
    random_bytes(&server->boot, sizeof server->boot);
    server->node = node_of(config, server->boot);
    if (open_parts(server, err) < 0 || key_rotation_finish(server, err) < 0) {
        server_close(server);
        return -1;
    }
    *ret_server = server;
    return 0;
}

struct str server_own_url(struct server *server, struct arena *arena)
{
    const struct config *config = server->config;
    const struct config_listen *first = &config->listen[0];
    bool v6 = str_find(first->address, ':') >= 0;
    if (config->public_url.p)
        return config->public_url;
    return arena_printf(arena, "%s://%s%.*s%s:%d", first->tls_certificate.p ? "https" : "http",
                        v6 ? "[" : "", STR_ARG(first->address), v6 ? "]" : "",
                        http_server_port(server->http, 0));
}

struct str server_web_url(struct server *server, struct arena *arena)
{
    const struct config *config = server->config;
    struct str own = server_own_url(server, arena);
    if (!config->web_host.p)
        return own;
    return arena_printf(arena, "%s://%.*s", str_starts(own, STR("https:")) ? "https" : "http",
                        STR_ARG(config->web_host));
}

void server_close(struct server *server)
{
    if (!server)
        return;
    media_stop(server->media);
    background_stop(server->background);
    timers_stop(server->timers);
    purger_stop(server->purger);
    senders_stop(server->senders);
    mailer_stop(server->mailer);
    task_pool_free(server->push_tests);
    pushing_stop(server->pushing);
    scanner_stop(server->scanner);
    directory_stop(server->directory);
    task_pool_free(server->passwords);
    task_pool_free(server->sleepers);
    task_pool_free(server->carriers);
    task_pool_free(server->askers);
    task_pool_free(server->lookers);
    task_pool_free(server->cages);
    if (server->store)
        store_close(server->store); /* runs the jobs that wait: they wake what has stopped, and the
                                       listener still needs its parts */
    background_free(server->background);
    timers_free(server->timers);
    purger_free(server->purger);
    senders_free(server->senders);
    mailer_free(server->mailer);
    pushing_free(server->pushing);
    scanner_free(server->scanner);
    media_repository_free(server->media);
    previews_free(server->previews);
    accounts_free(server->accounts);
    presence_free(server->presence);
    notifier_free(server->notifier);
    connections_free(server->connections);
    rooms_free(server->rooms);
    push_program_unref(server->judge);
    directory_free(server->directory);
    identity_free(server->identity);
    limiter_free(server->limiter);
    signer_free(server->signer);
    mem_free(server);
}
