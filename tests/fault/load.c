/* SPDX-License-Identifier: EUPL-1.2 */
#include "fault/load.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "matrix/pdu.h"
#include "store/auth_chain.h"
#include "store/event.h"
#include "store/room.h"
#include "store/state.h"
#include "store/txn.h"

#define TRIES_MAX 50

/* A room as its deciding side sees it: the row as it will be when all that was submitted is
 * committed. */
struct desk {
    pthread_mutex_t lock;
    int64_t id; /* 0: not loaded, or not made yet */
    struct room_row row;
    bool stale;
};

struct load {
    struct store *store;
    const struct load_options *options;
    struct desk desks[LEDGER_ROOMS];
};

struct writer {
    struct load *load;
    int index;
    uint64_t random;
    pthread_t thread;
    struct load_result result;
};

/* One submission. */
struct sending {
    struct job job;
    struct load *load;
    struct ledger_entry *entry; /* NULL: the room is made */
    struct event *event;
    struct room_row row;
    int64_t old_head;
    char txn[32];
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool over;
    enum job_result result;
    struct err err;
};

/* splitmix64: the same for the same seed. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* ---- the job ---- */

static void acknowledge(struct sending *sending)
{
    if (sending->entry) {
        sending->entry->event = sending->event->id;
        sending->entry->place = sending->event->place;
        sending->entry->pos = sending->event->pos;
        sending->entry->acknowledged = true;
    }
}

static int write_event(struct write *w, struct sending *sending, struct err *err)
{
    struct event *event = sending->event;
    if (event->state != event->state_before && state_save(w, event->state, err) < 0)
        return -1;
    if (event_insert(w, event, err) < 0)
        return -1;
    return event->state_key ? auth_chain_insert(w, event->id, NULL, 0, err) : 0;
}

static int run(struct write *w, void *arg, struct err *err)
{
    struct sending *sending = arg;
    struct ledger_entry *entry = sending->entry;
    int64_t room = sending->row.id;
    if (write_event(w, sending, err) < 0)
        return -1;
    struct room_row row = sending->row;
    row.pos = sending->event->pos;
    if (sending->old_head ? room_update(w, &row, (struct room_was){.head = sending->old_head}, err)
                          : room_insert(w, &row, err))
        return -1;
    if (entry &&
        txn_insert(w, entry->writer + 1, room, str_from(sending->txn), sending->event->id, err) < 0)
        return -1;
    if (sending->load->options->answers_before_commit)
        acknowledge(sending);
    return 0;
}

static void done(struct job *job, enum job_result result, const struct err *err)
{
    struct sending *sending = job->arg;
    pthread_mutex_lock(&sending->lock);
    sending->result = result;
    if (result != JOB_COMMITTED)
        sending->err = *err;
    sending->over = true;
    pthread_cond_signal(&sending->wake);
    pthread_mutex_unlock(&sending->lock);
}

/* ---- deciding ---- */

static int64_t intern(struct load *load, const char *text)
{
    struct err err = ERR_INIT;
    int64_t id = 0;
    CHECK(store_intern(load->store, str_from(text), &id, &err) == 0);
    return id;
}

static void write_json(struct buf *json, const struct desk *desk, const struct ledger_entry *entry,
                       bool is_state)
{
    if (entry)
        buf_printf(json, "{\"content\":{\"body\":\"%d-%lld\"}", entry->writer,
                   (long long)entry->number);
    else
        buf_printf(json, "{\"content\":{\"room_version\":\"12\"}");
    buf_printf(json, ",\"depth\":%lld,\"room_id\":\"%lld\",\"sender\":\"@w:x\"",
               (long long)desk->row.last_place + 1, (long long)desk->id);
    if (is_state)
        buf_printf(json, ",\"state_key\":\"\"");
    buf_printf(json, ",\"type\":\"%s\"}",
               !entry     ? "m.room.create"
               : is_state ? "m.room.topic"
                          : "m.room.message");
}

static struct event *make_event(struct load *load, const struct desk *desk,
                                const struct ledger_entry *entry, bool is_state)
{
    CLEANUP(buf_done) struct buf json;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct err err = ERR_INIT;
    const struct json *doc;
    struct event fields = {
        .id = store_new_id(load->store),
        .room = desk->id,
        .place = desk->row.last_place + 1,
        .type = intern(load, !entry     ? "m.room.create"
                             : is_state ? "m.room.topic"
                                        : "m.room.message"),
        .sender = intern(load, "@w:x"),
        .state_key = is_state ? intern(load, "") : 0,
        .state_before = desk->row.state,
        .state = desk->row.state,
    };
    buf_init(&json, KIB(4));
    write_json(&json, desk, entry, is_state);
    CHECK(json_parse(arena, buf_str(&json), &doc, &err) == 0);
    CHECK(pdu_reference_hash(arena, room_version_default(), doc, fields.hash, &err) == 0);
    return event_new(&fields, buf_str(&json));
}

/* The state that the event makes; -1: the store could not be read. */
static int make_state(struct load *load, struct event *event)
{
    struct state_entry change = {event->type, event->state_key, event->id};
    struct err err = ERR_INIT;
    struct read r;
    read_begin(load->store, &r);
    int made = state_make(&r, event->room, event->state_before, &change, 1, &event->state, &err);
    read_end(&r);
    return made;
}

/* Under the desk's lock: the next event of the room, and the room as it is after. */
static int decide(struct load *load, struct desk *desk, struct sending *sending, bool is_state)
{
    sending->event = make_event(load, desk, sending->entry, is_state);
    if (is_state && make_state(load, sending->event) < 0)
        return -1;
    sending->old_head = desk->row.head;
    sending->row = desk->row;
    sending->row.head = sending->event->id;
    sending->row.last_place = sending->event->place;
    sending->row.state = sending->event->state;
    sending->row.events++;
    return 0;
}

static void wait_over(struct sending *sending)
{
    pthread_mutex_lock(&sending->lock);
    while (!sending->over)
        pthread_cond_wait(&sending->wake, &sending->lock);
    pthread_mutex_unlock(&sending->lock);
}

/* Decides, submits under the desk's lock (which it gives back), and waits for the outcome. */
static enum job_result submit(struct load *load, struct desk *desk, struct sending *sending,
                              bool is_state)
{
    enum job_result result = JOB_FAILED;
    sending->load = load;
    sending->job = (struct job){.run = run, .done = done, .arg = sending};
    pthread_mutex_init(&sending->lock, NULL);
    pthread_cond_init(&sending->wake, NULL);
    bool submitted = decide(load, desk, sending, is_state) == 0 &&
                     store_submit(load->store, &sending->job, &sending->err) == 0;
    if (submitted)
        desk->row = sending->row;
    pthread_mutex_unlock(&desk->lock);
    if (submitted) {
        wait_over(sending);
        result = sending->result;
    }
    if (result == JOB_COMMITTED)
        acknowledge(sending);
    event_unref(sending->event);
    pthread_mutex_destroy(&sending->lock);
    pthread_cond_destroy(&sending->wake);
    return result;
}

/* ---- rooms ---- */

static int load_desk(struct load *load, int room)
{
    struct desk *desk = &load->desks[room];
    char buffer[32];
    struct err err = ERR_INIT;
    struct read r;
    int64_t id = 0;
    int found = store_find_name(load->store, ledger_room_id(room, buffer), &id, &err);
    if (found <= 0)
        return found;
    read_begin(load->store, &r);
    found = room_load(&r, id, &desk->row, &err);
    read_end(&r);
    if (found > 0)
        desk->id = id;
    desk->stale = found <= 0;
    return found;
}

static enum job_result make_room(struct load *load, int room)
{
    struct desk *desk = &load->desks[room];
    struct sending sending = {.err = ERR_INIT};
    char buffer[32];
    pthread_mutex_lock(&desk->lock);
    desk->id = intern(load, ledger_room_id(room, buffer).p);
    desk->row = (struct room_row){.id = desk->id, .first_place = 1};
    desk->row.version = intern(load, "12");
    desk->row.creator = intern(load, "@w:x");
    return submit(load, desk, &sending, true);
}

static bool open_room(struct load *load, int room)
{
    int found = load_desk(load, room);
    if (found)
        return found > 0;
    if (load->options->ledger->rooms[room])
        fprintf(stderr, "fault: room %d was acknowledged and is lost\n", room);
    for (int64_t i = 0; i <= load->options->patience; i++)
        if (make_room(load, room) == JOB_COMMITTED)
            return load->options->ledger->rooms[room] = true;
    return false;
}

/* ---- writers ---- */

/* 1: the transaction is known, and what it is about was told; 0, -1. */
static int find_txn(struct load *load, const struct desk *desk, const struct ledger_entry *entry,
                    const char *txn, struct ledger_entry *ret_found)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct err err = ERR_INIT;
    struct read r;
    int64_t id = 0;
    read_begin(load->store, &r);
    int found = txn_find(&r, entry->writer + 1, desk->id, str_from(txn), &id, &err);
    if (found > 0)
        found = event_load(&r, id, &event, &err) > 0 ? 1 : -1;
    read_end(&r);
    if (found > 0)
        *ret_found = (struct ledger_entry){.event = id, .place = event->place, .pos = event->pos};
    return found;
}

static void take_found(struct ledger_entry *entry, const struct ledger_entry *found)
{
    entry->event = found->event;
    entry->place = found->place;
    entry->pos = found->pos;
    entry->acknowledged = true;
}

/* JOB_REFUSED: the room has moved, decide again. */
static enum job_result send_once(struct writer *writer, struct ledger_entry *entry)
{
    struct load *load = writer->load;
    struct desk *desk = &load->desks[entry->room];
    struct sending sending = {.entry = entry, .err = ERR_INIT};
    struct ledger_entry found;
    snprintf(sending.txn, sizeof sending.txn, "txn-%lld", (long long)entry->number);
    pthread_mutex_lock(&desk->lock);
    int known = desk->stale && load_desk(load, entry->room) <= 0 ? -1 : 0;
    if (known == 0 && entry->tries++ > 0)
        known = find_txn(load, desk, entry, sending.txn, &found);
    if (known != 0) {
        pthread_mutex_unlock(&desk->lock);
        if (known > 0)
            take_found(entry, &found);
        return known > 0 ? JOB_COMMITTED : JOB_FAILED;
    }
    enum job_result result = submit(load, desk, &sending, entry->number % 8 == 7);
    if (result == JOB_COMMITTED)
        return result;
    pthread_mutex_lock(&desk->lock);
    desk->stale = true;
    pthread_mutex_unlock(&desk->lock);
    if (result == JOB_FAILED && sending.err.status == 503)
        writer->result.refused++;
    else if (result == JOB_FAILED)
        writer->result.unclear++;
    return result;
}

static bool send_entry(struct writer *writer, struct ledger_entry *entry)
{
    int64_t patience = writer->load->options->patience;
    writer->result.retried += entry->tries > 0;
    for (int i = 0; i < TRIES_MAX; i++) {
        enum job_result result = send_once(writer, entry);
        if (result == JOB_COMMITTED) {
            writer->result.acknowledged++;
            return true;
        }
        if (result == JOB_FAILED && patience-- <= 0)
            break;
    }
    writer->result.unanswered++;
    return false;
}

static void *writer_main(void *arg)
{
    struct writer *writer = arg;
    struct ledger *ledger = writer->load->options->ledger;
    size_t n = ledger->entries[writer->index].n;
    if (n && !ledger->entries[writer->index].p[n - 1]->acknowledged &&
        !send_entry(writer, ledger->entries[writer->index].p[n - 1]))
        return NULL;
    for (int64_t i = 0; i < writer->load->options->messages; i++) {
        int room = (int)(draw(&writer->random) % LEDGER_ROOMS);
        if (!send_entry(writer, ledger_add(ledger, writer->index, room)))
            break;
    }
    return NULL;
}

static void add_result(struct load_result *sum, const struct load_result *one)
{
    sum->acknowledged += one->acknowledged;
    sum->unanswered += one->unanswered;
    sum->retried += one->retried;
    sum->refused += one->refused;
    sum->unclear += one->unclear;
}

static void run_writers(struct load *load, struct load_result *result)
{
    struct writer writers[LEDGER_WRITERS];
    for (int i = 0; i < LEDGER_WRITERS; i++) {
        writers[i] = (struct writer){
            .load = load, .index = i, .random = load->options->seed * 1000 + (uint64_t)i};
        CHECK(pthread_create(&writers[i].thread, NULL, writer_main, &writers[i]) == 0);
    }
    for (int i = 0; i < LEDGER_WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        add_result(result, &writers[i].result);
    }
}

struct load_result load_run(struct store *store, const struct load_options *options)
{
    struct load load = {.store = store, .options = options};
    struct load_result result = {0};
    bool ready = true;
    store_set_listener(store, ledger_show, options->ledger);
    for (int i = 0; i < LEDGER_ROOMS; i++)
        pthread_mutex_init(&load.desks[i].lock, NULL);
    for (int i = 0; i < LEDGER_ROOMS && ready; i++)
        ready = open_room(&load, i);
    if (ready)
        run_writers(&load, &result);
    for (int i = 0; i < LEDGER_ROOMS; i++)
        pthread_mutex_destroy(&load.desks[i].lock);
    return result;
}

int64_t load_ask_again(struct store *store, const struct ledger *ledger)
{
    struct load load = {.store = store};
    int64_t faults = 0;
    for (int i = 0; i < LEDGER_ROOMS; i++)
        if (ledger->rooms[i])
            faults += load_desk(&load, i) <= 0;
    for (int w = 0; w < LEDGER_WRITERS; w++) {
        for (size_t i = 0; i < ledger->entries[w].n; i++) {
            const struct ledger_entry *entry = ledger->entries[w].p[i];
            struct ledger_entry found = {0};
            char txn[32];
            snprintf(txn, sizeof txn, "txn-%lld", (long long)entry->number);
            if (!entry->acknowledged)
                continue;
            int known = find_txn(&load, &load.desks[entry->room], entry, txn, &found);
            faults += known <= 0 || found.event != entry->event || found.pos != entry->pos;
        }
    }
    return faults;
}
