/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/profile.h"

#include "base/limits.h"
#include "base/log.h"
#include "matrix/id.h"
#include "service/accounts/accounts.h"
#include "service/appservice/registration.h"
#include "service/background.h"
#include "service/config.h"
#include "service/rooms/membership.h"
#include "store/membership.h"
#include "store/profile_pending.h"

int profile_load(struct use *use, struct str user_id, struct account *ret_account)
{
    struct user_id id;
    int64_t user;
    if (user_id_parse(user_id, &id, &use->err) < 0)
        return -1;
    int found = str_eq(id.server, use->server->name)
                    ? store_find_name(use->server->store, user_id, &user, &use->err)
                    : 0;
    if (found == 1)
        found = account_load(&use->read, user, use->arena, ret_account, &use->err);
    if (found < 0)
        return -1;
    return found ? 0 : err_client(&use->err, 404, "M_NOT_FOUND", "No such user");
}

/* ---- changing ---- */

struct setting {
    struct server *server;
    int64_t user, version;
    enum profile_field field;
    struct str value;
};

static int write_setting(struct write *w, void *arg, struct err *err)
{
    const struct setting *setting = arg;
    int status = setting->field == PROFILE_DISPLAY_NAME
                     ? account_set_display_name(w, setting->user, setting->value, err)
                     : account_set_avatar_url(w, setting->user, setting->value, err);
    return status < 0 ? -1 : profile_pending_put(w, setting->user, setting->version, err);
}

static void after_setting(void *arg, enum job_result result)
{
    const struct setting *setting = arg;
    if (result == JOB_COMMITTED)
        background_wake(setting->server->background);
}

static int check_value(struct use *use, enum profile_field field, struct str value)
{
    struct mxc_uri uri;
    if (!value.n)
        return 0;
    if (field == PROFILE_AVATAR_URL)
        return mxc_uri_parse(value, &uri, &use->err);
    if (value.n > LIMIT_DISPLAY_NAME_BYTES)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "A display name has at most %d bytes",
                          LIMIT_DISPLAY_NAME_BYTES);
    return 0;
}

bool profile_names_are_fixed(const struct server *server)
{
    return server->config->registration_mode == CONFIG_REGISTRATION_EMAIL;
}

bool profile_name_is_fixed(const struct use *use, struct str user_id, const struct account *account)
{
    const struct server *server = use->server;
    const struct appservice *as = use->caller.appservice;
    bool person = account->password_hash.n || (account->flags & ACCOUNT_ADMIN);
    return profile_names_are_fixed(server) &&
           (!as || person || !appservice_has_user(server->config, as, user_id));
}

static int refuse_name(struct use *use)
{
    (void)err_client(&use->err, 403, "M_FORBIDDEN", "A name comes from the e-mail address");
    return err_reason(&use->err, "name_fixed");
}

int profile_check_member(struct use *use, struct str user_id, const struct json *content)
{
    struct str said = json_find_str(content, STR("displayname"));
    struct account account = {0};
    int64_t user;
    if (!profile_names_are_fixed(use->server) || !said.p)
        return 0;
    int found = store_find_name(use->server->store, user_id, &user, &use->err);
    if (found == 1)
        found = account_load(&use->read, user, use->arena, &account, &use->err);
    if (found < 0)
        return -1;
    if (!found || str_eq(said, account.display_name))
        return 0;
    return profile_name_is_fixed(use, user_id, &account) ? refuse_name(use) : 0;
}

int profile_set(struct use *use, enum profile_field field, struct str value)
{
    struct setting *setting = ARENA_NEW(use->arena, struct setting);
    if (field == PROFILE_DISPLAY_NAME && profile_names_are_fixed(use->server) && !use->caller.ghost)
        return refuse_name(use);
    if (check_value(use, field, value) < 0)
        return -1;
    *setting = (struct setting){
        .server = use->server,
        .user = use->caller.user,
        .version = store_new_id(use->server->store),
        .field = field,
        .value = value.n ? value : STR_NONE,
    };
    return use_commit(use, write_setting, after_setting, setting);
}

/* ---- the rooms ---- */

static bool says(const struct pdu *member, const struct account *account)
{
    bool external = json_as_bool(json_find(member->content, STR("org.chappe.external")), false);
    return external == ((account->flags & ACCOUNT_EXTERNAL) != 0) &&
           str_eq(json_find_str(member->content, STR("org.chappe.organisation")),
                  account->organisation) &&
           str_eq(json_find_str(member->content, STR("displayname")), account->display_name) &&
           str_eq(json_find_str(member->content, STR("avatar_url")), account->avatar_url);
}

/* What the member event says besides name and avatar of why the user is in: kept. */
static struct str kept_members(struct use *use, const struct pdu *member)
{
    const struct json *via = json_find(member->content, STR("join_authorised_via_users_server"));
    if (!via)
        return STR_NONE;
    return arena_printf(use->arena, "\"join_authorised_via_users_server\":%.*s", STR_ARG(via->raw));
}

static int update_room(struct use *use, int64_t id)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    const struct pdu *member = NULL;
    struct account account;
    struct change change;
    struct str content;
    if (room_enter(use, id, &room) < 0)
        return -1;
    if (room_membership(room, use->caller.user) != MEMBERSHIP_JOIN)
        return 0;
    if (room_state_pdu(use, room, rooms_names(use->server)->member, use->caller.user, &member) <
            1 ||
        account_load(&use->read, use->caller.user, use->arena, &account, &use->err) < 1)
        return -1;
    if (says(member, &account))
        return 0;
    if (member_content(use, use->caller.user, MEMBERSHIP_JOIN, STR_NONE, kept_members(use, member),
                       &content) < 0)
        return -1;
    change_begin(&change, use, room);
    int status = change_member(&change, use->caller.user_id, content);
    if (status == 0)
        status = change_submit(&change);
    change_end(&change);
    return status;
}

static void update_one(struct server *server, int64_t user, int64_t room)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct use use = {.server = server, .arena = arena, .caller = {.user = user}};
    read_begin(server->store, &use.read);
    if (store_name(server->store, user, arena, &use.caller.user_id, &use.err) < 0 ||
        update_room(&use, room) < 0)
        log_line(LOG_LEVEL_WARN, "profile_not_in_room", "user", LOG_STR(use.caller.user_id), "why",
                 LOG_Z(use.err.detail[0] ? use.err.detail : use.err.text), NULL);
    read_end(&use.read);
}

static int write_done(struct write *w, void *arg, struct err *err)
{
    const struct profile_pending *pending = arg;
    return profile_pending_done(w, pending, err);
}

static void update_user(struct server *server, struct arena *arena,
                        const struct profile_pending *pending)
{
    struct membership_row *rows;
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(server->store, &read);
    int status = membership_list_rooms(&read, pending->user, MEMBERSHIP_BIT(MEMBERSHIP_JOIN), arena,
                                       &rows, &n, &err);
    read_end(&read);
    for (size_t i = 0; status == 0 && i < n; i++) {
        if (background_is_stopping(server->background))
            return;
        update_one(server, pending->user, rows[i].room);
    }
    if (status < 0 || store_run(server->store, write_done, (void *)(uintptr_t)pending, &err) < 0)
        log_line(LOG_LEVEL_ERROR, "profile_update", "detail", LOG_Z(err.detail), NULL);
}

void profile_update_rooms(struct server *server)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct profile_pending *pending;
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(server->store, &read);
    if (profile_pending_list(&read, arena, &pending, &n, &err) < 0) {
        log_line(LOG_LEVEL_ERROR, "profile_update", "detail", LOG_Z(err.detail), NULL);
        n = 0;
    }
    read_end(&read);
    for (size_t i = 0; i < n && !background_is_stopping(server->background); i++)
        update_user(server, arena, &pending[i]);
}
