/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/rules.h"

#include "base/limits.h"
#include "store/account_data.h"

static int parse(struct use *use, struct str content, struct push_rules **ret_rules)
{
    const struct json *doc = NULL;
    struct err ignored = ERR_INIT;
    /* What is malformed counts as absent: the server's rules stand. */
    if (content.p && json_parse(use->arena, content, &doc, &ignored) < 0)
        doc = NULL;
    *ret_rules = push_rules_parse(use->arena, doc, use->caller.user_id);
    return 0;
}

static struct str format(struct use *use, const struct push_rules *rules)
{
    struct buf text;
    buf_init(&text, MIB(1));
    push_rules_format(rules, &text);
    struct str copy = arena_str(use->arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

int push_write_rules(struct use *use, struct str content, struct json_writer *out)
{
    struct push_rules *rules;
    if (parse(use, content, &rules) < 0)
        return -1;
    json_write_raw(out, format(use, rules));
    return 0;
}

int push_load_rules(struct use *use, struct push_rules **ret_rules)
{
    struct str content = STR_NONE;
    if (account_data_load(&use->read, use->caller.user, 0, STR("m.push_rules"), use->arena,
                          &content, &use->err) < 0)
        return -1;
    return parse(use, content, ret_rules);
}

int push_has_own_rules(struct use *use, bool *ret)
{
    struct str content;
    struct push_rules *own, *servers;
    int found = account_data_load(&use->read, use->caller.user, 0, STR("m.push_rules"), use->arena,
                                  &content, &use->err);
    if (found < 0 ||
        (found && (parse(use, content, &own) < 0 || parse(use, STR_NONE, &servers) < 0)))
        return -1;
    *ret = found && !str_eq(format(use, own), format(use, servers));
    return 0;
}

struct saving {
    int64_t user;
    struct str content, before; /* before: what it was decided on; STR_NONE: none */
};

static int write_rules(struct write *w, void *arg, struct err *err)
{
    const struct saving *saving = arg;
    if (account_data_expect(w, saving->user, 0, STR("m.push_rules"), saving->before, err) < 0)
        return -1;
    return account_data_put(w, saving->user, 0, STR("m.push_rules"), saving->content, err);
}

int push_save_rules(struct use *use, const struct push_rules *rules)
{
    struct saving *saving = ARENA_NEW(use->arena, struct saving);
    *saving = (struct saving){use->caller.user, format(use, rules), STR_NONE};
    /* Of the same snapshot as the rules that were changed: of two changes at once, one is made
     * again. */
    if (account_data_load(&use->read, use->caller.user, 0, STR("m.push_rules"), use->arena,
                          &saving->before, &use->err) < 0)
        return -1;
    return use_commit(use, write_rules, NULL, saving);
}

int push_load_program(struct use *use, struct push_program **ret_program)
{
    struct push_rules *rules;
    if (push_load_rules(use, &rules) < 0)
        return -1;
    *ret_program = push_program_new(rules);
    return 0;
}
