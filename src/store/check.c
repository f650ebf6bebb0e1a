/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"

#define CHECK_ARENA MIB(64)

void check_fault(struct check *check, const char *format, ...)
{
    char line[400];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    check->faults++;
    check->report(check->arg, line);
}

static int check_engine(struct check *check, struct err *err)
{
    struct str report;
    int sound = db_verify(store_db(check->r->store), check->arena, &report, err);
    if (sound == 0)
        check_fault(check, "engine: %.*s", STR_ARG(report));
    return sound < 0 ? -1 : 0;
}

static int run_parts(struct check *check, struct err *err)
{
    static int (*const parts[])(struct check * check, struct err * err) = {
        check_engine, check_queries, check_states, check_events,
        check_rooms,  check_search,  check_audit,
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        arena_reset(check->arena);
        if (parts[i](check, err) < 0)
            return -1;
    }
    return 0;
}

/* One snapshot for all parts, so that a store that runs can be checked. */
int store_check(struct store *store, void (*report)(void *arg, const char *line), void *arg,
                struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(CHECK_ARENA);
    struct read r;
    struct check check = {.r = &r, .arena = arena, .report = report, .arg = arg};
    read_begin(store, &r);
    int result = read_conn(&r, &check.conn, err);
    if (result == 0)
        result = db_take_time(check.conn, err);
    if (result == 0)
        result = run_parts(&check, err);
    read_end(&r);
    if (result < 0)
        return -1;
    return check.faults == 0;
}
