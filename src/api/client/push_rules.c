/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Push Rules". */

#include "api/client/tables.h"
#include "service/push/rules.h"

/* What the path names: /pushrules/global/{kind}/{ruleId}. */
struct named {
    struct push_rules *rules;
    enum push_kind kind;
    struct str rule_id;
};

/* Of all that one may have: the rules are in `arena`, which must live as long as they do. */
static int load(struct request *rq, struct arena *arena, struct named *ret)
{
    if (push_kind_parse(api_param(rq, 0), &ret->kind, &rq->use.err) < 0)
        return -1;
    ret->rule_id = api_param(rq, 1);
    return push_load_rules(&rq->use, arena, &ret->rules);
}

static int find(struct request *rq, struct arena *arena, struct named *named,
                const struct push_rule **ret_rule)
{
    if (load(rq, arena, named) < 0)
        return -1;
    *ret_rule = push_rules_find(named->rules, named->kind, named->rule_id);
    return *ret_rule ? 0 : err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such push rule");
}

static int get_all(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    struct push_rules *rules;
    if (push_load_rules(&rq->use, own, &rules) < 0)
        return API_FAILED;
    push_rules_format(rules, http_answer(rq->use.x));
    return API_DONE;
}

static int get_global(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    struct push_rules *rules;
    if (push_load_rules(&rq->use, own, &rules) < 0)
        return API_FAILED;
    push_rules_format_global(rules, http_answer(rq->use.x));
    return API_DONE;
}

static int get_rule(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    const struct push_rule *rule;
    struct named named;
    if (find(rq, own, &named, &rule) < 0)
        return API_FAILED;
    push_rule_format(named.kind, rule, http_answer(rq->use.x));
    return API_DONE;
}

static int put_rule(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    struct named named;
    if (load(rq, own, &named) < 0 ||
        push_rules_put(named.rules, named.kind, named.rule_id, rq->json,
                       api_query(rq, STR("before")), api_query(rq, STR("after")), &rq->use.err) < 0)
        return API_FAILED;
    return push_save_rules(&rq->use, named.rules);
}

static int delete_rule(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    struct named named;
    if (load(rq, own, &named) < 0 ||
        push_rules_delete(named.rules, named.kind, named.rule_id, &rq->use.err) < 0)
        return API_FAILED;
    return push_save_rules(&rq->use, named.rules);
}

/* ---- parts of a rule ---- */

static int get_enabled(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    const struct push_rule *rule;
    struct named named;
    if (find(rq, own, &named, &rule) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_bool(&rq->out, STR("enabled"), rule->enabled);
    json_write_end(&rq->out);
    return API_DONE;
}

struct enabled_body {
    bool enabled;
};

static const struct json_field enabled_fields[] = {
    JSON_FIELD(struct enabled_body, enabled, JSON_WANT_BOOL, JSON_REQUIRED, 0),
};

static int put_enabled(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    const struct enabled_body *body = rq->body;
    struct named named;
    if (load(rq, own, &named) < 0 || push_rules_set_enabled(named.rules, named.kind, named.rule_id,
                                                            body->enabled, &rq->use.err) < 0)
        return API_FAILED;
    return push_save_rules(&rq->use, named.rules);
}

static int get_actions(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    const struct push_rule *rule;
    struct named named;
    if (find(rq, own, &named, &rule) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_raw(&rq->out, STR("actions"), rule->actions->raw);
    json_write_end(&rq->out);
    return API_DONE;
}

struct actions_body {
    const struct json *actions;
};

static const struct json_field actions_fields[] = {
    JSON_FIELD(struct actions_body, actions, JSON_WANT_ARRAY, JSON_REQUIRED, 100),
};

static int put_actions(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    const struct actions_body *body = rq->body;
    struct named named;
    if (load(rq, own, &named) < 0 || push_rules_set_actions(named.rules, named.kind, named.rule_id,
                                                            body->actions, &rq->use.err) < 0)
        return API_FAILED;
    return push_save_rules(&rq->use, named.rules);
}

#define RULES "/_matrix/client/v3/pushrules"
#define RULE  RULES "/global/{kind}/{ruleId}"
#define READ  API_ACCESS_USER_SUSPENDED, API_RATE_READ
#define SET   API_ACCESS_USER_SUSPENDED, API_RATE_WRITE

static const struct api_route routes[] = {
    {HTTP_GET, RULES "/", READ, get_all},
    {HTTP_GET, RULES "/global/", READ, get_global},
    {HTTP_GET, RULE, READ, get_rule},
    {HTTP_PUT, RULE, SET, put_rule, .flags = API_BODY_RAW},
    {HTTP_DELETE, RULE, SET, delete_rule},
    {HTTP_GET, RULE "/enabled", READ, get_enabled},
    {HTTP_PUT, RULE "/enabled", SET, put_enabled, API_BODY(struct enabled_body, enabled_fields)},
    {HTTP_GET, RULE "/actions", READ, get_actions},
    {HTTP_PUT, RULE "/actions", SET, put_actions, API_BODY(struct actions_body, actions_fields)},
};
const struct api_table api_client_push_rules = {routes, ARRAY_LEN(routes)};
