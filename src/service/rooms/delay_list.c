/* SPDX-License-Identifier: EUPL-1.2 */

/* MSC4140, "Getting delayed events". A user has few (LIMIT_DELAYED_FINAL, delayed_events.
 * max_per_user), so that all are read, and the page is chosen here. */

#include "service/rooms/delay.h"

#include <stdlib.h>

#include "base/limits.h"
#include "matrix/pdu.h"
#include "service/rooms/room.h"
#include "store/event.h"
#include "store/room.h"

/* ---- one ---- */

/* The event that was sent; left out once it is not there any more. */
static int write_event_id(struct use *use, const struct delayed *delayed, struct json_writer *out)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct room_row row;
    struct str version;
    if (!delayed->event)
        return 0;
    int found = event_load(&use->read, delayed->event, &event, &use->err);
    if (found == 1)
        found = room_load(&use->read, delayed->room, &row, &use->err);
    if (found != 1)
        return found;
    if (store_name(use->server->store, row.version, use->arena, &version, &use->err) < 0)
        return -1;
    json_write_member_str(out, STR("event_id"),
                          pdu_event_id(use->arena, room_version_find(version), event->hash));
    return 0;
}

int delay_format(struct use *use, const struct delayed *delayed, struct json_writer *out)
{
    struct str room_id;
    if (store_name(use->server->store, delayed->room, use->arena, &room_id, &use->err) < 0)
        return -1;
    json_write_object(out);
    json_write_member_str(out, STR("delay_id"), delayed->delay_id);
    json_write_member_str(out, STR("room_id"), room_id);
    json_write_member_str(out, STR("type"), delayed->type);
    if (delayed->state_key.p)
        json_write_member_str(out, STR("state_key"), delayed->state_key);
    json_write_member_int(out, STR("delay"), delayed->delay_ms);
    json_write_member_int(out, STR("running_since"), delayed->since_ms);
    json_write_member_raw(out, STR("content"), delayed->content);
    if (delayed->error.p)
        json_write_member_raw(out, STR("error"), delayed->error);
    if (write_event_id(use, delayed, out) < 0)
        return -1;
    if (delayed->final_ms)
        json_write_member_int(out, STR("origin_server_ts"), delayed->final_ms);
    json_write_end(out);
    return 0;
}

/* ---- what is asked ---- */

enum order { ORDER_SEND, ORDER_FINAL, ORDER_SINCE };

struct choice {
    enum order order;
    bool backwards;
    bool has_status, final;
    bool has_reason, by_action;
    int outcome;             /* an enum delayed_state; DELAYED_SCHEDULED: any */
    int64_t start_ms, after; /* the page begins there, after the row of that id */
    struct str room_id, type;
};

static int no_such_value(struct use *use, const char *name)
{
    return err_client(&use->err, 400, "M_INVALID_PARAM", "%s has no such value", name);
}

/* The index of the text among words; 0 when it is absent. */
static int choose(struct use *use, struct str text, const char *name, const char *const *words,
                  size_t n, size_t *ret_index)
{
    for (size_t i = 0; text.p && i < n; i++) {
        if (!str_eq(text, str_from(words[i])))
            continue;
        *ret_index = i + 1;
        return 0;
    }
    *ret_index = 0;
    return text.p ? no_such_value(use, name) : 0;
}

#define CHOOSE(use, query, member, ret, ...)                                                       \
    choose((use), (query)->member, #member, (const char *const[]){__VA_ARGS__},                    \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (ret))

/* "TIME_ID" of the last row of the page before. */
static int read_start(struct use *use, const struct delay_query *query, struct choice *choice)
{
    struct str ms, id;
    if (query->from.p) {
        if (!str_cut(query->from, '_', &ms, &id) || str_parse_uint(ms, &choice->start_ms) < 0 ||
            str_parse_uint(id, &choice->after) < 0)
            return no_such_value(use, "from");
        return 0;
    }
    choice->start_ms = choice->backwards ? INT64_MAX : 0;
    choice->after = choice->backwards ? INT64_MAX : 0;
    if (!query->since_ts.p || str_eq(query->since_ts, STR("end"))) {
        if (query->since_ts.p && !choice->backwards)
            choice->start_ms = INT64_MAX;
        return 0;
    }
    return str_parse_uint(query->since_ts, &choice->start_ms) < 0 ? no_such_value(use, "since_ts")
                                                                  : 0;
}

static int read_choice(struct use *use, const struct delay_query *query, struct choice *choice)
{
    size_t order, dir, status, outcome, reason;
    if (CHOOSE(use, query, order_by, &order, "send_ts", "origin_server_ts", "running_since") < 0 ||
        CHOOSE(use, query, dir, &dir, "f", "b") < 0 ||
        CHOOSE(use, query, status, &status, "scheduled", "finalised") < 0 ||
        CHOOSE(use, query, outcome, &outcome, "send", "cancel", "error") < 0 ||
        CHOOSE(use, query, reason, &reason, "action", "delay") < 0)
        return -1;
    *choice = (struct choice){
        .order = order == 0 ? ORDER_SEND : (enum order)(order - 1),
        .backwards = dir == 2,
        .has_status = status != 0,
        .final = status == 2,
        .has_reason = reason != 0,
        .by_action = reason == 1,
        .outcome = (int)outcome,
        .room_id = query->room_id,
        .type = query->type,
    };
    return read_start(use, query, choice);
}

/* ---- the page ---- */

static int64_t time_of(const struct choice *choice, const struct delayed *delayed)
{
    if (choice->order == ORDER_SINCE)
        return delayed->since_ms;
    return choice->order == ORDER_FINAL && delayed->final_ms ? delayed->final_ms : delayed->due_ms;
}

/* <0, 0, >0 as a row stands before or after a place of the list. */
static int place_cmp(const struct choice *choice, const struct delayed *delayed, int64_t ms,
                     int64_t id)
{
    int64_t at = time_of(choice, delayed);
    int order = at != ms ? (at < ms ? -1 : 1) : (delayed->id > id) - (delayed->id < id);
    return choice->backwards ? -order : order;
}

static int row_cmp(const void *a, const void *b, void *arg)
{
    const struct delayed *other = b;
    const struct choice *choice = arg;
    return place_cmp(choice, a, time_of(choice, other), other->id);
}

/* 1 it is one of them, 0, -1. */
static int matches(struct use *use, const struct choice *choice, const struct delayed *delayed)
{
    struct str room_id;
    bool final = delayed->final_ms != 0;
    if (place_cmp(choice, delayed, choice->start_ms, choice->after) <= 0 ||
        (choice->has_status && choice->final != final) ||
        (choice->outcome && choice->outcome != (int)delayed->state) ||
        (choice->has_reason && (!final || choice->by_action != delayed->by_action)) ||
        (choice->type.p && !str_eq(choice->type, delayed->type)))
        return 0;
    if (!choice->room_id.p)
        return 1;
    if (store_name(use->server->store, delayed->room, use->arena, &room_id, &use->err) < 0)
        return -1;
    return str_eq(room_id, choice->room_id);
}

static int select_rows(struct use *use, const struct choice *choice, struct delayed *rows,
                       size_t *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        int matching = matches(use, choice, &rows[i]);
        if (matching < 0)
            return -1;
        if (matching)
            rows[kept++] = rows[i];
    }
    *n = kept;
    return 0;
}

/* Contents are read for the page alone. */
static int write_row(struct use *use, struct delayed *row, struct json_writer *out)
{
    int found = delayed_find(&use->read, row->delay_id, use->arena, row, &use->err);
    return found == 1 ? delay_format(use, row, out) : found;
}

int rooms_delay_list(struct use *use, const struct delay_query *query, struct json_writer *out)
{
    struct choice choice;
    struct delayed *rows;
    size_t n;
    if (read_choice(use, query, &choice) < 0 ||
        delayed_list_user(&use->read, use->caller.user, use->arena, &rows, &n, &use->err) < 0 ||
        select_rows(use, &choice, rows, &n) < 0)
        return -1;
    if (n)
        qsort_r(rows, n, sizeof *rows, row_cmp, &choice);
    size_t page = n < LIMIT_DELAYED_PAGE ? n : LIMIT_DELAYED_PAGE;
    json_write_object(out);
    json_write_key(out, STR("delayed_events"));
    json_write_array(out);
    for (size_t i = 0; i < page; i++)
        if (write_row(use, &rows[i], out) < 0)
            return -1;
    json_write_end(out);
    if (page < n)
        json_write_member_str(out, choice.backwards ? STR("prev_batch") : STR("next_batch"),
                              arena_printf(use->arena, "%lld_%lld",
                                           (long long)time_of(&choice, &rows[page - 1]),
                                           (long long)rows[page - 1].id));
    json_write_end(out);
    return 0;
}
