/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_PROCESS_H
#define CHAPPE_BENCH_PROCESS_H

/* What processes cost, as the kernel counts it. */

#include <stdint.h>
#include <sys/types.h>

struct usage {
    int64_t cpu_ns;    /* since the processes began; of those that live now */
    int64_t rss_bytes; /* resident, of each process as if it were alone */
    int64_t pss_bytes; /* the same, memory that is shared divided among those that share it */
};

/* Of a process and all that descend from it; zeros for pid 0 or when it is gone. */
struct usage process_tree_usage(pid_t pid);
/* The processor time alone, which costs less to ask. */
int64_t process_tree_cpu_ns(pid_t pid);
int64_t process_own_cpu_ns(void);

/* Bytes of the files under a directory; 0 when it is not there. */
int64_t disk_bytes(const char *directory);

struct fsync_cost {
    int64_t p50_us, p99_us; /* one after the other */
    int64_t rested_p50_us;  /* each after a pause, as who writes alone leaves one */
};

/* What one durable write costs on the file system of that directory: 4 KiB written over what is
 * there, fdatasync. That is the least that a commit can cost. Zeros when nothing can be written. */
struct fsync_cost fsync_measure(const char *directory);

#endif
