/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe user … */

#include "base/limits.h"
#include "service/accounts/accounts.h"
#include "service/accounts/address.h"
#include "service/accounts/closing.h"
#include "service/accounts/validity.h"
#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "store/email.h"
#include "store/media.h"
#include "json/decode.h"

/* Accounts of one answer; the command line asks for those after. */
#define LIST_MAX 1000

struct user_args {
    struct str name, password, email;
    bool admin, erase;
    int64_t after;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct user_args, name, JSON_WANT_STR, JSON_NULL_OK, 512),
    JSON_FIELD(struct user_args, password, JSON_WANT_STR, JSON_NULL_OK, LIMIT_PASSWORD_BYTES),
    JSON_FIELD(struct user_args, email, JSON_WANT_STR, JSON_NULL_OK, 512),
    JSON_FIELD(struct user_args, admin, JSON_WANT_BOOL, JSON_NULL_OK, 0),
    JSON_FIELD(struct user_args, erase, JSON_WANT_BOOL, JSON_NULL_OK, 0),
    JSON_FIELD(struct user_args, after, JSON_WANT_INT, JSON_NULL_OK, 0),
};

static int decode(struct use *use, const struct json *json, struct user_args *ret_args)
{
    *ret_args = (struct user_args){0};
    return json_decode(json, fields, ARRAY_LEN(fields), ret_args, &use->err);
}

/* Decodes, and finds the account that is named. */
static int decode_user(struct use *use, const struct json *json, struct user_args *ret_args,
                       int64_t *ret_user)
{
    if (decode(use, json, ret_args) < 0)
        return -1;
    int found = accounts_find_user(use, ret_args->name, ret_user);
    if (found == 0)
        return err_client(&use->err, 404, "M_NOT_FOUND", "No account is named \"%.*s\"",
                          STR_ARG(str_first(ret_args->name, 100)));
    return found < 0 ? -1 : 0;
}

/* ---- making and changing ---- */

int admin_user_add(struct use *use, const struct json *json, struct buf *out)
{
    struct user_args args;
    struct registration registration = {0};
    struct new_session none = {0};
    struct session_tokens tokens;
    struct admin_answer answer;
    if (decode(use, json, &args) < 0 ||
        accounts_new_user_id(use, args.name, &registration.user_id) < 0)
        return -1;
    if (args.email.p && address_add(use, args.email, &registration) < 0)
        return -1;
    registration.password = args.password;
    registration.admin = args.admin;
    if (accounts_register(use, &registration, &none, &tokens) < 0)
        return -1;
    answer_begin(&answer, out);
    answer_line(&answer, "%.*s", STR_ARG(registration.user_id));
    answer_end_lines(&answer);
    json_write_member_str(&answer.w, STR("user_id"), registration.user_id);
    answer_end(&answer);
    return 0;
}

/* Whoever had the old password is out: every session ends. A closed account stays closed. */
int admin_user_password(struct use *use, const struct json *json, struct buf *out)
{
    struct user_args args;
    struct account account = {0};
    int64_t user;
    (void)out;
    if (decode_user(use, json, &args, &user) < 0 ||
        account_load(&use->read, user, use->arena, &account, &use->err) < 0)
        return -1;
    if (account.flags & ACCOUNT_DEACTIVATED)
        return err_client(&use->err, 403, "M_USER_DEACTIVATED", "This account has been closed");
    return accounts_set_password(use, user, args.password, true, STR_NONE);
}

int admin_user_deactivate(struct use *use, const struct json *json, struct buf *out)
{
    struct user_args args;
    int64_t user;
    (void)out;
    if (decode_user(use, json, &args, &user) < 0)
        return -1;
    return accounts_deactivate(use, user, args.erase, STR_NONE);
}

int admin_user_email(struct use *use, const struct json *json, struct buf *out)
{
    struct user_args args;
    int64_t user;
    (void)out;
    if (decode_user(use, json, &args, &user) < 0)
        return -1;
    return address_set(use, user, args.email);
}

static int set_flags(struct use *use, const struct json *json, int64_t set, int64_t clear)
{
    struct user_args args;
    int64_t user;
    if (decode_user(use, json, &args, &user) < 0)
        return -1;
    return accounts_set_flags(use, user, set, clear);
}

int admin_user_lock(struct use *use, const struct json *json, struct buf *out)
{
    (void)out;
    return set_flags(use, json, ACCOUNT_LOCKED, 0);
}

int admin_user_unlock(struct use *use, const struct json *json, struct buf *out)
{
    (void)out;
    return set_flags(use, json, 0, ACCOUNT_LOCKED);
}

int admin_user_suspend(struct use *use, const struct json *json, struct buf *out)
{
    (void)out;
    return set_flags(use, json, ACCOUNT_SUSPENDED, 0);
}

int admin_user_unsuspend(struct use *use, const struct json *json, struct buf *out)
{
    (void)out;
    return set_flags(use, json, 0, ACCOUNT_SUSPENDED);
}

/* ---- looking ---- */

static struct str flags_text(struct use *use, const struct account *account)
{
    struct arena *arena = use->arena;
    int64_t flags = account->flags;
    static const struct {
        int64_t flag;
        const char *word;
    } words[] = {{ACCOUNT_ADMIN, ",admin"},         {ACCOUNT_LOCKED, ",locked"},
                 {ACCOUNT_SUSPENDED, ",suspended"}, {ACCOUNT_DEACTIVATED, ",deactivated"},
                 {ACCOUNT_ERASED, ",erased"},       {ACCOUNT_EXTERNAL, ",external"},
                 {ACCOUNT_HIDDEN, ",hidden"},       {ACCOUNT_DISPLACED, ",displaced"}};
    struct str text = STR("");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (flags & words[i].flag)
            text = arena_printf(arena, "%.*s%s", STR_ARG(text), words[i].word);
    if (validity_is_over(use->server->config, account->expires_ms))
        text = arena_printf(arena, "%.*s,expired", STR_ARG(text));
    return text.n ? str_skip(text, 1) : STR("-");
}

/* A user id a line, with its state, its age and its end. */
static int list_one(struct use *use, struct admin_answer *answer, const struct account *account)
{
    struct str user_id;
    if (store_name(use->server->store, account->user, use->arena, &user_id, &use->err) < 0)
        return -1;
    answer_line(answer, "%.*s\t%.*s\t%.*s\t%.*s", STR_ARG(user_id),
                STR_ARG(flags_text(use, account)),
                STR_ARG(answer_time(use->arena, account->created_ms)),
                STR_ARG(answer_time(use->arena, account->expires_ms)));
    return 0;
}

int admin_user_list(struct use *use, const struct json *json, struct buf *out)
{
    struct user_args args;
    struct account *accounts;
    struct admin_answer answer;
    size_t n;
    if (decode(use, json, &args) < 0 ||
        account_list(&use->read, args.after, LIST_MAX, use->arena, &accounts, &n, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    for (size_t i = 0; i < n; i++)
        if (list_one(use, &answer, &accounts[i]) < 0)
            return -1;
    answer_end_lines(&answer);
    if (n == LIST_MAX)
        json_write_member_int(&answer.w, STR("next"), accounts[n - 1].user);
    answer_end(&answer);
    return 0;
}

static void show_devices(struct use *use, struct admin_answer *answer, const struct device *devices,
                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        answer_line(answer, "device\t%.*s\t%.*s\t%.*s", STR_ARG(devices[i].device_id),
                    STR_ARG(answer_time(use->arena, devices[i].last_seen_ms)),
                    STR_ARG(str_first(devices[i].display_name, 200)));
}

int admin_user_show(struct use *use, const struct json *json, struct buf *out)
{
    struct user_args args;
    struct account account = {0};
    struct device *devices;
    struct admin_answer answer;
    struct str user_id;
    struct email email = {0};
    struct media_usage usage;
    int64_t user;
    size_t n;
    if (decode_user(use, json, &args, &user) < 0 ||
        media_usage_load(&use->read, user, &usage, &use->err) < 0 ||
        email_load(&use->read, user, use->arena, &email, &use->err) < 0 ||
        account_load(&use->read, user, use->arena, &account, &use->err) < 0 ||
        device_list(&use->read, user, use->arena, &devices, &n, &use->err) < 0 ||
        store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    answer_line(&answer, "user_id\t%.*s", STR_ARG(user_id));
    answer_line(&answer, "state\t%.*s", STR_ARG(flags_text(use, &account)));
    answer_line(&answer, "created\t%.*s", STR_ARG(answer_time(use->arena, account.created_ms)));
    answer_line(&answer, "valid_until\t%.*s", STR_ARG(answer_time(use->arena, account.expires_ms)));
    answer_line(&answer, "display_name\t%.*s", STR_ARG(account.display_name));
    answer_line(&answer, "email\t%.*s", STR_ARG(email.full));
    answer_line(&answer, "organisation\t%.*s", STR_ARG(account.organisation));
    answer_line(&answer, "password\t%s", account.password_hash.n ? "yes" : "no");
    answer_line(&answer, "files\t%lld\t%lld bytes", (long long)usage.files, (long long)usage.bytes);
    show_devices(use, &answer, devices, n);
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}
