/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe user export NAME: what the store keeps of a person, one JSON object a line, to be given to
 * them. First what stands with their account; then what they sent into rooms, page after page, as
 * it is stored: what was encrypted stays so, and their own devices have the keys. */

#include "base/limits.h"
#include "service/accounts/accounts.h"
#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/media/media.h"
#include "store/account_data.h"
#include "store/email.h"
#include "store/event.h"
#include "store/membership.h"
#include "store/room.h"
#include "json/decode.h"

struct exporting {
    struct use *use;
    struct admin_answer answer;
    struct buf line;
    struct json_writer w;
    int64_t user;
};

static void begin_line(struct exporting *e, struct str kind)
{
    buf_clear(&e->line);
    json_writer_init(&e->w, &e->line);
    json_write_object(&e->w);
    json_write_member_str(&e->w, STR("kind"), kind);
}

static void end_line(struct exporting *e)
{
    json_write_end(&e->w);
    json_write_str(&e->answer.w, buf_str(&e->line));
}

static void member(struct exporting *e, struct str name, struct str value)
{
    if (value.p)
        json_write_member_str(&e->w, name, value);
}

static int add_account(struct exporting *e)
{
    struct use *use = e->use;
    struct account account = {0};
    struct email email = {0};
    struct str user_id;
    if (account_load(&use->read, e->user, use->arena, &account, &use->err) < 0 ||
        email_load(&use->read, e->user, use->arena, &email, &use->err) < 0 ||
        store_name(use->server->store, e->user, use->arena, &user_id, &use->err) < 0)
        return -1;
    begin_line(e, STR("account"));
    member(e, STR("user_id"), user_id);
    member(e, STR("email"), email.full);
    member(e, STR("display_name"), account.display_name);
    member(e, STR("avatar_url"), account.avatar_url);
    member(e, STR("organisation"), account.organisation);
    json_write_member_bool(&e->w, STR("external"), account.flags & ACCOUNT_EXTERNAL);
    json_write_member_bool(&e->w, STR("deactivated"), account.flags & ACCOUNT_DEACTIVATED);
    member(e, STR("created"), answer_time(use->arena, account.created_ms));
    end_line(e);
    return 0;
}

static int add_devices(struct exporting *e)
{
    struct use *use = e->use;
    struct device *devices;
    size_t n;
    if (device_list(&use->read, e->user, use->arena, &devices, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        begin_line(e, STR("device"));
        member(e, STR("device_id"), devices[i].device_id);
        member(e, STR("display_name"), devices[i].display_name);
        member(e, STR("created"), answer_time(use->arena, devices[i].created_ms));
        member(e, STR("last_seen"), answer_time(use->arena, devices[i].last_seen_ms));
        member(e, STR("last_seen_ip"), devices[i].last_seen_ip);
        end_line(e);
    }
    return 0;
}

static int add_rooms(struct exporting *e)
{
    struct use *use = e->use;
    struct membership_row *rows;
    struct str room_id;
    size_t n;
    if (membership_list_rooms(&use->read, e->user, MEMBERSHIP_ANY, use->arena, &rows, &n,
                              &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (store_name(use->server->store, rows[i].room, use->arena, &room_id, &use->err) < 0)
            return -1;
        begin_line(e, STR("room"));
        member(e, STR("room_id"), room_id);
        member(e, STR("membership"), membership_format(rows[i].kind));
        end_line(e);
    }
    return 0;
}

static int add_account_data(struct exporting *e)
{
    struct use *use = e->use;
    struct account_data *rows;
    struct str room_id;
    size_t n;
    if (account_data_list(&use->read, e->user, 0, use->arena, &rows, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        begin_line(e, STR("account_data"));
        if (rows[i].room) {
            if (store_name(use->server->store, rows[i].room, use->arena, &room_id, &use->err) < 0)
                return -1;
            member(e, STR("room_id"), room_id);
        }
        member(e, STR("type"), rows[i].type);
        json_write_member_raw(&e->w, STR("content"), rows[i].content);
        end_line(e);
    }
    return 0;
}

#define PAGE 1000

static void add_file(struct exporting *e, const struct media *media)
{
    begin_line(e, STR("file"));
    member(e, STR("uri"), media_uri(e->use, media));
    member(e, STR("type"), media->type);
    member(e, STR("name"), media->name);
    json_write_member_int(&e->w, STR("size"), media->size);
    member(e, STR("created"), answer_time(e->use->arena, media->created_ms));
    end_line(e);
}

static int add_files(struct exporting *e)
{
    struct use *use = e->use;
    struct media *rows;
    int64_t after = 0;
    size_t n = PAGE;
    while (n == PAGE) {
        if (media_list_owner(&use->read, e->user, after, PAGE, use->arena, &rows, &n, &use->err) <
            0)
            return -1;
        for (size_t i = 0; i < n; i++)
            add_file(e, &rows[i]);
        after = n ? rows[n - 1].id : after;
    }
    return 0;
}

struct export_args {
    struct str name;
    int64_t room, before; /* where a page goes on: a room's id, and a place in it */
};

static const struct json_field fields[] = {
    JSON_FIELD(struct export_args, name, JSON_WANT_STR, JSON_REQUIRED, 512),
    JSON_FIELD(struct export_args, room, JSON_WANT_INT, JSON_NULL_OK, 0),
    JSON_FIELD(struct export_args, before, JSON_WANT_INT, JSON_NULL_OK, 0),
};

static int find(struct use *use, const struct json *json, struct export_args *ret_args,
                int64_t *ret_user)
{
    *ret_args = (struct export_args){0};
    if (json_decode(json, fields, ARRAY_LEN(fields), ret_args, &use->err) < 0)
        return -1;
    int found = accounts_find_user(use, ret_args->name, ret_user);
    if (found == 0)
        return err_client(&use->err, 404, "M_NOT_FOUND", "No account is named \"%.*s\"",
                          STR_ARG(str_first(ret_args->name, 100)));
    return found < 0 ? -1 : 0;
}

int admin_user_export(struct use *use, const struct json *json, struct buf *out)
{
    struct exporting e = {.use = use};
    struct export_args args;
    if (find(use, json, &args, &e.user) < 0)
        return -1;
    buf_init(&e.line, LIMIT_ADMIN_MESSAGE);
    answer_begin(&e.answer, out);
    int status = add_account(&e) < 0 || add_devices(&e) < 0 || add_rooms(&e) < 0 ||
                         add_account_data(&e) < 0 || add_files(&e) < 0
                     ? -1
                     : 0;
    buf_done(&e.line);
    answer_end_lines(&e.answer);
    answer_end(&e.answer);
    return status;
}

/* ---- what they sent ---- */

/* A page: so much text, or so many events of anybody's looked at. */
#define PAGE_BYTES  MIB(1)
#define PAGE_MARKS  100000
#define MARKS_QUERY 1000

struct sending_walk {
    struct exporting e;
    struct buf *out;
    int64_t room, before; /* where it is; room 0: at the end */
    struct str room_id;
    size_t looked;
};

static bool page_is_full(const struct sending_walk *walk)
{
    return walk->out->n >= PAGE_BYTES || walk->looked >= PAGE_MARKS;
}

static int add_event(struct sending_walk *walk, int64_t id)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct exporting *e = &walk->e;
    int found = event_load(&e->use->read, id, &event, &e->use->err);
    if (found != 1)
        return found;
    if (event->flags & EVENT_PURGED)
        return 0;
    begin_line(e, STR("event"));
    member(e, STR("room_id"), walk->room_id);
    json_write_member_raw(&e->w, STR("event"), event->json);
    end_line(e);
    return 0;
}

/* Newest first. 1: the room goes on, 0: it has ended, -1. */
static int walk_marks(struct sending_walk *walk, int64_t floor)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct use *use = walk->e.use;
    struct event_mark *marks;
    size_t n;
    if (event_list_marks(&use->read, walk->room, floor, walk->before, MARKS_QUERY, arena, &marks,
                         &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && !page_is_full(walk); i++) {
        if (marks[i].sender == walk->e.user && add_event(walk, marks[i].id) < 0)
            return -1;
        walk->before = marks[i].place;
        walk->looked++;
    }
    return n == MARKS_QUERY || page_is_full(walk);
}

static int walk_room(struct sending_walk *walk)
{
    struct use *use = walk->e.use;
    struct room_row row;
    int more = room_load(&use->read, walk->room, &row, &use->err);
    if (more == 1 &&
        store_name(use->server->store, walk->room, use->arena, &walk->room_id, &use->err) < 0)
        return -1;
    while (more == 1 && !page_is_full(walk))
        more = walk_marks(walk, row.first_place - 1);
    return more;
}

/* Rooms they left are among them; in the order of ids, so that a page goes on where the last ended.
 */
static int walk_rooms(struct sending_walk *walk, const struct export_args *args)
{
    struct use *use = walk->e.use;
    struct membership_row *rows;
    size_t n;
    if (membership_list_rooms(&use->read, walk->e.user, MEMBERSHIP_ANY, use->arena, &rows, &n,
                              &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].room < args->room)
            continue;
        walk->room = rows[i].room;
        walk->before = rows[i].room == args->room ? args->before : INT64_MAX;
        int more = walk_room(walk);
        if (more != 0)
            return more < 0 ? -1 : 0;
        walk->looked++;
        walk->room = 0;
    }
    return 0;
}

int admin_user_sent(struct use *use, const struct json *json, struct buf *out)
{
    struct sending_walk walk = {.e = {.use = use}, .out = out};
    struct export_args args;
    if (find(use, json, &args, &walk.e.user) < 0)
        return -1;
    buf_init(&walk.e.line, LIMIT_ADMIN_MESSAGE);
    answer_begin(&walk.e.answer, out);
    int status = walk_rooms(&walk, &args);
    buf_done(&walk.e.line);
    answer_end_lines(&walk.e.answer);
    if (walk.room) {
        json_write_member_int(&walk.e.answer.w, STR("room"), walk.room);
        json_write_member_int(&walk.e.answer.w, STR("before"), walk.before);
    }
    answer_end(&walk.e.answer);
    return status;
}
