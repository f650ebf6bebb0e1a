/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/preload/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static void path_of(struct str data_dir, char path[4096])
{
    snprintf(path, 4096, "%.*s/bench.tsv", STR_ARG(data_dir));
}

bool manifest_exists(struct str data_dir)
{
    char path[4096];
    path_of(data_dir, path);
    return access(path, F_OK) == 0;
}

/* The rooms of each user, as one list cut by user: rooms[from[u]] … rooms[from[u + 1] - 1]. */
struct by_user {
    size_t *from;
    uint32_t *rooms;
};

static void by_user_init(struct by_user *by_user, const struct plan *plan)
{
    size_t *from = MEM_NEW_N(plan->n_users + 2, size_t), total = 0;
    /* Counted two places on, so that filling leaves the starts where they belong. */
    for (size_t i = 0; i < plan->n_rooms; i++)
        for (size_t k = 0; k < plan->rooms[i].n_members; k++, total++)
            from[plan->rooms[i].members[k] + 2]++;
    for (size_t u = 2; u < plan->n_users + 2; u++)
        from[u] += from[u - 1];
    by_user->rooms = MEM_NEW_N(total + 1, uint32_t);
    for (size_t i = 0; i < plan->n_rooms; i++)
        for (size_t k = 0; k < plan->rooms[i].n_members; k++)
            by_user->rooms[from[plan->rooms[i].members[k] + 1]++] = (uint32_t)i;
    by_user->from = from;
}

static void write_head(FILE *file, struct str server_name, const struct plan *plan)
{
    const struct plan_room *largest = &plan->rooms[0];
    for (size_t i = 1; i < plan->n_rooms; i++)
        if (plan->rooms[i].n_members > largest->n_members)
            largest = &plan->rooms[i];
    fprintf(file, "chappe-bench\t1\t%.*s\n", STR_ARG(server_name));
    fprintf(file, "room\tlargest\t%s\n", largest->room_id);
}

static void write_user(FILE *file, size_t user, const struct people *people,
                       const struct plan *plan, const struct by_user *by_user)
{
    const struct caller *caller = &people->callers[user];
    fprintf(file, "%.*s\t%.*s\t%.*s\t", STR_ARG(caller->user_id), STR_ARG(people->tokens[user]),
            STR_ARG(caller->device_id));
    for (size_t i = by_user->from[user]; i < by_user->from[user + 1]; i++)
        fprintf(file, "%s%s", i > by_user->from[user] ? "," : "",
                plan->rooms[by_user->rooms[i]].room_id);
    fputc('\n', file);
}

int manifest_write(const struct config *config, const struct people *people,
                   const struct plan *plan, struct err *err)
{
    char path[4096];
    struct by_user by_user;
    path_of(config->data_dir, path);
    FILE *file = fopen(path, "wx");
    if (!file)
        return err_internal(err, "%s: %s", path, strerror(errno));
    by_user_init(&by_user, plan);
    write_head(file, config->server_name, plan);
    for (size_t user = 0; user < people->n; user++)
        write_user(file, user, people, plan, &by_user);
    mem_free(by_user.from);
    mem_free(by_user.rooms);
    bool bad = ferror(file) || fflush(file) != 0 || fsync(fileno(file)) != 0;
    if (fclose(file) != 0 || bad)
        return err_internal(err, "%s: %s", path, strerror(errno));
    return 0;
}
