/* SPDX-License-Identifier: EUPL-1.2 */

/* How much processor time one search for people takes among many, in memory alone: `people [N]`,
 * 600,000 when it is not said. Who is there and what is typed: human.h. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "bench/human.h"
#include "service/directory/people_index.h"

#define SEARCHES 5000

/* Of this thread: what others do on the machine does not count. */
static int64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void fill(struct people_index *index, int64_t n)
{
    struct arena *arena = arena_new(MIB(1));
    for (int64_t user = 1; user <= n; user++) {
        arena_reset(arena);
        struct human human = human_nth(arena, (uint64_t)user);
        struct person person = {
            .user = user,
            .name = arena_printf(arena, "%.*s %.*s", STR_ARG(human.first), STR_ARG(human.last)),
            .organisation = human.ministry,
        };
        people_index_put(index, &person);
    }
    arena_free(arena);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void search(const struct people_index *index, int64_t n, int64_t *ret_us)
{
    struct arena *arena = arena_new(MIB(64));
    uint64_t drawn = 0;
    for (int i = 0; i < SEARCHES; i++) {
        struct people_found *found;
        size_t n_found;
        bool more;
        arena_reset(arena);
        struct human human = human_nth(arena, human_draw(&drawn) % (uint64_t)n + 1);
        struct people_query query = {.term = human_term(arena, &human, human_draw(&drawn)),
                                     .caller = (int64_t)(human_draw(&drawn) % (uint64_t)n) + 1,
                                     .now_ms = clock_wall_ms()};
        int64_t begun = cpu_us();
        people_index_search(index, &query, arena, &found, &n_found, &more);
        ret_us[i] = cpu_us() - begun;
    }
    arena_free(arena);
}

int main(int argc, char **argv)
{
    int64_t n = 600000;
    if (argc > 2 || (argc == 2 && str_parse_uint(str_from(argv[1]), &n) < 0) || n < 1) {
        fprintf(stderr, "usage: people [N]\n");
        return 64;
    }
    struct people_index *index = people_index_new();
    int64_t *us = MEM_NEW_N(SEARCHES, int64_t), begun = cpu_us();
    fill(index, n);
    printf("%lld people: built in %lld ms, %zu MiB\n", (long long)n,
           (long long)(cpu_us() - begun) / 1000, people_index_bytes(index) >> 20);
    search(index, n, us);
    qsort(us, SEARCHES, sizeof *us, compare);
    printf("%d searches, processor time: p50 %lld us, p99 %lld us, p99.9 %lld us, worst %lld us\n",
           SEARCHES, (long long)us[SEARCHES / 2], (long long)us[SEARCHES / 100 * 99],
           (long long)us[SEARCHES / 1000 * 999], (long long)us[SEARCHES - 1]);
    mem_free(us);
    people_index_free(index);
    return 0;
}
