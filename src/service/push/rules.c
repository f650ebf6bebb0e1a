/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/rules.h"

#include "base/limits.h"
#include "store/account_data.h"

/* LIMIT_PUSH_BYTES of the smallest values there are, parsed, and the rules of them. */
#define RULES_ARENA MIB(16)

/* -1: they are more than the arena holds. */
static int parse(struct use *use, struct arena *arena, struct str content,
                 struct push_rules **ret_rules)
{
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    /* What is malformed counts as absent: the server's rules stand. */
    if (content.p && json_parse(arena, content, &doc, &err) < 0) {
        if (err.status == 413) {
            use->err = err;
            return -1;
        }
        doc = NULL;
    }
    *ret_rules = push_rules_parse(arena, doc, use->caller.user_id);
    return 0;
}

struct arena *push_rules_arena(void)
{
    return arena_new(RULES_ARENA);
}

int push_load_rules(struct use *use, struct arena *arena, struct push_rules **ret_rules)
{
    struct str content = STR_NONE;
    if (account_data_load(&use->read, use->caller.user, 0, STR("m.push_rules"), arena, &content,
                          &use->err) < 0)
        return -1;
    return parse(use, arena, content, ret_rules);
}

static struct str format(struct arena *arena, const struct push_rules *rules)
{
    struct buf text;
    buf_init(&text, MIB(1));
    push_rules_format(rules, &text);
    struct str copy = arena_str(arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

int push_write_rules(struct use *use, struct str content, struct json_writer *out)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    struct push_rules *rules;
    if (parse(use, own, content, &rules) < 0)
        return -1;
    json_write_raw(out, format(own, rules));
    return 0;
}

int push_has_own_rules(struct use *use, bool *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = push_rules_arena();
    struct str content;
    struct push_rules *own, *servers;
    int found = account_data_load(&use->read, use->caller.user, 0, STR("m.push_rules"), arena,
                                  &content, &use->err);
    if (found < 0 || (found && (parse(use, arena, content, &own) < 0 ||
                                parse(use, arena, STR_NONE, &servers) < 0)))
        return -1;
    *ret = found && !str_eq(format(arena, own), format(arena, servers));
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
    *saving = (struct saving){use->caller.user, format(use->arena, rules), STR_NONE};
    /* Of the same snapshot as the rules that were changed: of two changes at once, one is made
     * again. */
    if (account_data_load(&use->read, use->caller.user, 0, STR("m.push_rules"), use->arena,
                          &saving->before, &use->err) < 0)
        return -1;
    /* Before it is written: the answer would say so after. */
    if (arena_is_over(use->arena))
        return err_client(&use->err, 413, "M_TOO_LARGE", "The push rules are too large");
    return use_commit(use, write_rules, NULL, saving);
}

int push_load_program(struct use *use, struct push_program **ret_program)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    struct push_rules *rules;
    if (push_load_rules(use, own, &rules) < 0)
        return -1;
    *ret_program = push_program_new(rules);
    return 0;
}
