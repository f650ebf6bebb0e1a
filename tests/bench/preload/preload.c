/* SPDX-License-Identifier: EUPL-1.2 */

/* usage: preload DATA --events N --rooms R --users U [--shape usual|wide|forum] [--bytes N]
 *                [--engine URI]
 * Fills a new data directory for the benchmark: see tests/bench/README.md. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "bench/preload/fill.h"
#include "bench/preload/manifest.h"
#include "bin/data_dir.h"
#include "bin/options.h"
#include "service/federation/signing_key.h"
#include "store/store.h"

#define YEAR_MS (365LL * 24 * 3600 * 1000)

struct preload {
    struct options options;
    struct signing_key key;
    int64_t events, rooms, users, content_bytes;
    enum plan_shape shape;
    struct people people;
    struct fill fill;
    int64_t bytes_before, bytes_after; /* of the database, where it is a file */
    int64_t positions;
};

static int fail(const char *what, const struct err *err)
{
    fprintf(stderr, "preload: %s%s%s\n", what, err && err->detail[0] ? ": " : "",
            err ? (err->detail[0] ? err->detail : err->text) : "");
    return 1;
}

/* ---- the command line ---- */

static int parse_shape(const char *text, enum plan_shape *ret_shape)
{
    static const char *const names[] = {"usual", "wide", "forum"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *ret_shape = (enum plan_shape)i;
            return 0;
        }
    return -1;
}

static bool parse_number(const char *text, int64_t least, int64_t most, int64_t *ret_value)
{
    return str_parse_uint(str_from(text), ret_value) == 0 && *ret_value >= least &&
           *ret_value <= most;
}

static int parse(struct preload *p, struct arena *arena, int argc, char **argv)
{
    const char *events = "1000000", *rooms = "5000", *users = "12000", *bytes = "500";
    const char *shape = "usual", *engine = NULL;
    const struct option_row rows[] = {
        {"--events", NULL, &events}, {"--rooms", NULL, &rooms},   {"--users", NULL, &users},
        {"--shape", NULL, &shape},   {"--engine", NULL, &engine}, {"--bytes", NULL, &bytes},
        {NULL, NULL, NULL},
    };
    struct err err = ERR_INIT;
    if (options_parse(arena, argc - 1, argv + 1, rows, &p->options, &err) < 0)
        return fail("usage", &err);
    if (p->options.n_words != 1 || parse_shape(shape, &p->shape) < 0 ||
        !parse_number(events, 0, 100000000, &p->events) ||
        !parse_number(rooms, 1, 1000000, &p->rooms) ||
        !parse_number(users, 2, 10000000, &p->users) ||
        !parse_number(bytes, FILL_CONTENT_LEAST, 60000, &p->content_bytes))
        return fail("usage: preload DATA [--events N] [--rooms R] [--users U]"
                    " [--shape usual|wide|forum] [--bytes N] [--engine URI]",
                    NULL);
    settings_add(&p->options.given, STR("data"), str_from(p->options.words[0]), STR("DATA"));
    if (engine)
        settings_add(&p->options.given, STR("database"), str_from(engine), STR("--engine"));
    return options_load(&p->options, &err) < 0 ? fail("options", &err) : 0;
}

/* ---- what it takes on disk ---- */

static int64_t database_bytes(const struct preload *p, struct server *server)
{
    struct err err = ERR_INIT;
    struct stat stat_of;
    int64_t left;
    const char *uri = p->options.config.database.p;
    if (!str_starts(str_from(uri), STR("sqlite:")) ||
        db_checkpoint(store_db(server->store), &left, &err) < 0 ||
        stat(uri + strlen("sqlite:"), &stat_of) < 0)
        return 0;
    return stat_of.st_size;
}

/* ---- filling ---- */

static int fill_store(struct preload *p, struct server *server, struct plan *plan, struct err *err)
{
    int64_t start = store_head(server->store).pos;
    if (people_make(server, (size_t)p->users, &p->people, err) < 0)
        return -1;
    p->fill = (struct fill){.server = server,
                            .people = &p->people,
                            .plan = plan,
                            .content_bytes = (size_t)p->content_bytes,
                            .from_ms = clock_wall_ms() - YEAR_MS};
    if (fill_rooms(&p->fill, err) < 0)
        return -1;
    /* The state events of the rooms count as events. */
    int64_t made = store_head(server->store).pos - start;
    p->fill.n_messages = p->events > made ? (size_t)(p->events - made) : 0;
    p->bytes_before = database_bytes(p, server);
    if (p->fill.n_messages && fill_messages(&p->fill, err) < 0)
        return -1;
    p->bytes_after = database_bytes(p, server);
    p->positions = store_head(server->store).pos;
    return manifest_write(&p->options.config, &p->people, plan, err);
}

/* Closing checkpoints; what it wrote is durable when this returns. */
static int run(struct preload *p, struct plan *plan, struct err *err)
{
    struct server *server;
    if (signing_key_load_or_make(p->options.arena, p->options.config.signing_key.p, &p->key, err) <
            0 ||
        server_open(&p->options.config, &p->key.key, p->key.id, &server, err) < 0)
        return -1;
    int status = fill_store(p, server, plan, err);
    server_close(server);
    signing_key_done(&p->key);
    return status;
}

static void report(const struct preload *p, const struct plan *plan, int64_t ms)
{
    size_t messages = p->fill.n_messages;
    printf("accounts   %zu, each with a device and a known token\n", p->people.n);
    printf("rooms      %zu, the busiest fifth holds %.0f %% of the messages\n", plan->n_rooms,
           100 * plan_busy_fifth(plan));
    printf("positions  %lld, of which %zu messages\n", (long long)p->positions, messages);
    printf("time       %.1f s\n", (double)ms / 1000);
    if (!messages)
        return;
    double json = (double)p->fill.json_bytes / (double)messages;
    printf("message    %.0f bytes of JSON", json);
    if (p->bytes_after) {
        double disk = (double)(p->bytes_after - p->bytes_before) / (double)messages;
        printf(", %.0f bytes on disk, indexes included: %.2f times", disk, disk / json);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    CLEANUP(fd_cleanup) int lock_fd = -1;
    struct preload p = {0};
    struct err err = ERR_INIT;
    int64_t begun_ms = clock_monotonic_ms();
    if (parse(&p, arena, argc, argv) != 0)
        return 64;
    umask(077);
    if (data_dir_lock(p.options.config.data_dir, &lock_fd, &err) <= 0)
        return fail("the data directory", &err);
    if (manifest_exists(p.options.config.data_dir))
        return fail("this data directory was filled before", NULL);
    struct plan *plan = plan_new(p.shape, (size_t)p.users, (size_t)p.rooms);
    int status = run(&p, plan, &err);
    if (status == 0)
        report(&p, plan, clock_monotonic_ms() - begun_ms);
    plan_free(plan);
    people_free(&p.people);
    return status < 0 ? fail("filling", &err) : 0;
}
