/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/purger.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/turns.h"
#include "base/vec.h"
#include "service/config.h"
#include "service/media/parting.h"
#include "service/rooms/retention.h"
#include "service/server.h"
#include "store/hold.h"
#include "store/lease.h"
#include "store/purge.h"

#define LEASE_MS 30000
#define RENEW_MS 10000
/* Rooms looked at at once; events and bytes of one job. */
#define ROOMS       100
#define PIECE       100
#define PIECE_BYTES MIB(1)
/* What was filled in from before is found when a room is looked through from its beginning. */
#define AFRESH_MS (24 * 3600 * INT64_C(1000))

/* What the purger knows of a room that has a lifetime, so that most need not be looked at. */
struct known {
    int64_t lifetime_ms;
    int64_t from_ts;    /* what is older is gone */
    int64_t due_ms;     /* nothing expires before */
    int64_t afresh_ms;  /* then from_ts no longer stands */
    int64_t last_place; /* of the room, when it was looked at */
    int64_t stub_ts;    /* of the first of which something was left then; INT64_MAX: none */
};

struct purger {
    struct server *server;
    struct turns turns;
    struct int_map known; /* room → struct known */
    int64_t renewed_ms;
    int64_t n_events, n_rooms; /* of this turn */
    bool lost;                 /* another node has the lease now */
    struct parting parting;    /* of files */
};

static bool is_stopping(const struct purger *purger)
{
    return turns_is_stopping(&purger->turns);
}

static void tell(const char *what, int64_t room, const struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "retention", "what", LOG_Z(what), "room", LOG_INT(room), "detail",
             LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
}

/* ---- a piece of a room ---- */

struct piece {
    struct use *use;
    struct room_row row;
    const struct room_version *version;
    int64_t *extremities;
    size_t n_extremities;
    int64_t cutoff;
    VEC(struct purge_event) events;
    size_t bytes;
    int64_t from_ts; /* where the next one begins */
    bool more;       /* there may be more that has expired */
    int64_t stub_ts; /* of the first of which something is left, in this piece or before it */
    int64_t next_ts; /* of the first that has not expired; INT64_MAX: there is none */
};

/* Ends of the room's graph, and of its places. */
static bool is_kept(const struct piece *piece, const struct purge_mark *mark)
{
    for (size_t i = 0; i < piece->n_extremities; i++)
        if (piece->extremities[i] == mark->id)
            return true;
    return mark->place == piece->row.first_place || mark->place == piece->row.last_place;
}

static int open_event(struct piece *piece, int64_t id, struct purge_event *ret_event)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = piece->use;
    int found = event_load(&use->read, id, &event, &use->err);
    if (found != 1)
        return found;
    /* All but the references, which others count meanwhile. */
    memcpy(&ret_event->event, event, offsetof(struct event, refs));
    ret_event->event.json = arena_str(use->arena, event->json);
    if (event_find_members(ret_event->event.json, &ret_event->event.members) < 0)
        return err_internal(&use->err, "event %lld is no PDU", (long long)id);
    if (pdu_open(use->arena, piece->version, ret_event->event.json, event->hash, &ret_event->pdu,
                 &use->err) < 0)
        return -1;
    piece->bytes += event->json.n;
    return 1;
}

/* One that cannot be read holds up nobody else: it is told, and stays. */
static void take(struct piece *piece, const struct purge_mark *mark)
{
    struct use *use = piece->use;
    struct purge_event purged = {0};
    bool kept = is_kept(piece, mark);
    if (kept && mark->ts < piece->stub_ts)
        piece->stub_ts = mark->ts;
    if (kept && (mark->flags & EVENT_PURGED))
        return;
    int found = open_event(piece, mark->id, &purged);
    if (found == 1 && kept &&
        pdu_redact(use->arena, piece->version, purged.pdu.doc, &purged.stub, &use->err) < 0)
        found = -1;
    if (found == 1)
        ARENA_VEC_ADD(use->arena, &piece->events, purged);
    else if (found < 0)
        tell("reading", piece->row.id, &use->err);
    use->err = ERR_INIT;
}

static int fill(struct piece *piece)
{
    struct use *use = piece->use;
    struct purge_mark *marks;
    size_t n;
    if (purge_list(&use->read, piece->row.id, piece->from_ts, PIECE, use->arena, &marks, &n,
                   &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && piece->next_ts == INT64_MAX; i++) {
        if (marks[i].ts >= piece->cutoff) {
            piece->next_ts = marks[i].ts;
        } else if (piece->bytes >= PIECE_BYTES) {
            piece->more = true;
            return 0;
        } else {
            take(piece, &marks[i]);
            piece->from_ts = marks[i].ts;
        }
    }
    piece->more = n == PIECE && piece->next_ts == INT64_MAX;
    /* A page that nothing goes of is not looked at again. */
    if (piece->more && !piece->events.n)
        piece->from_ts++;
    return 0;
}

/* 1, 0 nothing of the room may go, -1. */
static int open_piece(struct piece *piece, int64_t room)
{
    struct use *use = piece->use;
    struct str version;
    bool kept;
    int found = room_load(&use->read, room, &piece->row, &use->err);
    if (found != 1)
        return found;
    int held = hold_covers(&use->read, room, &use->err);
    if (held != 0)
        return held < 0 ? -1 : 0;
    if (store_name(use->server->store, piece->row.version, use->arena, &version, &use->err) < 0 ||
        extremity_list(&use->read, room, use->arena, &piece->extremities, &piece->n_extremities,
                       &kept, &use->err) < 0)
        return -1;
    piece->version = room_version_find(version);
    return piece->version != NULL;
}

static int write_piece(struct write *w, void *arg, struct err *err)
{
    return purge_write(w, arg, err);
}

/* 1 it was looked at, 0 the room stays as it is, -1. */
static int purge_piece(struct purger *purger, struct piece *piece, int64_t room)
{
    struct use *use = piece->use;
    read_begin(purger->server->store, &use->read);
    int status = open_piece(piece, room);
    if (status == 1 && fill(piece) < 0)
        status = -1;
    read_end(&use->read);
    struct purge purge = {room, purger->server->name, piece->events.p, piece->events.n};
    if (status != 1 || !purge.n)
        return status;
    if (store_run(purger->server->store, write_piece, &purge, &use->err) < 0)
        return use->err.kind == ERR_KIND_MOVED ? 0 : -1;
    purger->n_events += (int64_t)purge.n;
    return 1;
}

/* ---- a room ---- */

static int write_lease(struct write *w, void *arg, struct err *err)
{
    struct purger *purger = arg;
    bool ours;
    if (lease_take(w, STR("retention"), purger->server->node, LEASE_MS, &ours, err) < 0)
        return -1;
    purger->lost = !ours;
    return 0;
}

static bool has_lease(struct purger *purger)
{
    struct err err = ERR_INIT;
    int64_t now = clock_monotonic_ms();
    if (!purger->lost && purger->renewed_ms && now - purger->renewed_ms < RENEW_MS)
        return true;
    if (store_run(purger->server->store, write_lease, purger, &err) < 0) {
        tell("taking the lease", 0, &err);
        return false;
    }
    purger->renewed_ms = now;
    return !purger->lost;
}

static bool may_go_on(void *arg)
{
    struct purger *purger = arg;
    return !is_stopping(purger) && has_lease(purger);
}

static void note_end(struct known *known, const struct piece *piece, int64_t now_ms)
{
    int64_t first = piece->next_ts < now_ms ? piece->next_ts : now_ms;
    known->due_ms = first > INT64_MAX - known->lifetime_ms ? INT64_MAX : first + known->lifetime_ms;
    known->last_place = piece->row.last_place;
    known->stub_ts = piece->stub_ts;
}

/* Piece after piece, until nothing is left that has expired. */
static void purge_room(struct purger *purger, int64_t room, struct known *known)
{
    int64_t now_ms = clock_wall_ms(), before = purger->n_events;
    int64_t stub_ts = INT64_MAX;
    bool more = true;
    while (more && may_go_on(purger)) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
        struct use use = {.server = purger->server, .arena = arena};
        struct piece piece = {.use = &use,
                              .cutoff = retention_cutoff(known->lifetime_ms, now_ms),
                              .from_ts = known->from_ts,
                              .stub_ts = stub_ts,
                              .next_ts = INT64_MAX};
        int status = purge_piece(purger, &piece, room);
        if (status < 0)
            tell("purging", room, &use.err);
        if (status != 1)
            break;
        known->from_ts = piece.from_ts;
        stub_ts = piece.stub_ts;
        more = piece.more;
        if (!more)
            note_end(known, &piece, now_ms);
    }
    purger->n_rooms += purger->n_events > before;
}

static struct known *know(struct purger *purger, int64_t room, int64_t lifetime_ms)
{
    struct known *known = int_map_find(&purger->known, room);
    int64_t now_ms = clock_wall_ms();
    if (!known) {
        known = MEM_NEW(struct known);
        int_map_put(&purger->known, room, known);
    }
    if (known->lifetime_ms != lifetime_ms || now_ms >= known->afresh_ms)
        *known = (struct known){.lifetime_ms = lifetime_ms,
                                .from_ts = INT64_MIN,
                                .afresh_ms = now_ms + AFRESH_MS,
                                .stub_ts = INT64_MAX};
    return known;
}

/* The room has moved: what came may bear an old date, and what was the end of its graph is none any
 * more. */
static int note_new(struct use *use, const struct room_row *row, struct known *known)
{
    int64_t ts;
    if (!known->due_ms || row->last_place == known->last_place)
        return 0;
    int found = purge_find_oldest(&use->read, row->id, known->last_place, &ts, &use->err);
    if (found < 0)
        return -1;
    if (known->stub_ts != INT64_MAX) {
        ts = found && ts < known->stub_ts ? ts : known->stub_ts;
        known->stub_ts = INT64_MAX;
        found = 1;
    }
    if (found && ts < known->from_ts)
        known->from_ts = ts;
    if (found && ts < known->due_ms - known->lifetime_ms)
        known->due_ms = ts + known->lifetime_ms;
    known->last_place = row->last_place;
    return 0;
}

/* 1 something of the room may have expired, 0, -1. */
static int look(struct purger *purger, struct use *use, const struct room_row *row)
{
    int64_t lifetime_ms;
    if (retention_of_room(use, row, &lifetime_ms) < 0)
        return -1;
    if (lifetime_ms == RETENTION_FOREVER) {
        mem_free(int_map_remove(&purger->known, row->id));
        return 0;
    }
    struct known *known = know(purger, row->id, lifetime_ms);
    if (note_new(use, row, known) < 0)
        return -1;
    return clock_wall_ms() >= known->due_ms;
}

/* ---- a turn ---- */

/* The rooms of a page that have something to lose. -1, or how many rooms the page had. */
static int list_due(struct purger *purger, struct arena *arena, int64_t after, int64_t *ret_rooms,
                    size_t *ret_n_due, int64_t *ret_last)
{
    struct use use = {.server = purger->server, .arena = arena};
    struct room_row *rows;
    size_t n = 0, n_due = 0;
    read_begin(purger->server->store, &use.read);
    int status = room_list(&use.read, after, ROOMS, arena, &rows, &n, &use.err);
    for (size_t i = 0; status >= 0 && i < n; i++) {
        status = look(purger, &use, &rows[i]);
        if (status == 1)
            ret_rooms[n_due++] = rows[i].id;
    }
    read_end(&use.read);
    if (status < 0) {
        tell("looking", 0, &use.err);
        return -1;
    }
    *ret_n_due = n_due;
    *ret_last = n ? rows[n - 1].id : after;
    return (int)n;
}

static int write_end(struct write *w, void *arg, struct err *err)
{
    const struct purger *purger = arg;
    return lease_give(w, STR("retention"), purger->server->node, err);
}

static void end_turn(struct purger *purger)
{
    struct err err = ERR_INIT;
    if (purger->n_events || purger->parting.n_files)
        log_line(LOG_LEVEL_INFO, "retention_purged", "events", LOG_INT(purger->n_events), "rooms",
                 LOG_INT(purger->n_rooms), "files", LOG_INT(purger->parting.n_files), NULL);
    if (purger->lost || !purger->renewed_ms ||
        db_engine(store_db(purger->server->store)) == DB_ENGINE_SQLITE)
        return;
    if (store_run(purger->server->store, write_end, purger, &err) < 0)
        tell("giving the lease back", 0, &err);
}

static void go_through_rooms(struct purger *purger)
{
    int64_t rooms[ROOMS], after = 0;
    int n = ROOMS;
    while (n == ROOMS && may_go_on(purger)) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(8));
        size_t n_due = 0;
        n = list_due(purger, arena, after, rooms, &n_due, &after);
        for (size_t i = 0; i < n_due && !is_stopping(purger); i++)
            purge_room(purger, rooms[i], int_map_find(&purger->known, rooms[i]));
    }
}

static struct turn_next turn(void *arg)
{
    struct purger *purger = arg;
    struct turn_next next = {.in_ms = purger->server->config->retention_interval_ms};
    if (store_has_stopped(purger->server->store))
        return next;
    purger->n_events = purger->n_rooms = purger->renewed_ms = purger->parting.n_files = 0;
    purger->lost = false;
    go_through_rooms(purger);
    parting_turn(&purger->parting);
    end_turn(purger);
    return next;
}

int purger_new(struct server *server, struct purger **ret_purger, struct err *err)
{
    *ret_purger = NULL;
    if (!server->config->retention)
        return 0;
    struct purger *purger = MEM_NEW(struct purger);
    purger->server = server;
    purger->parting = (struct parting){.server = server, .go_on = may_go_on, .arg = purger};
    turns_init(&purger->turns, "purger");
    if (turns_start(&purger->turns, turn, purger, err) < 0) {
        purger_free(purger);
        return -1;
    }
    *ret_purger = purger;
    return 0;
}

void purger_stop(struct purger *purger)
{
    if (purger)
        turns_stop(&purger->turns);
}

void purger_free(struct purger *purger)
{
    size_t at = 0;
    int64_t room;
    void *known;
    if (!purger)
        return;
    turns_done(&purger->turns);
    while (int_map_next(&purger->known, &at, &room, &known))
        mem_free(known);
    int_map_done(&purger->known);
    mem_free(purger);
}
