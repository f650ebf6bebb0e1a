/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/published.h"

#include "base/limits.h"
#include "crypto/fold.h"
#include "service/rooms/access.h"
#include "service/rooms/summary.h"
#include "store/network_room.h"

/* Rooms looked at for one page: a search that finds little ends its page early. */
#define LOOKED_AT_MAX 2000
#define BATCH         100

/* Words of one search; those after are not looked at. */
#define TERMS_MAX 8

struct listing {
    const struct published_query *query;
    struct json_writer *out;
    struct str terms[TERMS_MAX]; /* folded */
    size_t n_terms;
    struct listed_room last; /* passed */
    size_t written, looked_at;
    bool more;
};

/* ---- filters ---- */

/* A search of signs that stand between words is one term. */
static void read_terms(struct listing *listing, struct arena *arena)
{
    struct str folded = STR(""), word;
    size_t at = 0;
    if (fold(arena, listing->query->term, &folded) < 0)
        folded = listing->query->term;
    while (listing->n_terms < TERMS_MAX && (word = fold_next_word(folded, &at)).p)
        listing->terms[listing->n_terms++] = word;
    if (!listing->n_terms && folded.n)
        listing->terms[listing->n_terms++] = folded;
}

/* Each word is somewhere in what is shown of the room. */
static bool holds_terms(const struct listing *listing, struct arena *arena,
                        const struct room_summary *summary)
{
    const struct str texts[] = {summary->name, summary->topic, summary->canonical_alias,
                                summary->theme};
    struct str folded[ARRAY_LEN(texts)];
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (fold(arena, texts[i], &folded[i]) < 0)
            folded[i] = STR("");
    for (size_t i = 0; i < listing->n_terms; i++) {
        bool found = false;
        for (size_t j = 0; j < ARRAY_LEN(texts) && !found; j++)
            found = str_contains(folded[j], listing->terms[i]);
        if (!found)
            return false;
    }
    return true;
}

static bool has_type(const struct json *types, struct str type)
{
    for (size_t i = 0; i < types->array.n; i++) {
        const struct json *wanted = &types->array.items[i];
        if (wanted->kind == JSON_NULL ? !type.p : type.p && str_eq(json_as_str(wanted), type))
            return true;
    }
    return false;
}

static bool is_wanted(const struct listing *listing, struct arena *arena,
                      const struct room_summary *summary)
{
    const struct published_query *query = listing->query;
    if (query->room_types && !has_type(query->room_types, summary->room_type))
        return false;
    if (query->theme.p && !str_eq(query->theme, summary->theme))
        return false;
    return listing->n_terms == 0 || holds_terms(listing, arena, summary);
}

/* ---- pages ---- */

/* 1 it was written or stepped over, 0 the page ends before it, -1. In memory of its own. */
static int take_room(struct use *use, struct listing *listing, const struct listed_room *room)
{
    struct room_summary summary;
    int found = room_summary_load(use, room->room, &summary);
    if (found < 0)
        return -1;
    if (found && is_wanted(listing, use->arena, &summary)) {
        if (listing->written == listing->query->limit) {
            listing->more = true;
            return 0;
        }
        json_write_object(listing->out);
        room_summary_write(listing->out, &summary, false);
        json_write_end(listing->out);
        listing->written++;
    }
    listing->last = *room;
    listing->looked_at++;
    return 1;
}

/* The larger one, and of equals that with the smaller id. */
static bool is_before(const struct listed_room *a, const struct listed_room *b)
{
    return a->joined != b->joined ? a->joined > b->joined : a->room < b->room;
}

/* Two lists as one, each room once: the first BATCH of both are among the first BATCH of each. */
static size_t merge(const struct listed_room *a, size_t n_a, const struct listed_room *b,
                    size_t n_b, struct listed_room *to)
{
    size_t n = 0;
    for (size_t i = 0, k = 0; n < BATCH && (i < n_a || k < n_b);) {
        bool first = k == n_b || (i < n_a && !is_before(&b[k], &a[i]));
        if (first && k < n_b && a[i].room == b[k].room)
            k++;
        to[n++] = first ? a[i++] : b[k++];
    }
    return n;
}

static int list_all(struct use *use, const struct listed_room *after, struct arena *arena,
                    struct listed_room **ret_rooms, size_t *ret_n)
{
    struct listed_room *own, *others;
    size_t n_own, n_others;
    if (directory_list(&use->read, after, BATCH, arena, &own, &n_own, &use->err) < 0 ||
        network_room_list_all(&use->read, after, BATCH, arena, &others, &n_others, &use->err) < 0)
        return -1;
    *ret_rooms = ARENA_NEW_N(arena, BATCH, struct listed_room);
    *ret_n = merge(own, n_own, others, n_others, *ret_rooms);
    return 0;
}

static int list_some(struct use *use, const struct listing *listing, struct arena *arena,
                     struct listed_room **ret_rooms, size_t *ret_n)
{
    const struct published_query *query = listing->query;
    if (query->all_networks)
        return list_all(use, &listing->last, arena, ret_rooms, ret_n);
    return query->instance.p ? network_room_list(&use->read, query->instance, &listing->last, BATCH,
                                                 arena, ret_rooms, ret_n, &use->err)
                             : directory_list(&use->read, &listing->last, BATCH, arena, ret_rooms,
                                              ret_n, &use->err);
}

static int take_batch(struct use *use, struct listing *listing, struct arena *scratch)
{
    CLEANUP(arena_cleanup) struct arena *rows = arena_new(LIMIT_REQUEST_ARENA);
    struct arena *arena = use->arena;
    struct listed_room *rooms;
    size_t n;
    int status = 1;
    if (list_some(use, listing, rows, &rooms, &n) < 0)
        return -1;
    use->arena = scratch;
    for (size_t i = 0; i < n && status == 1; i++) {
        arena_reset(scratch);
        status = take_room(use, listing, &rooms[i]);
    }
    use->arena = arena;
    if (status == 1 && n == BATCH && listing->looked_at >= LOOKED_AT_MAX) {
        listing->more = true;
        return 0;
    }
    return status == 1 && n < BATCH ? 0 : status;
}

/* "d<joined>_<room>": after that room. */
static int parse_since(struct use *use, struct listing *listing)
{
    struct str since = listing->query->since, joined, room;
    if (!since.n)
        return 0;
    if (!str_starts(since, STR("d")) || !str_cut(str_skip(since, 1), '_', &joined, &room) ||
        str_parse_uint(joined, &listing->last.joined) < 0 ||
        str_parse_uint(room, &listing->last.room) < 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Unknown token");
    return 0;
}

/* The directory of an administration is for its agents. */
static int check_reader(struct use *use)
{
    if (access_is_on(use->server) && !use->caller.user)
        return err_client(&use->err, 401, "M_MISSING_TOKEN",
                          "The directory is for those who have signed in");
    return access_refuse_external(use, "external_directory",
                                  "An external may not see the directory");
}

int published_write(struct use *use, const struct published_query *query, struct json_writer *out)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    struct listing listing = {.query = query, .out = out};
    int status = 1;
    if (check_reader(use) < 0 || parse_since(use, &listing) < 0)
        return -1;
    read_terms(&listing, use->arena);
    json_write_object(out);
    json_write_key(out, STR("chunk"));
    json_write_array(out);
    while (status == 1)
        status = take_batch(use, &listing, scratch);
    json_write_end(out);
    if (listing.more)
        json_write_member_str(out, STR("next_batch"),
                              arena_printf(use->arena, "d%lld_%lld", (long long)listing.last.joined,
                                           (long long)listing.last.room));
    json_write_end(out);
    return status;
}
