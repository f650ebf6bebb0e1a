/* SPDX-License-Identifier: EUPL-1.2 */
#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "bench/measure.h"
#include "bench/room.h"
#include "json/doc.h"

/* (l) Bytes on the disk for each message, and for each change of state, every index and log
 * included. The server is stopped before each look, so that what waits in its write-ahead log has
 * found its place; one that runs elsewhere is looked at as it is. */

struct disk {
    struct bench *bench;
    size_t account;
    struct str room;
};

static size_t maker(void *owner, size_t i)
{
    const struct disk *disk = owner;
    (void)i;
    return disk->account;
}

static void who_writes(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct disk *disk = owner;
    (void)i;
    *ret_account = disk->account;
    *ret_room = disk->room;
}

static void write_state(void *owner, size_t i, struct draft *draft)
{
    const struct disk *disk = owner;
    draft->method = "PUT";
    draft->token = disk->bench->accounts.p[disk->account].token;
    buf_printf(&draft->path, "/_matrix/client/v3/rooms/%.*s/state/bench.state/key%zu",
               STR_ARG(disk->room), i);
    buf_printf(&draft->body, "{\"value\":%zu}", i);
}

/* Mean size of an event as clients get it. */
static int mean_event(struct disk *disk, double *ret_bytes, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    char path[512];
    int n = snprintf(path, sizeof path, "/_matrix/client/v3/rooms/%.*s/messages?dir=b&limit=50",
                     STR_ARG(disk->room));
    struct str body;
    const struct json *doc;
    if (batch_one(disk->bench, "GET", str_make(path, (size_t)n),
                  disk->bench->accounts.p[disk->account].token, STR_NONE, &body, err) < 0 ||
        json_parse(arena, body, &doc, err) < 0)
        return -1;
    const struct json *chunk = json_find(doc, STR("chunk"));
    if (!json_is(chunk, JSON_ARRAY) || !chunk->array.n)
        return err_internal(err, "a page of messages is empty");
    size_t sum = 0;
    for (size_t i = 0; i < chunk->array.n; i++)
        sum += chunk->array.items[i].raw.n;
    *ret_bytes = (double)sum / (double)chunk->array.n;
    return 0;
}

static int settled_bytes(struct bench *bench, int64_t *ret_bytes, struct err *err)
{
    if (server_stop(&bench->server, err) < 0)
        return -1;
    *ret_bytes = server_disk_bytes(&bench->server);
    return bench_restart(bench, err);
}

static void report_growth(struct bench *bench, const char *name, size_t n, int64_t bytes,
                          double event_bytes)
{
    double each = (double)bytes / (double)n;
    report_case(&bench->report, "disk", name);
    report_number(&bench->report, "n", (double)n);
    report_number(&bench->report, "bytes_each", each);
    report_number(&bench->report, "client_json_bytes", event_bytes);
    report_case_end(&bench->report);
}

static int grow(struct disk *disk, const char *name, const struct batch *batch, size_t n,
                struct err *err)
{
    struct join_plan messages = {n, disk, who_writes};
    int64_t before, after;
    double event_bytes;
    if (settled_bytes(disk->bench, &before, err) < 0 ||
        (batch ? batch_run(disk->bench, batch, err) : rooms_fill(disk->bench, &messages, err)) <
            0 ||
        mean_event(disk, &event_bytes, err) < 0 || settled_bytes(disk->bench, &after, err) < 0)
        return -1;
    report_growth(disk->bench, name, n, after - before, event_bytes);
    return 0;
}

static int run(struct bench *bench, struct err *err)
{
    struct disk disk = {.bench = bench};
    struct room_plan room = {1, &disk, maker, &disk.room};
    size_t n_messages = BENCH_BY_SIZE(bench, 100, 20000, 100000);
    size_t n_changes = BENCH_BY_SIZE(bench, 20, 5000, 20000);
    struct batch changes = {.n = n_changes, .owner = &disk, .write = write_state};
    if (!bench->server.data && !bench->server.database_directory) {
        fprintf(stderr, "disk      left out: nobody said where this server keeps its files\n");
        return 0;
    }
    if (accounts_want(bench, 1, err) < 0 || rooms_make(bench, &room, err) < 0 ||
        grow(&disk, "a message", NULL, n_messages, err) < 0)
        return -1;
    return grow(&disk, "a change of state, each of its own key", &changes, n_changes, err);
}

const struct scenario scenario_disk = {
    'l', "disk", "bytes on the disk for a message and for a change of state", run};
