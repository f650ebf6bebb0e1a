/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/relation.h"

#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "store/private.h"

static const struct db_stmt INSERT = {
    "relation_insert",
    "INSERT INTO relation (parent, child, room, kind, rel_type, type, sender, place, ts, key)"
    " VALUES (:parent, :child, :room, :kind, :rel_type, :type, :sender, :place, :ts, :key)"
    " ON CONFLICT (parent, child) DO NOTHING"};
static const struct db_stmt DELETE = {
    "relation_delete", "DELETE FROM relation WHERE parent = :parent AND child = :child"};
#define COLUMNS "child, kind, rel_type, type, sender, place, ts, key"
#define WANTED                                                                                     \
    " FROM relation WHERE parent = :parent AND (:kind = 0 OR kind = :kind)"                        \
    " AND (:rel_type = 0 OR rel_type = :rel_type) AND (:type = 0 OR type = :type)"                 \
    " AND (:room = 0 OR room = :room) AND (:sender = 0 OR sender = :sender)"
static const struct db_stmt LIST_FORWARD = {"relation_list_forward",
                                            "SELECT " COLUMNS WANTED
                                            " AND place > :after ORDER BY place LIMIT :limit"};
static const struct db_stmt LIST_BACKWARD = {
    "relation_list_backward",
    "SELECT " COLUMNS WANTED " AND place < :after ORDER BY place DESC LIMIT :limit"};
static const struct db_stmt HAS_ANNOTATION = {
    "relation_has_annotation", "SELECT 1 FROM relation WHERE parent = :parent AND kind = :kind"
                               " AND type = :type AND sender = :sender AND key = :key LIMIT 1"};
static const struct db_stmt KINDS = {"relation_kinds",
                                     "SELECT DISTINCT kind FROM relation WHERE parent = :parent"};
static const struct db_stmt COUNT = {
    "relation_count", "SELECT COUNT(*), COUNT(CASE WHEN sender = :user THEN 1 END) FROM relation"
                      " WHERE parent = :parent AND kind = :kind AND NOT (sender {in:left_out})"
                      " AND room = (SELECT room FROM event"
                      " WHERE substr(hash, 1, 16) = substr(:parent, 1, 16) AND hash = :parent)"};
/* One row a thread, at its last reply. */
static const struct db_stmt THREAD_PUT = {
    "thread_put", "INSERT INTO thread (room, parent, place) VALUES (:room, :parent, :place)"
                  " ON CONFLICT (room, parent) DO UPDATE SET place = excluded.place"
                  " WHERE thread.place < excluded.place"};
#define REPLIES " FROM relation WHERE parent = :parent AND room = :room AND kind = 3"
static const struct db_stmt THREAD_DELETE = {
    "thread_delete", "DELETE FROM thread WHERE room = :room AND parent = :parent"
                     " AND NOT EXISTS (SELECT 1" REPLIES ")"};
static const struct db_stmt THREAD_STEP_BACK = {
    "thread_step_back",
    "UPDATE thread SET place = (SELECT place" REPLIES " ORDER BY place DESC LIMIT 1)"
    " WHERE room = :room AND parent = :parent AND place = :place"};
static const struct db_stmt LIST_THREADS = {
    "relation_list_threads", "SELECT parent, place FROM thread WHERE room = :room"
                             " AND place < :before ORDER BY place DESC LIMIT :limit"};

/* The parent's hash, when the event relates to another: 1, else 0. */
static int find_parent(const struct pdu *pdu, struct relation *ret_relation,
                       unsigned char ret_parent[EVENT_HASH_BYTES])
{
    if (pdu->state_key.p)
        return 0;
    relation_parse(pdu->content, ret_relation);
    if (ret_relation->kind == RELATION_NONE || !ret_relation->event_id.p)
        return 0;
    return pdu_event_hash(pdu->version, ret_relation->event_id, ret_parent) == 0;
}

static int put_thread(struct write *w, const struct event *event,
                      const unsigned char parent[EVENT_HASH_BYTES], struct err *err)
{
    return db_exec(write_conn(w), &THREAD_PUT,
                   DB_PARAMS(DB_BYTES("parent", str_make(parent, EVENT_HASH_BYTES)),
                             DB_INT("room", event->room), DB_INT("place", event->place)),
                   err);
}

/* A reply has gone: the thread goes too, or is where its last reply now is. */
static int leave_thread(struct write *w, const struct event *event,
                        const unsigned char parent[EVENT_HASH_BYTES], struct err *err)
{
    struct db_param params[] = {DB_BYTES("parent", str_make(parent, EVENT_HASH_BYTES)),
                                DB_INT("room", event->room), DB_INT("place", event->place)};
    if (db_exec(write_conn(w), &THREAD_DELETE, params, 2, err) < 0)
        return -1;
    return db_exec(write_conn(w), &THREAD_STEP_BACK, params, 3, err);
}

int relation_intern(struct store *store, const struct pdu *pdu, int64_t *ret_rel_type,
                    struct err *err)
{
    struct relation relation;
    unsigned char parent[EVENT_HASH_BYTES];
    *ret_rel_type = 0;
    return find_parent(pdu, &relation, parent)
               ? store_intern(store, str_first(relation.rel_type, LIMIT_EVENT_FIELD_BYTES),
                              ret_rel_type, err)
               : 0;
}

int relation_write(struct write *w, const struct event *event, const struct pdu *pdu,
                   int64_t rel_type, struct err *err)
{
    struct relation relation;
    unsigned char parent[EVENT_HASH_BYTES];
    if (!rel_type || !find_parent(pdu, &relation, parent))
        return 0;
    if (names_check(write_store(w), rel_type, 0, 0, err) < 0)
        return -1;
    if (db_exec(write_conn(w), &INSERT,
                DB_PARAMS(DB_BYTES("parent", str_make(parent, sizeof parent)),
                          DB_INT("child", event->id), DB_INT("room", event->room),
                          DB_INT("kind", relation.kind), DB_INT("rel_type", rel_type),
                          DB_INT("type", event->type), DB_INT("sender", event->sender),
                          DB_INT("place", event->place), DB_INT("ts", event->origin_server_ts),
                          DB_BYTES_OR_NULL("key", relation.key)),
                err) < 0)
        return -1;
    return relation.kind == RELATION_THREAD ? put_thread(w, event, parent, err) : 0;
}

int relation_delete(struct write *w, const struct event *event, const struct pdu *pdu,
                    struct err *err)
{
    struct relation relation;
    unsigned char parent[EVENT_HASH_BYTES];
    if (!find_parent(pdu, &relation, parent))
        return 0;
    if (db_exec(write_conn(w), &DELETE,
                DB_PARAMS(DB_BYTES("parent", str_make(parent, sizeof parent)),
                          DB_INT("child", event->id)),
                err) < 0)
        return -1;
    return relation.kind == RELATION_THREAD ? leave_thread(w, event, parent, err) : 0;
}

int relation_list(struct read *r, const struct relation_query *query, struct arena *arena,
                  struct relation_row **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    VEC(struct relation_row) found = {0};
    bool forward = query->direction == EVENT_FORWARD;
    int64_t from = query->has_place ? query->after_place : forward ? INT64_MIN : INT64_MAX;
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, forward ? &LIST_FORWARD : &LIST_BACKWARD,
                 DB_PARAMS(DB_BYTES("parent", str_make(query->parent, EVENT_HASH_BYTES)),
                           DB_INT("kind", query->kind), DB_INT("rel_type", query->rel_type),
                           DB_INT("type", query->type), DB_INT("room", query->room),
                           DB_INT("sender", query->sender), DB_INT("after", from),
                           DB_INT("limit", (int64_t)query->limit)),
                 &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1)
        ARENA_VEC_ADD(arena, &found,
                      ((struct relation_row){
                          .child = db_column_int(rows, 0),
                          .kind = (enum relation_kind)db_column_int(rows, 1),
                          .rel_type = db_column_int(rows, 2),
                          .type = db_column_int(rows, 3),
                          .sender = db_column_int(rows, 4),
                          .place = db_column_int(rows, 5),
                          .ts = db_column_int(rows, 6),
                          .key = db_column_copy(rows, 7, arena),
                      }));
    *ret_rows = found.p;
    *ret_n = found.n;
    return more;
}

int relation_kinds(struct read *r, const unsigned char parent[EVENT_HASH_BYTES],
                   unsigned *ret_kinds, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    struct db_conn *conn;
    unsigned kinds = 0;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &KINDS, DB_PARAMS(DB_BYTES("parent", str_make(parent, EVENT_HASH_BYTES))),
                 &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1)
        kinds |= 1u << (db_column_int(rows, 0) & 31);
    *ret_kinds = kinds;
    return more;
}

int relation_count(struct read *r, const unsigned char parent[EVENT_HASH_BYTES],
                   enum relation_kind kind, int64_t user, const int64_t *left_out,
                   size_t n_left_out, struct relation_counts *ret_counts, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &COUNT,
                 DB_PARAMS(DB_BYTES("parent", str_make(parent, EVENT_HASH_BYTES)),
                           DB_INT("kind", kind), DB_INT("user", user),
                           DB_INT_LIST("left_out", left_out, n_left_out)),
                 &rows, err) < 0)
        return -1;
    if (db_step(rows, err) < 0)
        return -1;
    *ret_counts = (struct relation_counts){db_column_int(rows, 0), db_column_int(rows, 1)};
    return 0;
}

int relation_has_annotation(struct read *r, const unsigned char parent[EVENT_HASH_BYTES],
                            int64_t type, int64_t sender, struct str key, struct err *err)
{
    struct db_conn *conn;
    int64_t one;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &HAS_ANNOTATION,
                        DB_PARAMS(DB_BYTES("parent", str_make(parent, EVENT_HASH_BYTES)),
                                  DB_INT("kind", RELATION_ANNOTATION), DB_INT("type", type),
                                  DB_INT("sender", sender), DB_BYTES("key", key)),
                        &one, err);
}

int relation_list_threads(struct read *r, int64_t room, int64_t before, size_t limit,
                          struct arena *arena, struct relation_thread_row **ret_rows, size_t *ret_n,
                          struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    VEC(struct relation_thread_row) found = {0};
    struct relation_thread_row row;
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_THREADS,
                 DB_PARAMS(DB_INT("room", room), DB_INT("before", before),
                           DB_INT("limit", (int64_t)limit)),
                 &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1) {
        struct str root = db_column_bytes(rows, 0);
        if (root.n != sizeof row.root)
            return err_internal(err, "a relation has a parent of %zu bytes", root.n);
        memcpy(row.root, root.p, sizeof row.root);
        row.last_place = db_column_int(rows, 1);
        ARENA_VEC_ADD(arena, &found, row);
    }
    *ret_rows = found.p;
    *ret_n = found.n;
    return more;
}
