/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/mem.h"
#include "store/event_row.h"
#include "store/redaction.h"
#include "store/search.h"

static const struct db_stmt EVENT_REDACT = {
    "event_redact",
    "UPDATE event SET json = :json, members = :members, flags = :flags,"
    " redacted_by = :redacted_by WHERE id = :id",
};
static const struct db_stmt EVENT_SET_FLAGS = {
    "event_set_flags",
    "UPDATE event SET flags = :flags WHERE id = :id",
};
static const struct db_stmt REDACTION_WAIT = {
    "redaction_wait",
    "INSERT INTO redaction_wait (target, event) VALUES (:target, :event)"
    " ON CONFLICT (target, event) DO NOTHING",
};
static const struct db_stmt REDACTION_FIND = {
    "redaction_find",
    "SELECT event FROM redaction_wait WHERE target = :target ORDER BY event LIMIT 1",
};
static const struct db_stmt REDACTION_DONE = {
    "redaction_done",
    "DELETE FROM redaction_wait WHERE target = :target",
};

/* The row may be waiting in this very batch. The copy that goes to the cache at its end would be
 * the old one: it is left out. */
static int prepare(struct write *w, int64_t id, struct err *err)
{
    if (write_flush(w, err) < 0)
        return -1;
    w->touched = true;
    for (size_t i = 0; i < w->events.n; i++) {
        if (w->events.p[i]->id != id)
            continue;
        event_unref(w->events.p[i]);
        w->events.p[i] = w->events.p[--w->events.n];
        w->events_flushed--;
        break;
    }
    VEC_ADD(&w->stale, id);
    return 0;
}

int event_redact(struct write *w, const struct event *event, struct str redacted_json,
                 int64_t redacted_by, struct err *err)
{
    struct event redacted = *event;
    int64_t pos;
    redacted.json = redacted_json;
    if (event_find_members(redacted_json, &redacted.members) < 0)
        return err_internal(err, "the redacted form of event %lld is no PDU", (long long)event->id);
    if (prepare(w, event->id, err) < 0 || search_forget(w, event, err) < 0 ||
        write_position(w, LOG_KIND_REDACTION, event->room, 0, event->id, &pos, err) < 0)
        return -1;
    return db_exec_expect(w->conn, &EVENT_REDACT,
                          DB_PARAMS(DB_INT("id", event->id), DB_BYTES("json", redacted_json),
                                    DB_BYTES("members", event_members_encode(&redacted, w->arena)),
                                    DB_INT("flags", event->flags | EVENT_REDACTED),
                                    DB_INT("redacted_by", redacted_by)),
                          1, err);
}

int event_set_flags(struct write *w, int64_t id, unsigned flags, struct err *err)
{
    if (prepare(w, id, err) < 0)
        return -1;
    return db_exec_expect(w->conn, &EVENT_SET_FLAGS,
                          DB_PARAMS(DB_INT("id", id), DB_INT("flags", flags)), 1, err);
}

int redaction_wait(struct write *w, const unsigned char target[EVENT_HASH_BYTES], int64_t redaction,
                   struct err *err)
{
    w->touched = true;
    return db_exec(w->conn, &REDACTION_WAIT,
                   DB_PARAMS(DB_BYTES("target", str_make(target, EVENT_HASH_BYTES)),
                             DB_INT("event", redaction)),
                   err);
}

int redaction_find(struct read *r, const unsigned char target[EVENT_HASH_BYTES],
                   int64_t *ret_redaction, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &REDACTION_FIND,
                        DB_PARAMS(DB_BYTES("target", str_make(target, EVENT_HASH_BYTES))),
                        ret_redaction, err);
}

int redaction_done(struct write *w, const unsigned char target[EVENT_HASH_BYTES], struct err *err)
{
    w->touched = true;
    return db_exec(w->conn, &REDACTION_DONE,
                   DB_PARAMS(DB_BYTES("target", str_make(target, EVENT_HASH_BYTES))), err);
}
