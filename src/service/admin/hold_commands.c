/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe hold …: what is kept whatever its lifetime (store/hold.h, docs/design/retention.md). */

#include "base/limits.h"
#include "service/accounts/accounts.h"
#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/audit.h"
#include "service/rooms/room.h"
#include "store/hold.h"
#include "json/decode.h"

struct hold_args {
    struct str target, reason;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct hold_args, target, JSON_WANT_STR, JSON_REQUIRED, 512),
    JSON_FIELD(struct hold_args, reason, JSON_WANT_STR, JSON_NULL_OK, LIMIT_HOLD_REASON),
};

/* A room by its id, an account by its name: the id of either's text. */
static int find_target(struct use *use, struct str text, int64_t *ret_target)
{
    bool is_room = str_starts(text, STR("!"));
    int found =
        is_room ? rooms_find(use, text, ret_target) : accounts_find_user(use, text, ret_target);
    if (found < 0)
        return -1;
    return found ? 0
                 : err_client(&use->err, 404, "M_NOT_FOUND", "No %s is named \"%.*s\"",
                              is_room ? "room" : "account", STR_ARG(str_first(text, 100)));
}

static int decode(struct use *use, const struct json *json, struct hold_args *ret_args,
                  struct hold *ret_hold)
{
    *ret_args = (struct hold_args){0};
    *ret_hold = (struct hold){0};
    if (json_decode(json, fields, ARRAY_LEN(fields), ret_args, &use->err) < 0)
        return -1;
    return find_target(use, ret_args->target, &ret_hold->target);
}

static struct str detail_of(struct use *use, struct str reason)
{
    CLEANUP(buf_done) struct buf text;
    struct json_writer w;
    if (!reason.n)
        return STR_NONE;
    buf_init(&text, 8 * LIMIT_HOLD_REASON);
    json_writer_init(&w, &text);
    json_write_object(&w);
    json_write_member_str(&w, STR("reason"), reason);
    json_write_end(&w);
    return arena_str(use->arena, buf_str(&text));
}

static int write_hold(struct write *w, void *arg, struct err *err)
{
    struct hold *hold = arg;
    hold->since_ms = write_time_ms(w);
    return hold_insert(w, hold, err);
}

static int write_release(struct write *w, void *arg, struct err *err)
{
    const struct hold *hold = arg;
    return hold_delete(w, hold->target, err);
}

static int commit(struct use *use, struct str action, struct str detail, struct hold *hold,
                  int (*run)(struct write *w, void *arg, struct err *err))
{
    struct str name;
    if (store_name(use->server->store, hold->target, use->arena, &name, &use->err) < 0)
        return -1;
    use_audit(use, action, name, detail);
    return use_commit(use, run, NULL, hold);
}

int admin_hold_add(struct use *use, const struct json *json, struct buf *out)
{
    struct hold_args args;
    struct hold hold;
    (void)out;
    if (decode(use, json, &args, &hold) < 0)
        return -1;
    hold.reason = args.reason.p ? args.reason : STR("");
    return commit(use, STR("hold.add"), detail_of(use, args.reason), &hold, write_hold);
}

int admin_hold_release(struct use *use, const struct json *json, struct buf *out)
{
    struct hold_args args;
    struct hold hold;
    (void)out;
    if (decode(use, json, &args, &hold) < 0)
        return -1;
    return commit(use, STR("hold.release"), STR_NONE, &hold, write_release);
}

/* what, since when, why */
int admin_hold_list(struct use *use, const struct json *json, struct buf *out)
{
    struct admin_answer answer;
    struct hold *holds;
    size_t n;
    (void)json;
    if (hold_list(&use->read, use->arena, &holds, &n, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    for (size_t i = 0; i < n; i++) {
        struct str name;
        if (store_name(use->server->store, holds[i].target, use->arena, &name, &use->err) < 0)
            return -1;
        answer_line(&answer, "%.*s\t%.*s\t%.*s", STR_ARG(name),
                    STR_ARG(answer_time(use->arena, holds[i].since_ms)), STR_ARG(holds[i].reason));
    }
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}
