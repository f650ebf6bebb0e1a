/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe notice …: what the operator tells people (service/rooms/notices.h). */

#include "base/limits.h"
#include "base/log.h"
#include "service/accounts/accounts.h"
#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/audit.h"
#include "service/rooms/notices.h"
#include "store/account.h"
#include "json/decode.h"

/* Accounts looked at for one answer; the command line asks for those after. */
#define LOOKED_AT_MAX 50

struct notice_args {
    struct str name, body;
    int64_t after;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct notice_args, name, JSON_WANT_STR, JSON_NULL_OK, 512),
    JSON_FIELD(struct notice_args, body, JSON_WANT_STR, JSON_REQUIRED, LIMIT_NOTICE_BYTES),
    JSON_FIELD(struct notice_args, after, JSON_WANT_INT, JSON_NULL_OK, 0),
};

static int decode(struct use *use, const struct json *json, struct notice_args *ret_args)
{
    *ret_args = (struct notice_args){0};
    if (json_decode(json, fields, ARRAY_LEN(fields), ret_args, &use->err) < 0)
        return -1;
    return ret_args->body.n ? 0
                            : err_client(&use->err, 400, "M_INVALID_PARAM", "The text is empty");
}

static int send_to(struct use *use, struct admin_answer *answer, int64_t user, struct str body)
{
    struct str user_id, room_id;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0 ||
        use_audit_user(use, STR("notice.send"), user, STR_NONE) < 0 ||
        notices_send(use, user, body, &room_id) < 0)
        return -1;
    answer_line(answer, "%.*s\t%.*s", STR_ARG(user_id), STR_ARG(room_id));
    return 0;
}

int admin_notice_send(struct use *use, const struct json *json, struct buf *out)
{
    struct notice_args args;
    struct admin_answer answer;
    int64_t user;
    if (decode(use, json, &args) < 0)
        return -1;
    int found = accounts_find_user(use, args.name, &user);
    if (found == 0)
        return err_client(&use->err, 404, "M_NOT_FOUND", "No account is named \"%.*s\"",
                          STR_ARG(str_first(args.name, 100)));
    if (found < 0)
        return -1;
    answer_begin(&answer, out);
    if (send_to(use, &answer, user, args.body) < 0)
        return -1;
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}

/* Not to who cannot read it, nor to the server's own accounts. */
static bool is_read(const struct account *account)
{
    bool own = !account->password_hash.p && !account->organisation.p;
    return !(account->flags & (ACCOUNT_DEACTIVATED | ACCOUNT_BARRED)) && !own;
}

/* To everybody. One that fails is told of, and the others get it. */
int admin_notice_all(struct use *use, const struct json *json, struct buf *out)
{
    struct notice_args args;
    struct admin_answer answer;
    struct account *accounts;
    size_t n;
    if (decode(use, json, &args) < 0 || account_list(&use->read, args.after, LOOKED_AT_MAX,
                                                     use->arena, &accounts, &n, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    for (size_t i = 0; i < n; i++) {
        if (!is_read(&accounts[i]) || send_to(use, &answer, accounts[i].user, args.body) == 0)
            continue;
        if (use->err.kind == ERR_KIND_INTERNAL)
            return -1;
        answer_line(&answer, "%lld\t%s", (long long)accounts[i].user, use->err.text);
        use->err = ERR_INIT;
    }
    answer_end_lines(&answer);
    if (n == LOOKED_AT_MAX)
        json_write_member_int(&answer.w, STR("next"), accounts[n - 1].user);
    answer_end(&answer);
    return 0;
}
