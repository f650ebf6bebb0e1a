/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe user export NAME: what the store keeps of a person, one JSON object a line, to be given to
 * them. Messages are not in it: they stand in rooms that others share, and their owner's clients
 * can read them. */

#include "base/limits.h"
#include "service/accounts/accounts.h"
#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/media/media.h"
#include "store/account_data.h"
#include "store/email.h"
#include "store/membership.h"
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
};

static const struct json_field fields[] = {
    JSON_FIELD(struct export_args, name, JSON_WANT_STR, JSON_REQUIRED, 512),
};

static int find(struct use *use, const struct json *json, int64_t *ret_user)
{
    struct export_args args = {0};
    if (json_decode(json, fields, ARRAY_LEN(fields), &args, &use->err) < 0)
        return -1;
    int found = accounts_find_user(use, args.name, ret_user);
    if (found == 0)
        return err_client(&use->err, 404, "M_NOT_FOUND", "No account is named \"%.*s\"",
                          STR_ARG(str_first(args.name, 100)));
    return found < 0 ? -1 : 0;
}

int admin_user_export(struct use *use, const struct json *json, struct buf *out)
{
    struct exporting e = {.use = use};
    if (find(use, json, &e.user) < 0)
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
