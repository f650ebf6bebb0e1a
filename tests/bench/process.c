/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/process.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bench/histogram.h"

#define PROCESSES_MAX  1024
#define FSYNC_ROUNDS   300
#define FSYNC_PAUSE_US 300

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) < 0)
        return 0;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t process_own_cpu_ns(void)
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static int64_t cpu_ns(pid_t pid)
{
    clockid_t clock;
    return clock_getcpuclockid(pid, &clock) == 0 ? clock_ns(clock) : 0;
}

/* The children of a process stand in the files of the threads that made them; a database server and
 * most others have one thread that does. */
static void add_children(pid_t pid, pid_t *pids, size_t *n)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *file = fopen(path, "re");
    int child;
    while (file && *n < PROCESSES_MAX && fscanf(file, "%d", &child) == 1)
        pids[(*n)++] = (pid_t)child;
    if (file)
        fclose(file);
}

static size_t tree(pid_t pid, pid_t pids[PROCESSES_MAX])
{
    size_t n = 0;
    if (pid > 0)
        pids[n++] = pid;
    for (size_t i = 0; i < n; i++)
        add_children(pids[i], pids, &n);
    return n;
}

static void add_memory(pid_t pid, struct usage *usage)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "Rss:", 4) == 0)
            usage->rss_bytes += strtoll(line + 4, NULL, 10) * 1024;
        else if (strncmp(line, "Pss:", 4) == 0)
            usage->pss_bytes += strtoll(line + 4, NULL, 10) * 1024;
    }
    if (file)
        fclose(file);
}

int64_t process_tree_cpu_ns(pid_t pid)
{
    pid_t pids[PROCESSES_MAX];
    size_t n = tree(pid, pids);
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += cpu_ns(pids[i]);
    return sum;
}

struct usage process_tree_usage(pid_t pid)
{
    pid_t pids[PROCESSES_MAX];
    size_t n = tree(pid, pids);
    struct usage usage = {0};
    for (size_t i = 0; i < n; i++) {
        usage.cpu_ns += cpu_ns(pids[i]);
        add_memory(pids[i], &usage);
    }
    return usage;
}

/* nftw takes no argument of its own. */
static _Thread_local int64_t bytes_seen;

static int add_file(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)path;
    (void)ftw;
    if (kind == FTW_F)
        bytes_seen += stat->st_size;
    return 0;
}

int64_t disk_bytes(const char *directory)
{
    bytes_seen = 0;
    if (!directory || nftw(directory, add_file, 16, FTW_PHYS) < 0)
        return 0;
    return bytes_seen;
}

static struct histogram *sync_often(int fd, int64_t pause_us)
{
    char page[4096] = {1};
    struct histogram *h = MEM_NEW(struct histogram);
    for (int i = 0; i < FSYNC_ROUNDS; i++) {
        page[0] = (char)i;
        if (pause_us)
            usleep((useconds_t)pause_us);
        int64_t begun_us = clock_monotonic_us();
        if (pwrite(fd, page, sizeof page, 0) != (ssize_t)sizeof page || fdatasync(fd) < 0)
            break;
        if (i)
            histogram_add(h, clock_monotonic_us() - begun_us);
    }
    return h;
}

struct fsync_cost fsync_measure(const char *directory)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/bench-fsync-XXXXXX", directory);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return (struct fsync_cost){0};
    struct histogram *often = sync_often(fd, 0), *rested = sync_often(fd, FSYNC_PAUSE_US);
    struct fsync_cost cost = {histogram_at(often, 0.5), histogram_at(often, 0.99),
                              histogram_at(rested, 0.5)};
    mem_free(often);
    mem_free(rested);
    close(fd);
    unlink(path);
    return cost;
}
