/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/search_index.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "store/private.h"
#include "store/room.h"

/* How the index is kept: the row of an event, and the rounds that write them. Statements in two
 * texts are those that touch the table of words (ARCHITECTURE, law 10). */

static const struct db_stmt LOAD_MARK = {
    "search_mark_load",
    "SELECT pos FROM search_mark WHERE id = 1",
};
static const struct db_stmt SAVE_MARK = {
    "search_mark_save",
    "UPDATE search_mark SET pos = :pos WHERE id = 1",
};
static const struct db_stmt LIST_LOG = {
    "search_list_log",
    "SELECT log.pos, log.ref, event.type, event.flags, room.flags FROM log"
    " LEFT JOIN event ON event.id = log.ref AND log.kind = 1"
    " LEFT JOIN room ON room.id = log.room AND log.kind = 1"
    " WHERE log.pos > :after AND log.pos <= :head ORDER BY log.pos LIMIT :limit",
};
static const struct db_stmt COUNT_THERE = {
    "search_count_there",
    "SELECT count(*) FROM event WHERE id {in:ids} AND (flags & 8) = 0",
};
static const struct db_stmt INSERT[] = {
    {"search_insert_sqlite",
     "INSERT INTO search (rowid, words) VALUES (:pos, CAST(:words AS TEXT))"},
    {"search_insert_postgresql", "INSERT INTO search (pos, words) VALUES (:pos,"
                                 " array_to_tsvector(string_to_array(convert_from(:words, 'UTF8'),"
                                 " ' ')))"},
};
static const struct db_stmt DELETE[] = {
    {"search_delete_sqlite", "DELETE FROM search WHERE rowid = :pos"},
    {"search_delete_postgresql", "DELETE FROM search WHERE pos = :pos"},
};
static const struct db_stmt COMPARE[] = {
    {"search_compare_sqlite", "SELECT CAST(words AS BLOB) = :words FROM search WHERE rowid = :pos"},
    {"search_compare_postgresql",
     "SELECT CASE WHEN words = array_to_tsvector(string_to_array(convert_from(:words, 'UTF8'),"
     " ' ')) THEN 1 ELSE 0 END FROM search WHERE pos = :pos"},
};

/* ---- rows ---- */

static void add_mark(struct arena *arena, struct search_words *words, const char *mark,
                     int64_t number)
{
    words->words[words->n++] = arena_printf(arena, "%s%lld", mark, (long long)number);
}

#define ROW_MAX (4 * (size_t)LIMIT_EVENT_BYTES)

/* A text that folding makes very long (three bytes may become eighteen) is found by those of its
 * words that the row has room for, each of them whole. */
static struct str join(struct arena *arena, const struct search_words *words)
{
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, ROW_MAX);
    for (size_t i = 0; i < words->n && text.n + 1 + words->words[i].n <= ROW_MAX; i++) {
        if (i)
            buf_add_byte(&text, ' ');
        buf_add(&text, words->words[i]);
    }
    return arena_str(arena, buf_str(&text));
}

int search_row_make(struct arena *arena, const struct store *store, const struct event *event,
                    bool encrypted, struct str *ret_row, struct err *err)
{
    unsigned key = search_key_of(store, event->type);
    unsigned out = EVENT_OUTLIER | EVENT_REJECTED | EVENT_SOFT_FAILED | EVENT_REDACTED;
    const struct json *content;
    struct search_words said, words = {0};
    *ret_row = STR("");
    if (!key || encrypted || event->flags & out)
        return 0;
    if (json_parse(arena, event->members.content, &content, err) < 0)
        return -1;
    search_words_split(arena, search_text(arena, key, content), &said);
    if (said.n == 0)
        return 0;
    search_words_sort(&said);
    words.words = ARENA_NEW_N(arena, said.n + 3, struct str);
    add_mark(arena, &words, SEARCH_MARK_KEY, key);
    add_mark(arena, &words, SEARCH_MARK_ROOM, event->room);
    add_mark(arena, &words, SEARCH_MARK_SENDER, event->sender);
    for (size_t i = 0; i < said.n; i++)
        words.words[words.n++] = said.words[i];
    *ret_row = join(arena, &words);
    return 0;
}

int search_row_is(struct db_conn *conn, int64_t pos, struct str row, struct err *err)
{
    int64_t same = 0;
    int found = db_query_int(conn, &COMPARE[db_conn_engine(conn)],
                             DB_PARAMS(DB_INT("pos", pos), DB_BYTES("words", row)), &same, err);
    if (found < 0)
        return -1;
    return found ? same == 1 : row.n == 0;
}

/* ---- rounds ---- */

struct search_round {
    int64_t from, to; /* the mark, before and after */
    VEC(int64_t) events;
    VEC(int64_t) positions;
    VEC(struct str) rows;
    size_t bytes;
};

int search_mark_load(struct db_conn *conn, int64_t *ret_pos, struct err *err)
{
    int found = db_query_int(conn, &LOAD_MARK, DB_NO_PARAMS, ret_pos, err);
    if (found == 0)
        return err_internal(err, "the mark of the index of searches is not there");
    return found < 0 ? -1 : 0;
}

static int take_event(struct read *r, struct arena *arena, struct search_round *round, int64_t id,
                      struct err *err)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(MIB(4));
    struct str row;
    int found = event_load(r, id, &event, err);
    if (found != 1)
        return found;
    if (search_row_make(scratch, r->store, event, false, &row, err) < 0)
        return -1;
    if (!row.n)
        return 0;
    ARENA_VEC_ADD(arena, &round->events, id);
    ARENA_VEC_ADD(arena, &round->positions, event->pos);
    ARENA_VEC_ADD(arena, &round->rows, arena_str(arena, row));
    round->bytes += row.n;
    return 0;
}

struct listed {
    int64_t pos, event;
    bool wanted;
};

static int list_log(struct read *r, int64_t after, struct listed *listed, size_t *ret_n,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    struct db_conn *conn;
    size_t n = 0;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_LOG,
                 DB_PARAMS(DB_INT("after", after), DB_INT("head", r->head.pos),
                           DB_INT("limit", LIMIT_SEARCH_ROUND)),
                 &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1 && n < LIMIT_SEARCH_ROUND)
        listed[n++] = (struct listed){
            .pos = db_column_int(rows, 0),
            .event = db_column_int(rows, 1),
            .wanted = search_key_of(r->store, db_column_int(rows, 2)) &&
                      !(db_column_int(rows, 3) & EVENT_REDACTED) &&
                      !(db_column_int(rows, 4) & ROOM_ENCRYPTED),
        };
    *ret_n = n;
    return more < 0 ? -1 : 0;
}

static int fill(struct read *r, struct arena *arena, struct search_round *round, struct err *err)
{
    struct listed listed[LIMIT_SEARCH_ROUND];
    size_t n;
    if (list_log(r, round->to, listed, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n && round->bytes < LIMIT_SEARCH_TEXTS; i++) {
        if (listed[i].wanted && take_event(r, arena, round, listed[i].event, err) < 0)
            return -1;
        round->to = listed[i].pos;
    }
    return n > 0;
}

static int64_t seen_after(struct search_seen *seen, int64_t mark, int64_t head)
{
    pthread_mutex_lock(&seen->lock);
    int64_t to = seen->mark == mark && seen->to > mark && seen->to <= head ? seen->to : mark;
    pthread_mutex_unlock(&seen->lock);
    return to;
}

static void seen_set(struct search_seen *seen, int64_t mark, int64_t to)
{
    pthread_mutex_lock(&seen->lock);
    seen->mark = mark;
    seen->to = to;
    pthread_mutex_unlock(&seen->lock);
}

/* From what anybody has seen, under whatever mark: a snapshot may be older than that. */
int search_measure_backlog(struct read *r, int64_t *ret_n, struct err *err)
{
    struct search_seen *seen = &r->store->search_seen;
    struct db_conn *conn;
    int64_t held;
    if (read_conn(r, &conn, err) < 0 || search_mark_load(conn, &held, err) < 0)
        return -1;
    pthread_mutex_lock(&seen->lock);
    if (seen->to > held)
        held = seen->to;
    pthread_mutex_unlock(&seen->lock);
    *ret_n = r->head.pos > held ? r->head.pos - held : 0;
    return 0;
}

/* How far the stored mark may stay behind what holds nothing to index: a server whose rooms are all
 * encrypted writes one row in so many positions. */
#define MARK_BEHIND 20000

int search_round_load(struct read *r, struct arena *arena, struct search_round **ret_round,
                      struct err *err)
{
    struct search_round *round = ARENA_NEW(arena, struct search_round);
    struct db_conn *conn;
    int more = 1;
    if (read_conn(r, &conn, err) < 0 || search_mark_load(conn, &round->from, err) < 0)
        return -1;
    round->to = seen_after(&r->store->search_seen, round->from, r->head.pos);
    while (more == 1 && round->events.n == 0 && round->to - round->from < MARK_BEHIND)
        more = fill(r, arena, round, err);
    if (more < 0)
        return -1;
    if (round->events.n == 0 && round->to - round->from < MARK_BEHIND) {
        seen_set(&r->store->search_seen, round->from, round->to);
        return 0;
    }
    *ret_round = round;
    return 1;
}

/* None of them was redacted or purged meanwhile. */
static int check_round(struct write *w, const struct search_round *round, struct err *err)
{
    int64_t mark, there = 0;
    if (search_mark_load(w->conn, &mark, err) < 0 || write_flush(w, err) < 0 ||
        db_query_int(w->conn, &COUNT_THERE,
                     DB_PARAMS(DB_INT_LIST("ids", round->events.p, round->events.n)), &there,
                     err) < 0)
        return -1;
    if (mark != round->from || there != (int64_t)round->events.n)
        return err_moved(err, "the index of searches has moved");
    return 0;
}

int search_round_write(struct write *w, void *arg, struct err *err)
{
    const struct search_round *round = arg;
    const struct db_column columns[] = {
        {"pos", round->positions.p, NULL},
        {"words", NULL, round->rows.p},
    };
    if (check_round(w, round, err) < 0)
        return -1;
    w->touched = true;
    if (db_exec_expect(w->conn, &SAVE_MARK, DB_PARAMS(DB_INT("pos", round->to)), 1, err) < 0)
        return -1;
    return db_insert_many(w->conn, &INSERT[db_conn_engine(w->conn)], columns, ARRAY_LEN(columns),
                          round->rows.n, err);
}

int search_follow(struct store *store, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct search_round *round = NULL;
    struct read r;
    read_begin(store, &r);
    int found = search_round_load(&r, arena, &round, err);
    read_end(&r);
    if (found != 1)
        return found;
    return store_run(store, search_round_write, round, err) < 0 ? -1 : 1;
}

int search_forget(struct write *w, const struct event *event, struct err *err)
{
    if (!search_key_of(w->store, event->type))
        return 0;
    return db_exec(w->conn, &DELETE[db_conn_engine(w->conn)], DB_PARAMS(DB_INT("pos", event->pos)),
                   err);
}
