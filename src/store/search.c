/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/search.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "store/search_index.h"

/* Finding: all is in the words of a row, marks too, so that an engine intersects lists instead of
 * reading rows that are not wanted. */

static const struct db_stmt FIND[] = {
    {"search_find_sqlite",
     "SELECT search.rowid, log.ref FROM search JOIN log ON log.pos = search.rowid"
     " WHERE search MATCH CAST(:query AS TEXT) AND search.rowid < :before"
     " ORDER BY search.rowid DESC LIMIT :limit"},
    {"search_find_postgresql",
     "SELECT search.pos, log.ref FROM search JOIN log ON log.pos = search.pos"
     " WHERE search.words @@ CAST(convert_from(:query, 'UTF8') AS tsquery)"
     " AND search.pos < :before ORDER BY search.pos DESC LIMIT :limit"},
};

/* The signs of a query, by enum db_engine. */
static const struct signs {
    const char *both, *either;
    char quote;
} SIGNS[] = {{" AND ", " OR ", '"'}, {" & ", " | ", '\''}};

static void add_word(struct buf *text, const struct signs *signs, struct str word)
{
    buf_add_byte(text, signs->quote);
    buf_add(text, word);
    buf_add_byte(text, signs->quote);
}

/* One of the numbers, in parentheses. */
static void add_marks(struct buf *text, const struct signs *signs, const char *mark,
                      const int64_t *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_add(text, str_from(i ? signs->either : "("));
        buf_printf(text, "%c%s%lld%c", signs->quote, mark, (long long)numbers[i], signs->quote);
    }
    if (n)
        buf_printf(text, ")%s", signs->both);
}

static void add_query(struct buf *text, enum db_engine engine, const struct search_query *query)
{
    const struct signs *signs = &SIGNS[engine];
    int64_t keys[3];
    size_t n_keys = 0;
    for (unsigned key = SEARCH_BODY; query->keys != SEARCH_ALL && key <= SEARCH_TOPIC; key *= 2)
        if (query->keys & key)
            keys[n_keys++] = key;
    add_marks(text, signs, SEARCH_MARK_ROOM, query->rooms, query->n_rooms);
    add_marks(text, signs, SEARCH_MARK_SENDER, query->senders, query->n_senders);
    add_marks(text, signs, SEARCH_MARK_KEY, keys, n_keys);
    for (size_t i = 0; i < query->words.n; i++) {
        if (i)
            buf_add(text, str_from(signs->both));
        add_word(text, signs, query->words.words[i]);
    }
}

/* A room or a sender is a mark of at most 22 bytes in its signs. */
#define QUERY_MAX (32 * (LIMIT_SEARCH_ROOMS + LIMIT_FILTER_ENTRIES) + KIB(8))

int search_find(struct read *r, const struct search_query *query, struct arena *arena,
                struct search_hit **ret_hits, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    CLEANUP(buf_done) struct buf text;
    VEC(struct search_hit) hits = {0};
    struct db_conn *conn;
    int more;
    buf_init(&text, QUERY_MAX);
    if (read_conn(r, &conn, err) < 0)
        return -1;
    add_query(&text, db_conn_engine(conn), query);
    if (buf_is_full(&text))
        return err_internal(err, "a search is too long");
    if (db_query(conn, &FIND[db_conn_engine(conn)],
                 DB_PARAMS(DB_BYTES("query", buf_str(&text)), DB_INT("before", query->before),
                           DB_INT("limit", (int64_t)query->limit)),
                 &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1)
        ARENA_VEC_ADD(arena, &hits,
                      (struct search_hit){db_column_int(rows, 0), db_column_int(rows, 1)});
    *ret_hits = hits.p;
    *ret_n = hits.n;
    return more;
}
