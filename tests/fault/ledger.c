/* SPDX-License-Identifier: EUPL-1.2 */
#include "fault/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/event.h"
#include "json/doc.h"

void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){0};
    pthread_mutex_init(&ledger->lock, NULL);
}

void ledger_done(struct ledger *ledger)
{
    for (int w = 0; w < LEDGER_WRITERS; w++) {
        for (size_t i = 0; i < ledger->entries[w].n; i++)
            mem_free(ledger->entries[w].p[i]);
        VEC_DONE(&ledger->entries[w]);
    }
    pthread_mutex_destroy(&ledger->lock);
}

struct ledger_entry *ledger_add(struct ledger *ledger, int writer, int room)
{
    struct ledger_entry *entry = MEM_NEW(struct ledger_entry);
    *entry = (struct ledger_entry){
        .writer = writer, .room = room, .number = (int64_t)ledger->entries[writer].n};
    VEC_ADD(&ledger->entries[writer], entry);
    return entry;
}

int64_t ledger_count(const struct ledger *ledger, bool acknowledged)
{
    int64_t n = 0;
    for (int w = 0; w < LEDGER_WRITERS; w++)
        for (size_t i = 0; i < ledger->entries[w].n; i++)
            n += !acknowledged || ledger->entries[w].p[i]->acknowledged;
    return n;
}

void ledger_show(void *arg, const struct log_entry *entries, size_t n)
{
    struct ledger *ledger = arg;
    pthread_mutex_lock(&ledger->lock);
    if (ledger->shown < entries[n - 1].pos)
        ledger->shown = entries[n - 1].pos;
    pthread_mutex_unlock(&ledger->lock);
}

struct str ledger_room_id(int room, char buffer[static 32])
{
    int n = snprintf(buffer, 32, "!room-%d", room);
    return (struct str){buffer, (size_t)n};
}

/* ---- comparing ---- */

struct comparison {
    const struct ledger *ledger;
    struct read r;
    struct arena *arena;
    unsigned char *seen[LEDGER_WRITERS]; /* one a message */
    int64_t last[LEDGER_WRITERS];        /* number of the writer's last message in this room */
    int64_t faults;
};

static void fault(struct comparison *c, const char *what, const struct ledger_entry *entry)
{
    c->faults++;
    fprintf(stderr, "fault: %s: message %lld of writer %d in room %d\n", what,
            (long long)entry->number, entry->writer, entry->room);
}

static void fault_line(void *arg, const char *line)
{
    struct comparison *c = arg;
    c->faults++;
    fprintf(stderr, "fault: the store is not sound: %s\n", line);
}

/* The entry of a body such as "2-17". */
static struct ledger_entry *find_entry(struct comparison *c, struct str body)
{
    char text[32] = "", *rest;
    if (body.n >= sizeof text)
        return NULL;
    memcpy(text, body.p, body.n);
    long writer = strtol(text, &rest, 10);
    long long number = *rest == '-' ? strtoll(rest + 1, &rest, 10) : -1;
    if (writer < 0 || writer >= LEDGER_WRITERS || number < 0 || *rest ||
        (size_t)number >= c->ledger->entries[writer].n)
        return NULL;
    return c->ledger->entries[writer].p[number];
}

static void compare_event(struct comparison *c, int room, const struct event *event)
{
    struct err err = ERR_INIT;
    const struct json *content;
    CHECK(json_parse(c->arena, event->members.content, &content, &err) == 0);
    const struct json *body = json_find(content, STR("body"));
    if (!body) /* one that made the room */
        return;
    struct ledger_entry *entry = find_entry(c, json_as_str(body));
    if (!entry || entry->room != room) {
        fault_line(c, "an event that nobody sent");
        return;
    }
    if (c->seen[entry->writer][entry->number]++)
        fault(c, "twice", entry);
    if (entry->acknowledged &&
        (entry->event != event->id || entry->place != event->place || entry->pos != event->pos))
        fault(c, "not where it was said to be", entry);
    if (entry->number < c->last[entry->writer])
        fault(c, "out of order", entry);
    c->last[entry->writer] = entry->number;
}

static void compare_room(struct comparison *c, int room)
{
    char buffer[32];
    int64_t id = 0, place = 0, pos = 0;
    struct err err = ERR_INIT;
    struct store *store = c->r.store;
    for (int w = 0; w < LEDGER_WRITERS; w++)
        c->last[w] = -1;
    if (store_find_name(store, ledger_room_id(room, buffer), &id, &err) != 1)
        return;
    for (size_t n = 1; n > 0;) {
        int64_t *ids;
        CHECK(event_list_room(&c->r, id, place, EVENT_FORWARD, 500, c->arena, &ids, &n, &err) == 0);
        for (size_t i = 0; i < n; i++) {
            CLEANUP(event_cleanup) struct event *event = NULL;
            CHECK(event_load(&c->r, ids[i], &event, &err) == 1);
            if (event->pos <= pos)
                fault_line(c, "positions and places of a room go different ways");
            place = event->place;
            pos = event->pos;
            compare_event(c, room, event);
        }
    }
}

static void find_lost(struct comparison *c)
{
    for (int w = 0; w < LEDGER_WRITERS; w++)
        for (size_t i = 0; i < c->ledger->entries[w].n; i++)
            if (c->ledger->entries[w].p[i]->acknowledged && !c->seen[w][i])
                fault(c, "acknowledged and lost", c->ledger->entries[w].p[i]);
}

int64_t ledger_compare(const struct ledger *ledger, struct store *store)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    struct comparison c = {.ledger = ledger, .arena = arena};
    struct err err = ERR_INIT;
    for (int w = 0; w < LEDGER_WRITERS; w++)
        c.seen[w] = arena_alloc(arena, ledger->entries[w].n + 1, 1);
    read_begin(store, &c.r);
    for (int room = 0; room < LEDGER_ROOMS; room++)
        compare_room(&c, room);
    read_end(&c.r);
    find_lost(&c);
    if (store_head(store).pos < ledger->shown)
        fault_line(&c, "a position that was shown is free again");
    int sound = store_check(store, fault_line, &c, &err);
    if (sound < 0)
        fault_line(&c, err.detail);
    return c.faults;
}
