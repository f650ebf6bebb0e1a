/* SPDX-License-Identifier: EUPL-1.2 */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "bench/bench.h"
#include "bench/process.h"

/* The load generator: options, the server, then each scenario that was named. */

static const char usage[] =
    "usage: bench [OPTION]… SCENARIO…\n"
    "The server under test, one of:\n"
    "  --server PROGRAM --data DIR   starts `PROGRAM serve --data DIR`, and stops it\n"
    "  --url URL [--pid PID]         one that runs: any Matrix server\n"
    "and more of it:\n"
    "  --set KEY=VALUE               passed to the server that is started\n"
    "  --secret SECRET               signs up with Synapse's shared secret (else: open sign-up)\n"
    "  --manifest FILE               accounts of a preloaded store (else: DATA/bench.tsv, if any)\n"
    "  --password PASSWORD           theirs, for those who sign in\n"
    "  --database-pid PID            root of the processes of the database beside it\n"
    "  --database-directory DIR      its files\n"
    "What is done:\n"
    "  --http2                       HTTP/2 instead of HTTP/1.1\n"
    "  --size smoke|short|full       how much of it; short\n"
    "  --seconds N, --warm N         length of what lasts a time, of its warm-up\n"
    "What is told:\n"
    "  --json FILE                   the results\n"
    "  --label TEXT                  name of the server in them\n"
    "  --durability TEXT             what a send that was answered survives: named with each "
    "figure\n"
    "  --list                        the scenarios\n";

struct options {
    const char *manifest, *json, *label, *durability, *url;
    bool list;
};

enum word {
    OPTION_SERVER = 256,
    OPTION_DATA,
    OPTION_URL,
    OPTION_PID,
    OPTION_SET,
    OPTION_SECRET,
    OPTION_MANIFEST,
    OPTION_PASSWORD,
    OPTION_DATABASE_PID,
    OPTION_DATABASE_DIRECTORY,
    OPTION_HTTP2,
    OPTION_SIZE,
    OPTION_SECONDS,
    OPTION_WARM,
    OPTION_JSON,
    OPTION_LABEL,
    OPTION_DURABILITY,
    OPTION_LIST,
};

static const struct option words[] = {
    {"server", required_argument, NULL, OPTION_SERVER},
    {"data", required_argument, NULL, OPTION_DATA},
    {"url", required_argument, NULL, OPTION_URL},
    {"pid", required_argument, NULL, OPTION_PID},
    {"set", required_argument, NULL, OPTION_SET},
    {"secret", required_argument, NULL, OPTION_SECRET},
    {"manifest", required_argument, NULL, OPTION_MANIFEST},
    {"password", required_argument, NULL, OPTION_PASSWORD},
    {"database-pid", required_argument, NULL, OPTION_DATABASE_PID},
    {"database-directory", required_argument, NULL, OPTION_DATABASE_DIRECTORY},
    {"http2", no_argument, NULL, OPTION_HTTP2},
    {"size", required_argument, NULL, OPTION_SIZE},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"warm", required_argument, NULL, OPTION_WARM},
    {"json", required_argument, NULL, OPTION_JSON},
    {"label", required_argument, NULL, OPTION_LABEL},
    {"durability", required_argument, NULL, OPTION_DURABILITY},
    {"list", no_argument, NULL, OPTION_LIST},
    {0},
};

static int parse_size(struct bench *bench, const char *text)
{
    static const struct {
        const char *name;
        int64_t warm_us, measure_us;
    } sizes[] = {
        {"smoke", 50000, 300000}, {"short", 1000000, 5000000}, {"full", 5000000, 30000000}};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        if (strcmp(text, sizes[i].name) != 0)
            continue;
        bench->size = (enum bench_size)i;
        bench->warm_us = sizes[i].warm_us;
        bench->measure_us = sizes[i].measure_us;
        return 0;
    }
    return -1;
}

/* A number of at least 0; -1 when it is something else. */
static int64_t parse_number(const char *text)
{
    int64_t number = -1;
    return str_parse_uint(str_from(text), &number) == 0 && number <= INT32_MAX ? number : -1;
}

static int apply_number(struct bench *bench, int option, int64_t number)
{
    if (option == OPTION_PID)
        bench->server.pid = (pid_t)number;
    else if (option == OPTION_DATABASE_PID)
        bench->server.database_pid = (pid_t)number;
    else if (option == OPTION_SECONDS)
        bench->measure_us = number * 1000000;
    else
        bench->warm_us = number * 1000000;
    return number < 0 ? -1 : 0;
}

static int apply_server(struct bench *bench, int option, const char *value)
{
    struct server *server = &bench->server;
    if (option == OPTION_SERVER)
        server->program = value;
    else if (option == OPTION_DATA)
        server->data = value;
    else if (option == OPTION_DATABASE_DIRECTORY)
        server->database_directory = value;
    else if (option == OPTION_SECRET)
        bench->accounts.secret = value;
    else if (option == OPTION_PASSWORD)
        bench->accounts.password = value;
    else if (server->n_set < SERVER_SET_MAX)
        server->set[server->n_set++] = value;
    else
        return -1;
    return 0;
}

static int apply(struct bench *bench, struct options *options, int option, const char *value)
{
    switch (option) {
    case OPTION_SERVER:
    case OPTION_DATA:
    case OPTION_DATABASE_DIRECTORY:
    case OPTION_SECRET:
    case OPTION_PASSWORD:
    case OPTION_SET:
        return apply_server(bench, option, value);
    case OPTION_PID:
    case OPTION_DATABASE_PID:
    case OPTION_SECONDS:
    case OPTION_WARM:
        return apply_number(bench, option, parse_number(value));
    case OPTION_SIZE:
        return parse_size(bench, value);
    case OPTION_URL:
        options->url = value;
        return 0;
    case OPTION_MANIFEST:
        options->manifest = value;
        return 0;
    case OPTION_HTTP2:
        bench->http2 = true;
        return 0;
    case OPTION_JSON:
        options->json = value;
        return 0;
    case OPTION_LABEL:
        options->label = value;
        return 0;
    case OPTION_DURABILITY:
        options->durability = value;
        return 0;
    case OPTION_LIST:
        options->list = true;
        return 0;
    default:
        return -1;
    }
}

static int list(void)
{
    for (size_t i = 0; i < scenarios_n; i++)
        printf("(%c) %-9s %s\n", scenarios[i]->letter, scenarios[i]->name, scenarios[i]->what);
    return 0;
}

static const struct scenario *scenario_find(const char *name)
{
    for (size_t i = 0; i < scenarios_n; i++)
        if (strcmp(name, scenarios[i]->name) == 0 || (name[0] == scenarios[i]->letter && !name[1]))
            return scenarios[i];
    return NULL;
}

/* -1 after a word on standard error. */
static int parse(struct bench *bench, struct options *options, int argc, char **argv)
{
    int option, outcome = parse_size(bench, "short");
    while (outcome == 0 && (option = getopt_long(argc, argv, "", words, NULL)) != -1)
        outcome = apply(bench, options, option, optarg);
    if (outcome == 0 && options->list)
        return 0;
    for (int i = optind; i < argc && outcome == 0; i++)
        if (!scenario_find(argv[i])) {
            fprintf(stderr, "bench: there is no scenario \"%s\"\n", argv[i]);
            return -1;
        }
    bool one_server =
        options->url ? !bench->server.program : bench->server.program && bench->server.data;
    if (outcome < 0 || optind == argc || !one_server) {
        fputs(usage, stderr);
        return -1;
    }
    return 0;
}

static void raise_limits(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int load_accounts(struct bench *bench, const struct options *options, struct err *err)
{
    char path[4096];
    if (options->manifest)
        return accounts_load(bench, options->manifest, err);
    snprintf(path, sizeof path, "%s/bench.tsv", bench->server.data ? bench->server.data : "");
    if (!bench->server.data || access(path, R_OK) < 0)
        return 0;
    return accounts_load(bench, path, err);
}

static void report_head(struct bench *bench, const struct options *options)
{
    struct report *report = &bench->report;
    double load[1] = {0};
    const char *data = bench->server.data ? bench->server.data : "/var/tmp";
    struct fsync_cost cost = fsync_measure(data);
    if (getloadavg(load, 1) < 1)
        load[0] = 0;
    report_text(report, "server", options->label ? options->label : bench->server.url);
    report_text(report, "durability", options->durability ? options->durability : "not said");
    report_text(report, "protocol", bench->http2 ? "HTTP/2" : "HTTP/1.1");
    report_text(report, "tls", bench->endpoint.tls ? "yes" : "no");
    report_number(report, "preloaded_accounts", (double)bench->accounts.n);
    report_number(report, "processors", (double)sysconf(_SC_NPROCESSORS_ONLN));
    report_number(report, "load_average", load[0]);
    report_number(report, "fsync_p50_ms", (double)cost.p50_us / 1e3);
    report_number(report, "fsync_p99_ms", (double)cost.p99_us / 1e3);
    report_number(report, "fsync_rested_p50_ms", (double)cost.rested_p50_us / 1e3);
    report_cases(report);
}

static int begin(struct bench *bench, const struct options *options, struct err *err)
{
    if (options->url)
        snprintf(bench->server.url, sizeof bench->server.url, "%s", options->url);
    if (load_accounts(bench, options, err) < 0 || server_start(&bench->server, err) < 0)
        return -1;
    return endpoint_init(&bench->endpoint, str_from(bench->server.url), bench->http2, err);
}

static int work(struct bench *bench, const struct options *options, char **names, struct err *err)
{
    if (begin(bench, options, err) < 0)
        return -1;
    report_head(bench, options);
    for (; *names; names++) {
        const struct scenario *scenario = scenario_find(*names);
        if (scenario->run(bench, err) < 0) {
            err_prefix(err, "scenario %s", scenario->name);
            return -1;
        }
    }
    return report_save(&bench->report, options->json, err);
}

int main(int argc, char **argv)
{
    struct bench bench = {.random = 1};
    struct options options = {0};
    struct err err = ERR_INIT, end = ERR_INIT;
    if (parse(&bench, &options, argc, argv) < 0)
        return 64;
    if (options.list)
        return list();
    raise_limits();
    loop_init(&bench.loop);
    report_init(&bench.report);
    bench.memory = arena_new(SIZE_MAX);
    int outcome = work(&bench, &options, argv + optind, &err);
    if (outcome < 0)
        fprintf(stderr, "bench: %s\n", err.detail[0] ? err.detail : err.text);
    if (server_stop(&bench.server, &end) < 0) {
        fprintf(stderr, "bench: %s\n", end.detail);
        outcome = -1;
    }
    endpoint_done(&bench.endpoint);
    loop_done(&bench.loop);
    report_done(&bench.report);
    accounts_done(&bench.accounts);
    arena_free(bench.memory);
    return outcome < 0 ? 1 : 0;
}
