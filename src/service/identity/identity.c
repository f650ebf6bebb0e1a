/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/identity/identity.h"

#include <pthread.h>

#include "base/mem.h"
#include "service/background.h"

struct identity {
    pthread_mutex_t lock; /* of map */
    struct domain_map *map;
    int64_t serial;         /* under the lock: of the map */
    identity_reader reader; /* NULL: none */
    void *reader_arg;
    pthread_mutex_t reading; /* one reload at a time, so that the last one read is in force */
};

struct identity *identity_new(struct str server_name)
{
    struct identity *identity = MEM_NEW(struct identity);
    pthread_mutex_init(&identity->lock, NULL);
    pthread_mutex_init(&identity->reading, NULL);
    identity->map = domain_map_new_demonstration(server_name);
    return identity;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    domain_map_unref(identity->map);
    pthread_mutex_destroy(&identity->reading);
    pthread_mutex_destroy(&identity->lock);
    mem_free(identity);
}

/* The background has begun before the first map was read, and has found nothing to do. */
static void replace(struct server *server, struct domain_map *map)
{
    struct identity *identity = server->identity;
    pthread_mutex_lock(&identity->lock);
    struct domain_map *old = identity->map;
    identity->map = map;
    identity->serial++;
    pthread_mutex_unlock(&identity->lock);
    domain_map_unref(old);
    background_wake(server->background);
}

static struct domain_map *take(struct identity *identity)
{
    pthread_mutex_lock(&identity->lock);
    struct domain_map *map = domain_map_ref(identity->map);
    pthread_mutex_unlock(&identity->lock);
    return map;
}

int64_t identity_serial(struct identity *identity)
{
    pthread_mutex_lock(&identity->lock);
    int64_t serial = identity->serial;
    pthread_mutex_unlock(&identity->lock);
    return serial;
}

int identity_set_reader(struct server *server, identity_reader reader, void *arg, struct err *err)
{
    size_t n;
    server->identity->reader = reader;
    server->identity->reader_arg = arg;
    return identity_reload(server, &n, err);
}

static int read_map(struct server *server, size_t *ret_n, struct err *err)
{
    struct identity *identity = server->identity;
    struct domain_map *map;
    if (!identity->reader) {
        map = take(identity);
        *ret_n = domain_map_count(map);
        domain_map_unref(map);
        return 0;
    }
    if (identity->reader(identity->reader_arg, &map, err) < 0)
        return -1;
    *ret_n = domain_map_count(map);
    replace(server, map);
    return 0;
}

int identity_reload(struct server *server, size_t *ret_n, struct err *err)
{
    pthread_mutex_lock(&server->identity->reading);
    int status = read_map(server, ret_n, err);
    pthread_mutex_unlock(&server->identity->reading);
    return status;
}

struct placement identity_place(struct server *server, const struct email *email,
                                struct arena *arena)
{
    struct domain_map *map = take(server->identity);
    const struct domain_rule *rule = domain_map_find(map, email);
    struct placement placement = {.organisation = email_organisation(arena, email)};
    if (rule) {
        placement.server = arena_str(arena, rule->server);
        placement.here = str_eq(rule->server, server->name);
        placement.external = rule->external;
        if (rule->organisation.p)
            placement.organisation = arena_str(arena, rule->organisation);
    }
    domain_map_unref(map);
    return placement;
}
