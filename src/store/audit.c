/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/audit.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "store/check.h"

#define ROW_COLUMNS "seq, ts, actor, action, target, detail, hash"

static const struct db_stmt INSERT = {
    "audit_insert", "INSERT INTO audit (" ROW_COLUMNS ")"
                    " VALUES (:seq, :ts, :actor, :action, :target, :detail, :hash)"};
static const struct db_stmt LAST = {"audit_last",
                                    "SELECT " ROW_COLUMNS " FROM audit ORDER BY seq DESC LIMIT 1"};
static const struct db_stmt LIST = {
    "audit_list", "SELECT " ROW_COLUMNS " FROM audit WHERE seq > :after ORDER BY seq LIMIT :limit"};
static const struct db_stmt HAS = {
    "audit_has", "SELECT seq FROM audit WHERE action = :action AND target = :target LIMIT 1"};
static const struct db_stmt ALL = {"audit_all", "SELECT " ROW_COLUMNS " FROM audit ORDER BY seq"};

/* ---- the chain ---- */

static void add_int(struct buf *out, int64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_add_byte(out, (char)(unsigned char)((uint64_t)value >> shift));
}

/* Lengths stand before texts, so that no two rows are the same bytes. */
static void add_text(struct buf *out, struct str text)
{
    add_int(out, (int64_t)text.n);
    buf_add(out, text);
}

/* The first row's `before` is zero. */
static int hash_row(const unsigned char before[SHA256_BYTES], const struct audit_row *row,
                    unsigned char ret_hash[SHA256_BYTES], struct err *err)
{
    struct buf bytes;
    buf_init(&bytes, LIMIT_AUDIT_ROW);
    buf_add(&bytes, str_make(before, SHA256_BYTES));
    add_int(&bytes, row->seq);
    add_int(&bytes, row->ts);
    add_text(&bytes, row->entry.actor);
    add_text(&bytes, row->entry.action);
    add_text(&bytes, row->entry.target);
    add_text(&bytes, row->entry.detail);
    sha256(buf_str(&bytes), ret_hash);
    int result = buf_is_full(&bytes) ? err_internal(err, "an audit row is too large") : 0;
    buf_done(&bytes);
    return result;
}

/* ---- rows ---- */

/* Texts are the query's, until the next step. */
static struct audit_row row_of(struct db_query *query)
{
    struct audit_row row = {
        .seq = db_column_int(query, 0),
        .ts = db_column_int(query, 1),
        .entry = {db_column_bytes(query, 2), db_column_bytes(query, 3), db_column_bytes(query, 4),
                  db_column_bytes(query, 5)},
    };
    struct str hash = db_column_bytes(query, 6);
    if (hash.n == SHA256_BYTES)
        memcpy(row.hash, hash.p, SHA256_BYTES);
    return row;
}

static struct audit_row row_copy(struct db_query *query, struct arena *arena)
{
    struct audit_row row = row_of(query);
    struct audit_entry *entry = &row.entry;
    entry->actor = arena_str(arena, entry->actor);
    entry->action = arena_str(arena, entry->action);
    entry->target = arena_str(arena, entry->target);
    entry->detail = arena_str(arena, entry->detail);
    return row;
}

int audit_append(struct write *w, const struct audit_entry *entry, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct audit_row last = {0}, row = {.ts = write_time_ms(w), .entry = *entry};
    if (!row.entry.target.p)
        row.entry.target = STR("");
    if (!row.entry.detail.n)
        row.entry.detail = STR("{}");
    if (db_query(write_conn(w), &LAST, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found < 0)
        return -1;
    if (found)
        last = row_of(query);
    db_query_end(query);
    query = NULL;
    row.seq = last.seq + 1;
    if (hash_row(last.hash, &row, row.hash, err) < 0)
        return -1;
    return db_exec(
        write_conn(w), &INSERT,
        DB_PARAMS(DB_INT("seq", row.seq), DB_INT("ts", row.ts), DB_BYTES("actor", row.entry.actor),
                  DB_BYTES("action", row.entry.action), DB_BYTES("target", row.entry.target),
                  DB_BYTES("detail", row.entry.detail),
                  DB_BYTES("hash", str_make(row.hash, SHA256_BYTES))),
        err);
}

int audit_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
               struct audit_row **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct audit_row) rows = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST, DB_PARAMS(DB_INT("after", after), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rows, row_copy(query, arena));
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}

int audit_has(struct read *r, struct str action, struct str target, struct err *err)
{
    struct db_conn *conn;
    int64_t seq;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(
        conn, &HAS, DB_PARAMS(DB_BYTES("action", action), DB_BYTES("target", target)), &seq, err);
}

int audit_last(struct read *r, struct arena *arena, struct audit_row *ret_row, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, &LAST, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_row = row_copy(query, arena);
    return found;
}

/* ---- verifying ---- */

static int verify(struct db_conn *conn, int64_t *ret_broken, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    unsigned char hash[SHA256_BYTES] = {0};
    int64_t seq = 0;
    int more;
    if (db_query(conn, &ALL, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        struct audit_row row = row_of(query);
        struct err too_large = ERR_INIT;
        int hashed = hash_row(hash, &row, hash, &too_large);
        if (hashed < 0 || row.seq != ++seq || memcmp(hash, row.hash, SHA256_BYTES) != 0) {
            *ret_broken = row.seq;
            return 0;
        }
    }
    if (more == 0)
        *ret_broken = 0;
    return more;
}

int audit_verify(struct read *r, int64_t *ret_broken, struct err *err)
{
    struct db_conn *conn;
    return read_conn(r, &conn, err) < 0 ? -1 : verify(conn, ret_broken, err);
}

int check_audit(struct check *check, struct err *err)
{
    int64_t broken;
    if (verify(check->conn, &broken, err) < 0)
        return -1;
    if (broken)
        check_fault(check, "audit: row %lld does not follow from those before it",
                    (long long)broken);
    return 0;
}
