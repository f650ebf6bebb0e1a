/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/map.h"
#include "store/check.h"
#include "store/event_row.h"
#include "store/room.h"
#include "store/search_index.h"

/* The index of searches against the events: each event up to the mark has the row that it should,
 * no row is of no event, and (SQLite) what is looked up by word is what the rows hold. Rooms that
 * are encrypted are left out: they are not searched, whatever they held before. */

#define PIECE 200

static const struct db_stmt LIST = {
    "check_search_list",
    "SELECT event.id, room.flags FROM event JOIN room ON room.id = event.room"
    " WHERE event.id > :after ORDER BY event.id LIMIT :limit",
};
static const struct db_stmt STRAY[] = {
    {"check_search_stray_sqlite",
     "SELECT rowid FROM search WHERE rowid > :mark OR NOT EXISTS (SELECT 1 FROM log"
     " WHERE log.pos = search.rowid AND log.kind = 1) LIMIT 20"},
    {"check_search_stray_postgresql",
     "SELECT pos FROM search WHERE pos > :mark OR NOT EXISTS (SELECT 1 FROM log"
     " WHERE log.pos = search.pos AND log.kind = 1) LIMIT 20"},
};
static const struct db_stmt ROWS = {
    "check_search_rows_sqlite",
    "SELECT rowid, CAST(words AS BLOB) FROM search",
};
static const struct db_stmt WORDS = {
    "check_search_words_sqlite",
    "SELECT doc, CAST(term AS BLOB) FROM search_word",
};

/* ---- rows ---- */

static int check_row(struct check *check, int64_t id, int64_t mark, struct err *err)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct str row;
    int found = event_load_stored(check->r, id, &event, err);
    if (found != 1 || event->pos > mark || event->flags & EVENT_OUTLIER)
        return found < 0 ? -1 : 0;
    if (search_row_make(check->arena, check->r->store, event, false, &row, err) < 0)
        return -1;
    int same = search_row_is(check->conn, event->pos, row, err);
    if (same == 0)
        check_fault(check, "search: event %lld is not in the index as it is", (long long)id);
    return same < 0 ? -1 : 0;
}

struct piece {
    int64_t ids[PIECE];
    bool encrypted[PIECE];
    size_t n;
};

static int list_piece(struct check *check, int64_t after, struct piece *ret_piece, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    int more;
    ret_piece->n = 0;
    if (db_query(check->conn, &LIST, DB_PARAMS(DB_INT("after", after), DB_INT("limit", PIECE)),
                 &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1 && ret_piece->n < PIECE) {
        ret_piece->ids[ret_piece->n] = db_column_int(rows, 0);
        ret_piece->encrypted[ret_piece->n++] = (db_column_int(rows, 1) & ROOM_ENCRYPTED) != 0;
    }
    return more < 0 ? -1 : 0;
}

static int check_rows_of(struct check *check, int64_t mark, struct err *err)
{
    struct piece piece = {.n = 1};
    int64_t after = 0;
    while (piece.n) {
        if (list_piece(check, after, &piece, err) < 0)
            return -1;
        for (size_t i = 0; i < piece.n; i++) {
            arena_reset(check->arena);
            if (!piece.encrypted[i] && check_row(check, piece.ids[i], mark, err) < 0)
                return -1;
            after = piece.ids[i];
        }
    }
    return 0;
}

static int check_strays(struct check *check, int64_t mark, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    int more;
    if (db_query(check->conn, &STRAY[db_conn_engine(check->conn)], DB_PARAMS(DB_INT("mark", mark)),
                 &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1)
        check_fault(check, "search: a row at %lld, where no event is indexed",
                    (long long)db_column_int(rows, 0));
    return more;
}

/* ---- words ---- */

static uint64_t sum_of(int64_t row, struct str word)
{
    return map_hash(word) * ((uint64_t)row * 2 + 1);
}

/* A sum over all words of all rows, from the rows. */
static int sum_rows(struct check *check, uint64_t *ret_sum, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    uint64_t sum = 0;
    int more;
    if (db_query(check->conn, &ROWS, DB_NO_PARAMS, &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1) {
        struct str rest = db_column_bytes(rows, 1), word;
        while (rest.n) {
            str_cut(rest, ' ', &word, &rest);
            sum += sum_of(db_column_int(rows, 0), word);
        }
    }
    *ret_sum = sum;
    return more;
}

/* The same from what is looked up. */
static int sum_words(struct check *check, uint64_t *ret_sum, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *words = NULL;
    uint64_t sum = 0;
    int more;
    if (db_query(check->conn, &WORDS, DB_NO_PARAMS, &words, err) < 0)
        return -1;
    while ((more = db_step(words, err)) == 1)
        sum += sum_of(db_column_int(words, 0), db_column_bytes(words, 1));
    *ret_sum = sum;
    return more;
}

static int check_words(struct check *check, struct err *err)
{
    uint64_t rows, words;
    if (db_conn_engine(check->conn) != DB_ENGINE_SQLITE)
        return 0;
    if (sum_rows(check, &rows, err) < 0 || sum_words(check, &words, err) < 0)
        return -1;
    if (rows != words)
        check_fault(check, "search: what is found by word is not what the rows hold");
    return 0;
}

int check_search(struct check *check, struct err *err)
{
    int64_t mark;
    if (search_mark_load(check->conn, &mark, err) < 0 || check_rows_of(check, mark, err) < 0 ||
        check_strays(check, mark, err) < 0)
        return -1;
    return check_words(check, err);
}
