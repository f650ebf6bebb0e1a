/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "bench/measure.h"
#include "bench/process.h"

/* (k) Starting, on the store as it is: from the making of the process to the line that says it
 * answers; and the memory of a server that nobody has asked anything. Needs a server of its own. */

static int run(struct bench *bench, struct err *err)
{
    struct histogram *h = MEM_NEW(struct histogram);
    int outcome = 0;
    int n = BENCH_BY_SIZE(bench, 1, 5, 11);
    if (!bench->server.program) {
        fprintf(stderr, "start     left out: this server is not started here\n");
        n = 0;
    }
    for (int i = 0; i < n && outcome == 0; i++) {
        outcome = bench_restart(bench, err);
        if (outcome == 0)
            histogram_add(h, bench->server.ready_us);
    }
    if (outcome == 0 && n) {
        bench_settle(bench);
        report_case(&bench->report, "start", "the store as it is");
        report_number(&bench->report, "n", n);
        report_number(&bench->report, "p50_ms", (double)histogram_at(h, 0.5) / 1e3);
        report_number(&bench->report, "max_ms", (double)h->max / 1e3);
        report_number(&bench->report, "rss_mb",
                      (double)process_tree_usage(bench->server.pid).rss_bytes / 1e6);
        report_number(&bench->report, "disk_mb", (double)server_disk_bytes(&bench->server) / 1e6);
        report_case_end(&bench->report);
    }
    mem_free(h);
    return outcome;
}

const struct scenario scenario_start = {
    'k', "start", "starting on the store as it is, and the memory of an idle server", run};
