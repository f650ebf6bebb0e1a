/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/hierarchy.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "service/rooms/summary.h"

struct place {
    int64_t room, depth;
};

struct walk {
    struct use *use;
    const struct hierarchy_query *query;
    struct json_writer *out;
    struct arena *arena;    /* of the stack; use->arena is that of one room */
    VEC(struct place) left; /* the next one last */
    struct int_map seen;
    int64_t skip, passed; /* rooms of earlier pages, rooms passed */
    size_t written;
    bool more;
};

/* ---- the children of a space ---- */

struct child {
    int64_t room; /* the name of its id, also when there is no such room */
    struct str order;
    int64_t ts;
    struct pdu pdu;
};
typedef VEC(struct child) child_vec;

static int compare(const void *a, const void *b)
{
    const struct child *left = a, *right = b;
    if (!left->order.p != !right->order.p)
        return left->order.p ? -1 : 1;
    int order = left->order.p ? str_cmp(left->order, right->order) : 0;
    if (order != 0)
        return order;
    if (left->ts != right->ts)
        return left->ts < right->ts ? -1 : 1;
    return str_cmp(left->pdu.state_key, right->pdu.state_key);
}

/* An order is 1 to 50 printable ASCII characters; another counts as none. */
static struct str order_of(const struct json *content)
{
    struct str order = json_find_str(content, STR("order"));
    if (order.n == 0 || order.n > 50)
        return STR_NONE;
    for (size_t i = 0; i < order.n; i++)
        if (order.p[i] < 0x20 || order.p[i] > 0x7e)
            return STR_NONE;
    return order;
}

static int add_child(struct walk *walk, struct view *view, const struct state_entry *entry,
                     child_vec *children)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = walk->use;
    struct child child = {.room = entry->state_key};
    int found = event_load(&use->read, entry->event, &event, &use->err);
    if (found != 1)
        return found;
    if (view_pdu(view, event, &child.pdu) < 0)
        return -1;
    const struct json *content = child.pdu.content;
    if (!json_is(json_find(content, STR("via")), JSON_ARRAY) ||
        !str_starts(child.pdu.state_key, STR("!")))
        return 0;
    if (walk->query->suggested_only && !json_as_bool(json_find(content, STR("suggested")), false))
        return 0;
    child.order = order_of(content);
    child.ts = event->origin_server_ts;
    ARENA_VEC_ADD(use->arena, children, child);
    return 0;
}

static int load_children(struct walk *walk, struct room_summary *summary, child_vec *children)
{
    struct use *use = walk->use;
    int64_t type = rooms_names(use->server)->space_child;
    struct state_entry *entries;
    size_t n;
    if (!str_eq(summary->room_type, STR("m.space")))
        return 0;
    if (state_load(&use->read, summary->view.row.state, use->arena, &entries, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && children->n < HIERARCHY_ROOMS_MAX; i++)
        if (entries[i].type == type && add_child(walk, &summary->view, &entries[i], children) < 0)
            return -1;
    if (children->n)
        qsort(children->p, children->n, sizeof *children->p, compare);
    return 0;
}

/* ---- writing ---- */

static void write_child(struct json_writer *out, const struct child *child)
{
    json_write_object(out);
    json_write_member_raw(out, STR("content"), child->pdu.content->raw);
    json_write_member_int(out, STR("origin_server_ts"), child->ts);
    json_write_member_str(out, STR("sender"), child->pdu.sender);
    json_write_member_str(out, STR("state_key"), child->pdu.state_key);
    json_write_member_str(out, STR("type"), child->pdu.type);
    json_write_end(out);
}

static void write_room(struct walk *walk, const struct room_summary *summary,
                       const child_vec *children)
{
    struct json_writer *out = walk->out;
    json_write_object(out);
    json_write_key(out, STR("children_state"));
    json_write_array(out);
    for (size_t i = 0; i < children->n; i++)
        write_child(out, &children->p[i]);
    json_write_end(out);
    room_summary_write(out, summary, true);
    json_write_end(out);
    walk->written++;
}

/* ---- the walk ---- */

/* 1 go on, 0 the page is done, -1. */
static int show_room(struct walk *walk, const struct place *place, struct room_summary *summary)
{
    child_vec children = {0};
    if (walk->passed >= walk->skip && walk->written == walk->query->limit) {
        walk->more = true;
        return 0;
    }
    if (load_children(walk, summary, &children) < 0)
        return -1;
    if (walk->passed++ >= walk->skip)
        write_room(walk, summary, &children);
    for (size_t i = children.n; place->depth < walk->query->max_depth && i-- > 0;)
        ARENA_VEC_ADD(walk->arena, &walk->left,
                      ((struct place){children.p[i].room, place->depth + 1}));
    return 1;
}

/* The next room that was not seen yet and may be: 1 go on, 0 the page is done, -1. */
static int visit(struct walk *walk)
{
    struct use *use = walk->use;
    struct place place = walk->left.p[--walk->left.n];
    struct room_summary summary;
    if (int_map_find(&walk->seen, place.room))
        return 1;
    int_map_put(&walk->seen, place.room, walk);
    int found = room_summary_load(use, place.room, &summary);
    if (found == 1)
        found = room_summary_may_see(&summary);
    if (found < 0)
        return -1;
    if (!found && place.depth == 0)
        return err_client(&use->err, 403, "M_FORBIDDEN",
                          "You are not in this room, or it does not exist");
    return found ? show_room(walk, &place, &summary) : 1;
}

static int run(struct walk *walk)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(MIB(16));
    struct use *use = walk->use;
    int status = 1;
    use->arena = scratch;
    while (status == 1 && walk->left.n && walk->seen.n < HIERARCHY_ROOMS_MAX) {
        arena_reset(scratch);
        status = visit(walk);
    }
    use->arena = walk->arena;
    return status < 0 ? -1 : 0;
}

/* "h<rooms passed>". */
static int begin(struct walk *walk)
{
    struct use *use = walk->use;
    struct str from = walk->query->from;
    struct place root = {0};
    if (from.n &&
        (!str_starts(from, STR("h")) || str_parse_uint(str_skip(from, 1), &walk->skip) < 0))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Unknown token");
    if (rooms_find(use, walk->query->room_id, &root.room) < 0)
        return -1;
    ARENA_VEC_ADD(walk->arena, &walk->left, root);
    return 0;
}

int hierarchy_write(struct use *use, const struct hierarchy_query *query, struct json_writer *out)
{
    struct walk walk = {.use = use, .query = query, .out = out, .arena = use->arena};
    if (begin(&walk) < 0)
        return -1;
    json_write_object(out);
    json_write_key(out, STR("rooms"));
    json_write_array(out);
    int status = run(&walk);
    json_write_end(out);
    if (walk.more)
        json_write_member_str(out, STR("next_batch"),
                              arena_printf(use->arena, "h%lld", (long long)walk.passed));
    json_write_end(out);
    int_map_done(&walk.seen);
    return status;
}
