/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/measure.h"

#include "base/clock.h"
#include "bench/process.h"

static struct moment moment_now(const struct bench *bench)
{
    return (struct moment){
        .server = process_tree_usage(bench->server.pid),
        .database = process_tree_usage(bench->server.database_pid),
        .own_ns = process_own_cpu_ns(),
        .disk_bytes = server_disk_bytes(&bench->server),
    };
}

void measure_begin(struct bench *bench, struct measure *measure)
{
    measure->from = moment_now(bench);
    /* Looking takes a millisecond or more: what was due meanwhile is still of the warm-up. */
    measure->from.at_us = clock_monotonic_us();
}

void measure_end(struct bench *bench, struct measure *measure)
{
    int64_t at_us = clock_monotonic_us();
    measure->to = moment_now(bench);
    measure->to.at_us = at_us;
}

bool measure_covers(const struct measure *measure, int64_t due_us)
{
    return measure->from.at_us && due_us >= measure->from.at_us &&
           (!measure->to.at_us || due_us < measure->to.at_us);
}

void measure_add(struct measure *measure, int64_t due_us, int64_t done_us, bool ok)
{
    if (!measure_covers(measure, due_us))
        return;
    if (ok)
        histogram_add(&measure->waits, done_us - due_us);
    else
        measure->n_errors++;
}

double measure_seconds(const struct measure *measure)
{
    return (double)(measure->to.at_us - measure->from.at_us) / 1e6;
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static int wait_until(struct bench *bench, int64_t until_us, struct err *err)
{
    loop_at(&bench->loop, until_us, stop, &bench->loop);
    return bench_run(bench, "measuring", 3600, err);
}

int measure_run_both(struct bench *bench, struct measure *first, struct measure *second,
                     struct err *err)
{
    if (wait_until(bench, clock_monotonic_us() + bench->warm_us, err) < 0)
        return -1;
    measure_begin(bench, first);
    second->from = first->from;
    second->is_second = second != first;
    if (wait_until(bench, first->from.at_us + bench->measure_us, err) < 0)
        return -1;
    measure_end(bench, first);
    second->to = first->to;
    return 0;
}

int measure_run(struct bench *bench, struct measure *measure, struct err *err)
{
    return measure_run_both(bench, measure, measure, err);
}

static double us_each(int64_t ns, double n)
{
    return n > 0 ? (double)ns / 1e3 / n : 0;
}

static void report_cost(struct bench *bench, const struct measure *m, double n)
{
    struct report *report = &bench->report;
    int64_t server = m->to.server.cpu_ns - m->from.server.cpu_ns;
    int64_t database = m->to.database.cpu_ns - m->from.database.cpu_ns;
    int64_t own = m->to.own_ns - m->from.own_ns, all = server + database + own;
    if (bench->server.pid)
        report_number(report, "server_cpu_us", us_each(server, n));
    if (bench->server.database_pid)
        report_number(report, "database_cpu_us", us_each(database, n));
    report_number(report, "generator_cpu_us", us_each(own, n));
    if (all > 0 && bench->server.pid)
        report_number(report, "generator_share", (double)own / (double)all);
    report_number(report, "rss_mb", (double)m->to.server.rss_bytes / 1e6);
    if (bench->server.database_pid)
        report_number(report, "database_rss_mb", (double)m->to.database.pss_bytes / 1e6);
    if (bench->server.data) {
        /* Once more, since other things run on the machine: this is what it costs just now. */
        struct fsync_cost cost = fsync_measure(bench->server.data);
        report_number(report, "fsync_p50_ms", (double)cost.p50_us / 1e3);
        report_number(report, "fsync_p99_ms", (double)cost.p99_us / 1e3);
        report_number(report, "fsync_rested_p50_ms", (double)cost.rested_p50_us / 1e3);
    }
    report_number(report, "disk_mb", (double)m->to.disk_bytes / 1e6);
    report_number(report, "disk_before_mb", (double)m->from.disk_bytes / 1e6);
}

void measure_report(struct bench *bench, const struct measure *m, const char *unit)
{
    struct report *report = &bench->report;
    const struct histogram *h = &m->waits;
    double n = (double)h->n, seconds = measure_seconds(m);
    report_text(report, "unit", unit);
    report_number(report, "n", n);
    report_number(report, "errors", (double)m->n_errors);
    report_number(report, "per_second", seconds > 0 ? n / seconds : 0);
    report_number(report, "p50_ms", (double)histogram_at(h, 0.5) / 1e3);
    report_number(report, "p90_ms", (double)histogram_at(h, 0.9) / 1e3);
    report_number(report, "p99_ms", (double)histogram_at(h, 0.99) / 1e3);
    report_number(report, "max_ms", (double)h->max / 1e3);
    report_number(report, "mean_ms", n > 0 ? (double)h->sum / n / 1e3 : 0);
    if (!m->is_second)
        report_cost(bench, m, n);
}
