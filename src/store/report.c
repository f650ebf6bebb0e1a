/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/report.h"

#include "base/vec.h"

static const struct db_stmt INSERT = {
    "report_insert", "INSERT INTO report (id, reporter, created_ms, room, event, target, reason)"
                     " VALUES (:id, :reporter, :created, :room, :event, :target, :reason)"};
static const struct db_stmt LIST = {
    "report_list", "SELECT id, reporter, created_ms, room, event, target, reason FROM report"
                   " WHERE id < :before ORDER BY id DESC LIMIT :limit"};

int report_insert(struct write *w, const struct report *report, struct err *err)
{
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_INT("id", report->id), DB_INT("reporter", report->reporter),
                             DB_INT("created", report->created_ms), DB_INT("room", report->room),
                             DB_INT("event", report->event), DB_INT("target", report->target),
                             DB_BYTES("reason", report->reason)),
                   err);
}

int report_list(struct read *r, int64_t before, size_t limit, struct arena *arena,
                struct report **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct report) rows = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST,
                 DB_PARAMS(DB_INT("before", before ? before : INT64_MAX),
                           DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rows,
                      ((struct report){
                          .id = db_column_int(query, 0),
                          .reporter = db_column_int(query, 1),
                          .created_ms = db_column_int(query, 2),
                          .room = db_column_int(query, 3),
                          .event = db_column_int(query, 4),
                          .target = db_column_int(query, 5),
                          .reason = db_column_copy(query, 6, arena),
                      }));
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}
