/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_scan.h"

#include "base/vec.h"

/* due_ms tells both: a row that is claimed is due when the claim ends. */
static const struct db_stmt INSERT = {
    "media_scan_insert", "INSERT INTO media_scan (content, since_ms, due_ms, tries, judged)"
                         " VALUES (:content, :now, :now, 0, 0) ON CONFLICT (content) DO NOTHING"};
static const struct db_stmt SAME = {
    "media_scan_same", "SELECT 1 FROM media_scan WHERE content = :content AND due_ms = :due"};
static const struct db_stmt EXISTS = {"media_scan_exists",
                                      "SELECT 1 FROM media_scan WHERE content = :content"};
static const struct db_stmt POSTPONE = {
    "media_scan_postpone",
    "UPDATE media_scan SET due_ms = :due, tries = :tries WHERE content = :content"};
static const struct db_stmt JUDGED = {"media_scan_judged",
                                      "UPDATE media_scan SET judged = 1 WHERE content = :content"};
static const struct db_stmt DELETE = {"media_scan_delete",
                                      "DELETE FROM media_scan WHERE content = :content"};
static const struct db_stmt DUE = {"media_scan_due",
                                   "SELECT content, since_ms, due_ms, tries FROM media_scan"
                                   " WHERE judged = :judged AND due_ms <= :now"
                                   " ORDER BY due_ms LIMIT :limit"};
static const struct db_stmt NEXT_DUE = {
    "media_scan_next_due", "SELECT min(due_ms) FROM media_scan WHERE judged = :judged"};
static const struct db_stmt COUNT = {"media_scan_count",
                                     "SELECT count(*), min(since_ms) FROM media_scan"};

int media_scan_insert(struct write *w, struct str content, struct err *err)
{
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_BYTES("content", content), DB_INT("now", write_time_ms(w))), err);
}

int media_scan_claim(struct write *w, const struct media_scan *scan, int64_t until_ms,
                     struct err *err)
{
    int64_t one;
    int same = db_query_int(
        write_conn(w), &SAME,
        DB_PARAMS(DB_BYTES("content", scan->content), DB_INT("due", scan->due_ms)), &one, err);
    if (same != 1)
        return same;
    return media_scan_postpone(w, scan->content, until_ms, scan->tries, err) < 0 ? -1 : 1;
}

int media_scan_postpone(struct write *w, struct str content, int64_t due_ms, int64_t tries,
                        struct err *err)
{
    return db_exec(
        write_conn(w), &POSTPONE,
        DB_PARAMS(DB_BYTES("content", content), DB_INT("due", due_ms), DB_INT("tries", tries)),
        err);
}

int media_scan_judged(struct write *w, struct str content, struct err *err)
{
    return db_exec(write_conn(w), &JUDGED, DB_PARAMS(DB_BYTES("content", content)), err);
}

int media_scan_delete(struct write *w, struct str content, struct err *err)
{
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_BYTES("content", content)), err);
}

int media_scan_exists(struct read *r, struct str content, struct err *err)
{
    int64_t one;
    return read_query_int(r, &EXISTS, DB_PARAMS(DB_BYTES("content", content)), &one, err);
}

int media_scan_is_same(struct read *r, const struct media_scan *scan, struct err *err)
{
    int64_t one;
    return read_query_int(
        r, &SAME, DB_PARAMS(DB_BYTES("content", scan->content), DB_INT("due", scan->due_ms)), &one,
        err);
}

int media_scan_list_due(struct read *r, bool judged, int64_t now_ms, size_t limit,
                        struct arena *arena, struct media_scan **ret_scans, size_t *ret_n,
                        struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct media_scan) scans = {0};
    int more;
    if (read_query(r, &DUE,
                   DB_PARAMS(DB_INT("judged", judged), DB_INT("now", now_ms),
                             DB_INT("limit", (int64_t)limit)),
                   &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &scans,
                      (struct media_scan){
                          .content = db_column_copy(query, 0, arena),
                          .since_ms = db_column_int(query, 1),
                          .due_ms = db_column_int(query, 2),
                          .tries = db_column_int(query, 3),
                      });
    *ret_scans = scans.p;
    *ret_n = scans.n;
    return more;
}

int media_scan_next_due(struct read *r, bool judged, int64_t *ret_due_ms, struct err *err)
{
    return read_next_due(r, &NEXT_DUE, DB_PARAMS(DB_INT("judged", judged)), ret_due_ms, err);
}

int media_scan_count(struct read *r, int64_t *ret_n, int64_t *ret_since_ms, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (read_query(r, &COUNT, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    *ret_n = found == 1 ? db_column_int(query, 0) : 0;
    *ret_since_ms = *ret_n > 0 ? db_column_int(query, 1) : 0;
    return found < 0 ? -1 : 0;
}
