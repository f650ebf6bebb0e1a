/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/store_unit.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

/* The engine of this test program: set once, before its tests. */
static enum db_engine unit_engine;

void store_unit_set_engine(enum db_engine engine)
{
    unit_engine = engine;
}

void store_unit_open_again(struct store_unit *unit)
{
    struct err err = ERR_INIT;
    struct store_options options = {.uri = db_unit_uri(unit->db)};
    if (store_open(&options, &unit->store, &err) < 0)
        fail_msg("store_open: %s", err.detail);
}

int store_unit_open(void **state)
{
    struct store_unit *unit = MEM_NEW(struct store_unit);
    unit->engine = unit_engine;
    unit->db = db_unit_new(unit_engine);
    unit->arena = arena_new(MIB(16));
    store_unit_open_again(unit);
    *state = unit;
    return 0;
}

int store_unit_close(void **state)
{
    struct store_unit *unit = *state;
    for (size_t i = 0; i < unit->kept.n; i++)
        event_unref(unit->kept.p[i]);
    VEC_DONE(&unit->kept);
    store_close(unit->store);
    arena_free(unit->arena);
    db_unit_free(unit->db);
    mem_free(unit);
    return 0;
}

void store_unit_reopen(struct store_unit *unit)
{
    store_close(unit->store);
    store_unit_open_again(unit);
}

int64_t unit_intern(struct store *store, const char *text)
{
    struct err err = ERR_INIT;
    int64_t id = 0;
    if (store_intern(store, str_from(text), &id, &err) < 0)
        fail_msg("store_intern: %s", err.detail);
    return id;
}

void unit_run(struct store *store, int (*run)(struct write *w, void *arg, struct err *err),
              void *arg)
{
    struct err err = ERR_INIT;
    if (store_run(store, run, arg, &err) < 0)
        fail_msg("store_run: %s %s", err.text, err.detail);
}

static void write_json(struct buf *json, const struct event *event)
{
    buf_printf(json, "{\"auth_events\":[],\"content\":{\"body\":\"number %lld\"},\"depth\":%lld,",
               (long long)event->id, (long long)event->depth);
    buf_printf(json, "\"hashes\":{\"sha256\":\"x\"},\"origin_server_ts\":%lld,\"prev_events\":[],",
               (long long)event->origin_server_ts);
    buf_printf(json, "\"room_id\":\"!r%lld\",\"sender\":\"@u%lld:x\",\"signatures\":{},",
               (long long)event->room, (long long)event->sender);
    if (event->state_key)
        buf_printf(json, "\"state_key\":\"k%lld\",", (long long)event->state_key);
    buf_printf(json, "\"type\":\"t%lld\"}", (long long)event->type);
}

struct event *unit_event(struct store *store, int64_t room, int64_t place, int64_t type,
                         int64_t state_key)
{
    CLEANUP(buf_done) struct buf json;
    struct event fields = {
        .id = store_new_id(store),
        .room = room,
        .place = place,
        .type = type,
        .state_key = state_key,
        .sender = unit_intern(store, "@someone:example.org"),
        .origin_server_ts = 1700000000000 + place,
        .depth = place,
    };
    memcpy(fields.hash, &fields.id, sizeof fields.id);
    buf_init(&json, KIB(64));
    write_json(&json, &fields);
    return event_new(&fields, buf_str(&json));
}

static int insert(struct write *w, void *arg, struct err *err)
{
    return event_insert(w, arg, err);
}

void unit_insert(struct store *store, struct event *event)
{
    unit_run(store, insert, event);
}

void unit_keep(struct store_unit *unit, struct event *event)
{
    VEC_ADD(&unit->kept, event);
}

struct email unit_email(struct store_unit *unit, const char *text)
{
    struct email email = {0};
    struct err err = ERR_INIT;
    if (email_parse(unit->arena, str_from(text), &email, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return email;
}
