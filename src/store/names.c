/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/mem.h"
#include "store/private.h"

/* Names in memory at most; past it a part of them is dropped and read again when asked for. */
#define NAMES_MAX 1000000

static const struct db_stmt NAME_FIND = {
    "name_find",
    "SELECT id FROM name WHERE text = :text",
};
static const struct db_stmt NAME_TEXT = {
    "name_text",
    "SELECT text FROM name WHERE id = :id",
};
static const struct db_stmt NAME_INSERT = {
    "name_insert",
    "INSERT INTO name (id, text) VALUES (:id, :text) ON CONFLICT (text) DO NOTHING",
};
static const struct db_stmt NAME_COUNT = {
    "name_count",
    "SELECT count(*) FROM name WHERE id {in:ids}",
};

void names_init(struct names *names)
{
    pthread_mutex_init(&names->lock, NULL);
}

static void name_free(struct name *name)
{
    mem_free((void *)(uintptr_t)name->text.p);
    mem_free(name);
}

void names_done(struct names *names)
{
    size_t at = 0;
    int64_t id;
    void *value;
    while (int_map_next(&names->by_id, &at, &id, &value))
        name_free(value);
    str_map_done(&names->by_text);
    int_map_done(&names->by_id);
    int_map_done(&names->dead);
    VEC_DONE(&names->pending);
    pthread_mutex_destroy(&names->lock);
}

/* ---- what is in memory (under the lock) ---- */

struct dropping {
    struct names *names;
    size_t seen;
};

static bool drop_fourth(int64_t id, void *value, void *arg)
{
    struct dropping *dropping = arg;
    struct name *name = value;
    (void)id;
    if (dropping->seen++ % 4 || !name->saved)
        return false;
    str_map_remove(&dropping->names->by_text, name->text);
    name_free(name);
    return true;
}

/* An arbitrary quarter goes; names that are not saved stay. */
static void drop_some(struct names *names)
{
    struct dropping dropping = {names, 0};
    int_map_remove_if(&names->by_id, drop_fourth, &dropping);
    names->evictions++;
}

static struct name *remember(struct names *names, int64_t id, struct str text, bool saved)
{
    struct name *name = str_map_find(&names->by_text, text);
    if (name)
        return name;
    if (names->by_id.n >= NAMES_MAX)
        drop_some(names);
    name = MEM_NEW(struct name);
    name->id = id;
    name->text = str_make(mem_copy(text.n ? text.p : "", text.n ? text.n : 1), text.n);
    name->saved = saved;
    str_map_put(&names->by_text, name->text, name);
    int_map_put(&names->by_id, id, name);
    return name;
}

static int64_t find_in_memory(struct names *names, struct str text, int64_t *ret_evictions)
{
    pthread_mutex_lock(&names->lock);
    struct name *name = str_map_find(&names->by_text, text);
    int64_t id = name ? name->id : 0;
    *ret_evictions = names->evictions;
    pthread_mutex_unlock(&names->lock);
    return id;
}

/* ---- what is in the store ---- */

static int find_in_store(struct store *store, struct str text, int64_t *ret_id, struct err *err)
{
    struct db_conn *conn;
    if (db_reader_take_briefly(store->db, &conn, err) < 0)
        return -1;
    int found = db_query_int(conn, &NAME_FIND, DB_PARAMS(DB_BYTES("text", text)), ret_id, err);
    db_reader_give(store->db, conn);
    return found;
}

int store_find_name(struct store *store, struct str text, int64_t *ret_id, struct err *err)
{
    int64_t evictions, id = find_in_memory(&store->names, text, &evictions);
    if (!id) {
        int found = find_in_store(store, text, &id, err);
        if (found <= 0)
            return found;
        pthread_mutex_lock(&store->names.lock);
        id = remember(&store->names, id, text, true)->id;
        pthread_mutex_unlock(&store->names.lock);
    }
    *ret_id = id;
    return 1;
}

/* Not known anywhere when we looked. Between the look and now somebody may have made it (it is in
 * memory then), and it may even have been saved and dropped from memory: false, look again. */
static bool make_name(struct store *store, struct str text, int64_t evictions, int64_t *ret_id)
{
    struct names *names = &store->names;
    int64_t fresh = store_new_id(store);
    pthread_mutex_lock(&names->lock);
    bool sure = names->evictions == evictions;
    if (sure) {
        struct name *name = remember(names, fresh, text, false);
        if (name->id == fresh)
            VEC_ADD(&names->pending, name);
        *ret_id = name->id;
    }
    pthread_mutex_unlock(&names->lock);
    return sure;
}

int store_intern(struct store *store, struct str text, int64_t *ret_id, struct err *err)
{
    int64_t evictions, id;
    do {
        id = find_in_memory(&store->names, text, &evictions);
        int found = id ? 1 : store_find_name(store, text, &id, err);
        if (found < 0)
            return -1;
        if (found)
            break;
    } while (!make_name(store, text, evictions, &id));
    *ret_id = id;
    return 0;
}

static int text_from_store(struct store *store, int64_t id, struct arena *arena,
                           struct str *ret_text, struct err *err)
{
    struct db_conn *conn;
    if (db_reader_take_briefly(store->db, &conn, err) < 0)
        return -1;
    struct db_query *query = NULL;
    int found = db_query(conn, &NAME_TEXT, DB_PARAMS(DB_INT("id", id)), &query, err);
    if (found == 0)
        found = db_step(query, err);
    if (found > 0)
        *ret_text = db_column_copy(query, 0, arena);
    db_query_end(query);
    db_reader_give(store->db, conn);
    return found == 0 ? err_internal(err, "no name has the id %lld", (long long)id) : found;
}

int store_name(struct store *store, int64_t id, struct arena *arena, struct str *ret_text,
               struct err *err)
{
    struct names *names = &store->names;
    struct str text = STR_NONE;
    pthread_mutex_lock(&names->lock);
    struct name *name = int_map_find(&names->by_id, id);
    if (name)
        *ret_text = arena_str(arena, name->text);
    pthread_mutex_unlock(&names->lock);
    if (name)
        return 0;
    if (text_from_store(store, id, arena, &text, err) < 0)
        return -1;
    pthread_mutex_lock(&names->lock);
    remember(names, id, text, true);
    pthread_mutex_unlock(&names->lock);
    *ret_text = text;
    return 0;
}

/* ---- writing them ---- */

static void take_pending(struct write *w)
{
    struct names *names = &w->store->names;
    pthread_mutex_lock(&names->lock);
    for (size_t i = 0; i < names->pending.n; i++)
        if (!names->pending.p[i]->saved)
            VEC_ADD(&w->names, names->pending.p[i]);
    pthread_mutex_unlock(&names->lock);
}

/* Under the lock: what is saved waits no longer (it may be dropped from memory at any time). */
static void forget_saved(struct names *names)
{
    size_t kept = 0;
    for (size_t i = 0; i < names->pending.n; i++)
        if (!names->pending.p[i]->saved)
            names->pending.p[kept++] = names->pending.p[i];
    names->pending.n = kept;
}

/* Another node has given the text another id. Ours is dead: what was decided with it is refused,
 * now and later. */
static void adopt(struct names *names, struct name *name, int64_t id)
{
    pthread_mutex_lock(&names->lock);
    int_map_remove(&names->by_id, name->id);
    int_map_put(&names->dead, name->id, names);
    name->id = id;
    name->saved = true;
    int_map_put(&names->by_id, id, name);
    forget_saved(names);
    pthread_mutex_unlock(&names->lock);
}

static int find_moved(struct write *w, struct err *err)
{
    for (size_t i = 0; i < w->names.n; i++) {
        struct name *name = w->names.p[i];
        int64_t id;
        int found =
            db_query_int(w->conn, &NAME_FIND, DB_PARAMS(DB_BYTES("text", name->text)), &id, err);
        if (found < 0)
            return -1;
        if (found && id != name->id) {
            adopt(&w->store->names, name, id);
            w->names_moved = true;
        }
    }
    return 0;
}

int names_write(struct write *w, struct err *err)
{
    take_pending(w);
    size_t n = w->names.n;
    if (n == 0)
        return 0;
    int64_t *ids = ARENA_NEW_N(w->arena, n, int64_t), count = 0;
    struct str *texts = ARENA_NEW_N(w->arena, n, struct str);
    for (size_t i = 0; i < n; i++) {
        ids[i] = w->names.p[i]->id;
        texts[i] = w->names.p[i]->text;
    }
    struct db_column columns[] = {{"id", ids, NULL}, {"text", NULL, texts}};
    if (db_insert_many(w->conn, &NAME_INSERT, columns, 2, n, err) < 0 ||
        db_query_int(w->conn, &NAME_COUNT, DB_PARAMS(DB_INT_LIST("ids", ids, n)), &count, err) < 0)
        return -1;
    return count == (int64_t)n ? 0 : find_moved(w, err);
}

void names_saved(struct write *w)
{
    struct names *names = &w->store->names;
    if (w->names.n == 0)
        return;
    pthread_mutex_lock(&names->lock);
    for (size_t i = 0; i < w->names.n; i++)
        w->names.p[i]->saved = true;
    forget_saved(names);
    pthread_mutex_unlock(&names->lock);
}

int names_check(struct store *store, int64_t a, int64_t b, int64_t c, struct err *err)
{
    struct names *names = &store->names;
    pthread_mutex_lock(&names->lock);
    bool dead = names->dead.n && (int_map_find(&names->dead, a) || int_map_find(&names->dead, b) ||
                                  int_map_find(&names->dead, c));
    pthread_mutex_unlock(&names->lock);
    return dead ? err_moved(err, "a name has another node's id") : 0;
}
