/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/published.h"

#include <string.h>

#include "base/limits.h"
#include "matrix/glob.h"
#include "service/rooms/access.h"
#include "service/rooms/summary.h"
#include "store/alias.h"

/* Rooms looked at for one page: a search that finds little ends its page early. */
#define LOOKED_AT_MAX 2000
#define BATCH         100

struct listing {
    const struct published_query *query;
    struct json_writer *out;
    struct glob_text term;
    int64_t joined, room; /* the last room passed */
    size_t written, looked_at;
    bool more;
};

/* ---- filters ---- */

static bool holds(const struct listing *listing, struct arena *arena, struct str text)
{
    struct glob_text folded;
    glob_text_make(arena, text, true, &folded);
    for (size_t i = 0; i + listing->term.n <= folded.n; i++)
        if (memcmp(folded.p + i, listing->term.p, listing->term.n * sizeof *folded.p) == 0)
            return true;
    return false;
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
    return listing->term.n == 0 || holds(listing, arena, summary->name) ||
           holds(listing, arena, summary->topic) || holds(listing, arena, summary->canonical_alias);
}

/* ---- pages ---- */

/* 1 it was written or stepped over, 0 the page ends before it, -1. In memory of its own. */
static int take_room(struct use *use, struct listing *listing, int64_t room)
{
    struct room_summary summary;
    int found = room_summary_load(use, room, &summary);
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
    if (found)
        listing->joined = summary.view.row.joined;
    listing->room = room;
    listing->looked_at++;
    return 1;
}

static int take_batch(struct use *use, struct listing *listing, struct arena *scratch)
{
    CLEANUP(arena_cleanup) struct arena *rows = arena_new(LIMIT_REQUEST_ARENA);
    struct arena *arena = use->arena;
    int64_t *rooms;
    size_t n;
    int status = 1;
    if (directory_list(&use->read, listing->joined, listing->room, BATCH, rows, &rooms, &n,
                       &use->err) < 0)
        return -1;
    use->arena = scratch;
    for (size_t i = 0; i < n && status == 1; i++) {
        arena_reset(scratch);
        status = take_room(use, listing, rooms[i]);
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
        str_parse_uint(joined, &listing->joined) < 0 || str_parse_uint(room, &listing->room) < 0)
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
    glob_text_make(use->arena, query->term, true, &listing.term);
    json_write_object(out);
    json_write_key(out, STR("chunk"));
    json_write_array(out);
    while (status == 1)
        status = take_batch(use, &listing, scratch);
    json_write_end(out);
    if (listing.more)
        json_write_member_str(out, STR("next_batch"),
                              arena_printf(use->arena, "d%lld_%lld", (long long)listing.joined,
                                           (long long)listing.room));
    json_write_end(out);
    return status;
}
