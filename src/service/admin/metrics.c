/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/metrics.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/http.h"
#include "service/push/pushing.h"
#include "service/scan/scanner.h"
#include "service/sync/connections.h"
#include "service/sync/notifier.h"
#include "store/mail.h"
#include "store/media_scan.h"
#include "store/store.h"

static void gauge(struct buf *out, const char *name, const char *help, int64_t value)
{
    buf_printf(out, "# HELP chappe_%s %s\n# TYPE chappe_%s gauge\nchappe_%s %lld\n", name, help,
               name, name, (long long)value);
}

static void counter(struct buf *out, const char *name, const char *help, int64_t value)
{
    buf_printf(out, "# HELP chappe_%s_total %s\n# TYPE chappe_%s_total counter\n", name, help,
               name);
    buf_printf(out, "chappe_%s_total %lld\n", name, (long long)value);
}

static void seconds(struct buf *out, const char *name, const char *type, const char *help,
                    int64_t microseconds)
{
    buf_printf(out, "# HELP chappe_%s %s\n# TYPE chappe_%s %s\n", name, help, name, type);
    buf_printf(out, "chappe_%s %lld.%06lld\n", name, (long long)(microseconds / 1000000),
               (long long)(microseconds % 1000000));
}

static void tell_store(struct store *store, struct buf *out)
{
    struct store_counts counts;
    store_count(store, &counts);
    gauge(out, "store_stopped", "1 once nothing is written any more.", store_has_stopped(store));
    gauge(out, "store_head", "Highest visible position of the log.", store_head(store).pos);
    gauge(out, "store_queue", "Jobs that wait for the appender.", counts.queue);
    gauge(out, "store_wal_pages", "Pages of SQLite's write-ahead log at its last checkpoint.",
          counts.wal_pages);
    counter(out, "store_batches", "Transactions committed.", counts.batches);
    counter(out, "store_jobs", "Jobs committed.", counts.jobs);
    counter(out, "store_refused", "Jobs refused by their preconditions.", counts.refused);
    counter(out, "store_positions", "Positions given out.", counts.positions);
    seconds(out, "store_commit_seconds_total", "counter", "Time spent committing.",
            counts.commit_us_total);
    seconds(out, "store_commit_seconds_max", "gauge", "Longest commit.", counts.commit_us_max);
}

static void tell_http(const struct http_server *http, struct buf *out)
{
    struct http_server_counts counts;
    http_server_count(http, &counts);
    gauge(out, "http_connections", "Connections open.", counts.connections);
    gauge(out, "http_parked", "Requests that wait without a thread.", counts.parked);
    gauge(out, "http_queued", "Requests that wait for a worker.", counts.queued);
    gauge(out, "http_woken_queued", "Woken polls that wait for a worker.", counts.woken_queued);
    counter(out, "http_requests", "Requests answered.", counts.requests);
    counter(out, "http_refused", "Connections refused at the limits.", counts.refused);
    counter(out, "http_received_bytes", "Bytes received.", counts.bytes_in);
    counter(out, "http_sent_bytes", "Bytes sent.", counts.bytes_out);
}

static void tell_notifier(struct notifier *notifier, struct buf *out)
{
    struct notifier_counts counts;
    notifier_count(notifier, &counts);
    gauge(out, "sync_online_users", "Local users whose devices poll.", counts.online);
    gauge(out, "sync_parked", "Polls that found nothing yet.", counts.parked);
    counter(out, "sync_woken", "Polls woken.", counts.woken);
}

static void tell_connections(struct connections *connections, struct buf *out)
{
    struct connections_counts counts;
    connections_count(connections, &counts);
    gauge(out, "sliding_connections", "Connections of sliding sync that are remembered.",
          (int64_t)counts.connections);
    gauge(out, "sliding_bytes", "Bytes of what is remembered of them.", (int64_t)counts.bytes);
}

/* Resident memory, from the kernel; 0 when it does not tell. */
static int64_t resident_bytes(void)
{
    char text[128];
    struct str total, rest, resident;
    int64_t pages;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    size_t n = fread(text, 1, sizeof text, file);
    fclose(file);
    str_cut(str_make(text, n), ' ', &total, &rest);
    str_cut(rest, ' ', &resident, &rest);
    return str_parse_uint(resident, &pages) < 0 ? 0 : pages * sysconf(_SC_PAGESIZE);
}

static void tell_process(const struct server *server, struct buf *out)
{
    int64_t up_ms = clock_monotonic_ms() - server->started_monotonic_ms;
    gauge(out, "process_resident_memory_bytes", "Resident memory.", resident_bytes());
    seconds(out, "uptime_seconds", "gauge", "Time since the start.", up_ms * 1000);
}

/* Two counts on indexes; when the store cannot be read they are left out, and the store's own
 * figures tell why. */
static void tell_mail(struct store *store, struct buf *out)
{
    struct err ignored = ERR_INIT;
    struct read read;
    int64_t waiting, aside;
    read_begin(store, &read);
    if (mail_count(&read, MAIL_WAITING, &waiting, &ignored) == 0 &&
        mail_count(&read, MAIL_ASIDE, &aside, &ignored) == 0) {
        gauge(out, "mail_waiting", "Mails that wait to be handed over.", waiting);
        gauge(out, "mail_aside", "Mails that were set aside: see the log.", aside);
    }
    read_end(&read);
}

static void tell_queue(struct store *store, struct buf *out)
{
    struct err ignored = ERR_INIT;
    struct read read;
    int64_t waiting, since_ms;
    read_begin(store, &read);
    if (media_scan_count(&read, &waiting, &since_ms, &ignored) == 0) {
        gauge(out, "scanner_waiting", "Files that wait for the antivirus.", waiting);
        seconds(out, "scanner_waiting_seconds", "gauge", "Since when the oldest of them does.",
                since_ms ? (clock_wall_ms() - since_ms) * 1000 : 0);
    }
    read_end(&read);
}

static void tell_scanner(const struct server *server, struct buf *out)
{
    struct scanner_status status;
    struct scanner_counts counts;
    scanner_look(server->scanner, &status);
    scanner_count(server->scanner, &counts);
    gauge(out, "scanner_ready", "1 while verdicts are taken from the antivirus.", status.ready);
    if (status.signature_ms)
        seconds(out, "scanner_signatures_age_seconds", "gauge", "Age of its official signatures.",
                (clock_wall_ms() - status.signature_ms) * 1000);
    counter(out, "scanner_scans", "Verdicts.", counts.scans);
    counter(out, "scanner_found", "Verdicts that found something.", counts.found);
    counter(out, "scanner_failed", "Files given up: each scan of them ended in the middle.",
            counts.failed);
    counter(out, "scanner_alerts", "Alerts: the antivirus is away, wrong or out of date.",
            counts.alerts);
    tell_queue(server->store, out);
}

static void tell_pushes(const struct pushing *pushing, struct buf *out)
{
    struct pushing_counts counts;
    pushing_count(pushing, &counts);
    counter(out, "pushes", "Pushes that were taken.", counts.sent);
    counter(out, "pushes_failed", "Pushes that were not.", counts.failed);
    gauge(out, "pushes_waiting", "Pushes on their way, or about to be.", counts.waiting);
}

void metrics_write(const struct server *server, struct buf *out)
{
    tell_store(server->store, out);
    if (server->http)
        tell_http(server->http, out);
    tell_notifier(server->notifier, out);
    tell_connections(server->connections, out);
    tell_mail(server->store, out);
    tell_scanner(server, out);
    tell_pushes(server->pushing, out);
    tell_process(server, out);
}
