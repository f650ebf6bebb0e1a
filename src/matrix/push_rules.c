/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/push_rules.h"

#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "json/write.h"

static const struct str words[PUSH_KINDS] = {
    [PUSH_KIND_OVERRIDE] = STR_INIT("override"),   [PUSH_KIND_CONTENT] = STR_INIT("content"),
    [PUSH_KIND_ROOM] = STR_INIT("room"),           [PUSH_KIND_SENDER] = STR_INIT("sender"),
    [PUSH_KIND_UNDERRIDE] = STR_INIT("underride"),
};

int push_kind_parse(struct str word, enum push_kind *ret_kind, struct err *err)
{
    for (size_t i = 0; i < PUSH_KINDS; i++)
        if (str_eq(words[i], word)) {
            *ret_kind = (enum push_kind)i;
            return 0;
        }
    return err_client(err, 400, "M_INVALID_PARAM", "There is no such kind of push rule");
}

struct str push_kind_format(enum push_kind kind)
{
    return words[kind];
}

static bool has_conditions(enum push_kind kind)
{
    return kind == PUSH_KIND_OVERRIDE || kind == PUSH_KIND_UNDERRIDE;
}

/* ---- what a rule may hold ---- */

static bool is_historical(const struct json *action)
{
    struct str word = json_as_str(action);
    return str_eq(word, STR("dont_notify")) || str_eq(word, STR("coalesce"));
}

/* A word of the specification, or one with a name space, or the setting of a tweak. */
static bool action_is_valid(const struct json *action)
{
    struct str word = json_as_str(action);
    if (word.p)
        return str_eq(word, STR("notify")) || is_historical(action) || str_find(word, '.') >= 0;
    return json_find_str(action, STR("set_tweak")).p != NULL;
}

bool push_actions_are_valid(const struct json *actions)
{
    if (!json_is(actions, JSON_ARRAY) || actions->raw.n > LIMIT_PUSH_RULE_BYTES)
        return false;
    for (size_t i = 0; i < actions->array.n; i++)
        if (!action_is_valid(&actions->array.items[i]))
            return false;
    return true;
}

const struct json *push_actions_clean(struct arena *arena, const struct json *actions)
{
    const struct json *clean = actions;
    struct json_writer w;
    struct buf buf;
    struct err err = ERR_INIT;
    size_t kept = 0;
    buf_init(&buf, LIMIT_PUSH_RULE_BYTES + 2);
    json_writer_init(&w, &buf);
    json_write_array(&w);
    for (size_t i = 0; i < actions->array.n; i++)
        if (!is_historical(&actions->array.items[i])) {
            json_write_raw(&w, actions->array.items[i].raw);
            kept++;
        }
    json_write_end(&w);
    if (kept < actions->array.n &&
        json_parse(arena, arena_str(arena, buf_str(&buf)), &clean, &err) != 0)
        clean = actions;
    buf_done(&buf);
    return clean;
}

/* An array of objects that each name a kind; what the kinds are is no concern here, for unknown
 * ones are kept and never match. */
static bool conditions_are_valid(const struct json *conditions)
{
    if (!json_is(conditions, JSON_ARRAY) || conditions->array.n > LIMIT_PUSH_CONDITIONS ||
        conditions->raw.n > LIMIT_PUSH_RULE_BYTES)
        return false;
    for (size_t i = 0; i < conditions->array.n; i++)
        if (!json_find_str(&conditions->array.items[i], STR("kind")).p)
            return false;
    return true;
}

static bool rule_id_is_valid(struct str rule_id)
{
    return rule_id.n > 0 && rule_id.n <= LIMIT_PUSH_RULE_ID && rule_id.p[0] != '.' &&
           str_find(rule_id, '/') < 0 && str_find(rule_id, '\\') < 0;
}

/* The parts of a rule that the user gives. -1: 400. */
static int read_rule(struct arena *arena, enum push_kind kind, const struct json *body,
                     struct push_rule *rule, struct err *err)
{
    const struct json *actions = json_find(body, STR("actions"));
    const struct json *conditions = json_find(body, STR("conditions"));
    const struct json *pattern = json_find(body, STR("pattern"));
    if (!json_is(body, JSON_OBJECT))
        return err_client(err, 400, "M_BAD_JSON", "A push rule is an object");
    if (!actions)
        return err_client(err, 400, "M_MISSING_PARAM", "'actions' is missing");
    if (!push_actions_are_valid(actions))
        return err_client(err, 400, "M_INVALID_PARAM", "'actions' holds an unknown action");
    if (has_conditions(kind) && conditions && !conditions_are_valid(conditions))
        return err_client(err, 400, "M_INVALID_PARAM", "'conditions' is malformed");
    if (kind == PUSH_KIND_CONTENT && !pattern)
        return err_client(err, 400, "M_MISSING_PARAM", "'pattern' is missing");
    if (kind == PUSH_KIND_CONTENT &&
        (!json_as_str(pattern).p || json_as_str(pattern).n > LIMIT_GLOB_BYTES))
        return err_client(err, 400, "M_INVALID_PARAM", "'pattern' is no string, or too long");
    rule->actions = push_actions_clean(arena, actions);
    rule->conditions = has_conditions(kind) ? conditions : NULL;
    rule->pattern = kind == PUSH_KIND_CONTENT ? json_as_str(pattern) : STR_NONE;
    return 0;
}

/* ---- the document ---- */

static struct push_rule *find(const struct push_rules *rules, enum push_kind kind,
                              struct str rule_id)
{
    const struct push_list *list = &rules->kinds[kind];
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->p[i].rule_id, rule_id))
            return &list->p[i];
    return NULL;
}

const struct push_rule *push_rules_find(const struct push_rules *rules, enum push_kind kind,
                                        struct str rule_id)
{
    return find(rules, kind, rule_id);
}

static size_t rule_bytes(const struct push_rule *rule)
{
    size_t n = rule->rule_id.n + rule->actions->raw.n + rule->pattern.n;
    return rule->conditions ? n + rule->conditions->raw.n : n;
}

struct weight {
    size_t rules, bytes;
};

/* How much the user wrote. Of default rules only the actions can be theirs, and those always
 * count. */
static struct weight weigh(const struct push_rules *rules)
{
    struct weight weight = {0};
    for (size_t kind = 0; kind < PUSH_KINDS; kind++)
        for (size_t i = 0; i < rules->kinds[kind].n; i++) {
            const struct push_rule *rule = &rules->kinds[kind].p[i];
            weight.rules += !rule->is_default;
            weight.bytes += rule->is_default ? rule->actions->raw.n : rule_bytes(rule);
        }
    return weight;
}

/* With `more` in place of `old`, which is NULL for a new rule. -1: 400. */
static int check_weight(const struct push_rules *rules, const struct push_rule *old, size_t more,
                        size_t less, struct err *err)
{
    struct weight weight = weigh(rules);
    if ((!old && weight.rules >= LIMIT_PUSH_RULES) || weight.bytes - less + more > LIMIT_PUSH_BYTES)
        return err_client(err, 400, "M_TOO_LARGE", "There are too many push rules");
    return 0;
}

/* The user's own rules of one kind. */
static void read_own(struct push_rules *rules, enum push_kind kind, const struct json *list,
                     size_t *room)
{
    struct str_map seen = {0};
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i<list->array.n && * room> 0; i++) {
        const struct json *item = &list->array.items[i];
        struct err err = ERR_INIT;
        struct push_rule rule = {
            .rule_id = json_find_str(item, STR("rule_id")),
            .enabled = json_as_bool(json_find(item, STR("enabled")), true),
        };
        if (!rule_id_is_valid(rule.rule_id) || str_map_find(&seen, rule.rule_id) ||
            read_rule(rules->arena, kind, item, &rule, &err) != 0)
            continue;
        (void)str_map_put(&seen, rule.rule_id, &seen);
        ARENA_VEC_ADD(rules->arena, &rules->kinds[kind], rule);
        (*room)--;
    }
    str_map_done(&seen);
}

/* What the user changed of the default rules. */
static void read_changes(struct push_rules *rules, enum push_kind kind, const struct json *list)
{
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->array.n; i++) {
        const struct json *item = &list->array.items[i];
        struct str rule_id = json_find_str(item, STR("rule_id"));
        const struct json *actions = json_find(item, STR("actions"));
        if (!str_starts(rule_id, STR(".")))
            continue;
        struct push_rule *rule = find(rules, kind, rule_id);
        if (!rule || !rule->is_default)
            continue;
        rule->enabled = json_as_bool(json_find(item, STR("enabled")), rule->enabled);
        if (push_actions_are_valid(actions))
            rule->actions = push_actions_clean(rules->arena, actions);
    }
}

struct push_rules *push_rules_parse(struct arena *arena, const struct json *doc, struct str user_id)
{
    struct push_rules *rules = ARENA_NEW(arena, struct push_rules);
    const struct json *global = json_find(doc, STR("global"));
    size_t room = LIMIT_PUSH_RULES;
    rules->arena = arena;
    push_default_add(rules, true, user_id);
    for (size_t kind = 0; kind < PUSH_KINDS; kind++)
        read_own(rules, (enum push_kind)kind, json_find(global, words[kind]), &room);
    push_default_add(rules, false, user_id);
    for (size_t kind = 0; kind < PUSH_KINDS; kind++)
        read_changes(rules, (enum push_kind)kind, json_find(global, words[kind]));
    return rules;
}

static void write_rule(struct json_writer *w, enum push_kind kind, const struct push_rule *rule)
{
    json_write_object(w);
    json_write_member_raw(w, STR("actions"), rule->actions->raw);
    if (has_conditions(kind))
        json_write_member_raw(w, STR("conditions"),
                              rule->conditions ? rule->conditions->raw : STR("[]"));
    json_write_member_bool(w, STR("default"), rule->is_default);
    json_write_member_bool(w, STR("enabled"), rule->enabled);
    if (kind == PUSH_KIND_CONTENT)
        json_write_member_str(w, STR("pattern"), rule->pattern);
    json_write_member_str(w, STR("rule_id"), rule->rule_id);
    json_write_end(w);
}

/* Members sorted, as in all that we write. */
static void write_global(struct json_writer *w, const struct push_rules *rules)
{
    static const enum push_kind sorted[] = {PUSH_KIND_CONTENT, PUSH_KIND_OVERRIDE, PUSH_KIND_ROOM,
                                            PUSH_KIND_SENDER, PUSH_KIND_UNDERRIDE};
    json_write_object(w);
    for (size_t k = 0; k < ARRAY_LEN(sorted); k++) {
        const struct push_list *list = &rules->kinds[sorted[k]];
        json_write_key(w, words[sorted[k]]);
        json_write_array(w);
        for (size_t i = 0; i < list->n; i++)
            write_rule(w, sorted[k], &list->p[i]);
        json_write_end(w);
    }
    json_write_end(w);
}

void push_rules_format_global(const struct push_rules *rules, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    write_global(&w, rules);
}

void push_rules_format(const struct push_rules *rules, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_object(&w);
    json_write_key(&w, STR("global"));
    write_global(&w, rules);
    json_write_end(&w);
}

void push_rule_format(enum push_kind kind, const struct push_rule *rule, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    write_rule(&w, kind, rule);
}

/* ---- editing ---- */

static void take_out(struct push_list *list, size_t at)
{
    memmove(list->p + at, list->p + at + 1, (list->n - at - 1) * sizeof *list->p);
    list->n--;
}

static void put_in(struct push_rules *rules, struct push_list *list, size_t at,
                   const struct push_rule *rule)
{
    ARENA_VEC_ADD(rules->arena, list, *rule);
    memmove(list->p + at + 1, list->p + at, (list->n - at - 1) * sizeof *list->p);
    list->p[at] = *rule;
}

/* Where the user's rules begin: after .m.rule.master. */
static size_t first_own(const struct push_list *list)
{
    return list->n > 0 && str_eq(list->p[0].rule_id, PUSH_RULE_MASTER) ? 1 : 0;
}

/* The place that `before` or `after` asks for; before prevails. -1: 400. */
static int find_place(const struct push_rules *rules, enum push_kind kind, struct str rule_id,
                      struct str before, struct str after, size_t *ret_at, struct err *err)
{
    struct str named = before.p ? before : after;
    const struct push_rule *rule = find(rules, kind, named);
    if (!rule || rule->is_default || str_eq(named, rule_id) ||
        (before.p && after.p && !find(rules, kind, after)))
        return err_client(err, 400, "M_UNKNOWN", "The rule named by before or after was not found");
    *ret_at = (size_t)(rule - rules->kinds[kind].p) + (before.p ? 0 : 1);
    return 0;
}

int push_rules_put(struct push_rules *rules, enum push_kind kind, struct str rule_id,
                   const struct json *body, struct str before, struct str after, struct err *err)
{
    struct push_list *list = &rules->kinds[kind];
    struct push_rule *old = find(rules, kind, rule_id);
    struct push_rule rule = {.rule_id = arena_str(rules->arena, rule_id), .enabled = true};
    size_t at = old ? (size_t)(old - list->p) : first_own(list);
    if (!rule_id_is_valid(rule_id))
        return err_client(err, 400, "M_INVALID_PARAM", "This is no id for a rule of one's own");
    if (read_rule(rules->arena, kind, body, &rule, err) != 0)
        return -1;
    if ((before.p || after.p) && find_place(rules, kind, rule_id, before, after, &at, err) != 0)
        return -1;
    if (check_weight(rules, old, rule_bytes(&rule), old ? rule_bytes(old) : 0, err) != 0)
        return -1;
    if (old) {
        size_t was = (size_t)(old - list->p);
        rule.enabled = old->enabled;
        take_out(list, was);
        if (was < at)
            at--;
    }
    put_in(rules, list, at, &rule);
    return 0;
}

static int not_found(struct err *err)
{
    return err_client(err, 404, "M_NOT_FOUND", "The push rule was not found");
}

int push_rules_delete(struct push_rules *rules, enum push_kind kind, struct str rule_id,
                      struct err *err)
{
    struct push_rule *rule = find(rules, kind, rule_id);
    if (!rule)
        return not_found(err);
    if (rule->is_default)
        return err_client(err, 400, "M_INVALID_PARAM", "The server's own rules cannot be deleted");
    take_out(&rules->kinds[kind], (size_t)(rule - rules->kinds[kind].p));
    return 0;
}

int push_rules_set_enabled(struct push_rules *rules, enum push_kind kind, struct str rule_id,
                           bool enabled, struct err *err)
{
    struct push_rule *rule = find(rules, kind, rule_id);
    if (!rule)
        return not_found(err);
    rule->enabled = enabled;
    return 0;
}

int push_rules_set_actions(struct push_rules *rules, enum push_kind kind, struct str rule_id,
                           const struct json *actions, struct err *err)
{
    struct push_rule *rule = find(rules, kind, rule_id);
    if (!rule)
        return not_found(err);
    if (!push_actions_are_valid(actions))
        return err_client(err, 400, "M_INVALID_PARAM", "'actions' holds an unknown action");
    if (check_weight(rules, rule, actions->raw.n, rule->actions->raw.n, err) != 0)
        return -1;
    rule->actions = push_actions_clean(rules->arena, actions);
    return 0;
}

bool push_rules_copy_room(struct push_rules *rules, struct str old_room_id, struct str new_room_id)
{
    struct push_rule *old = find(rules, PUSH_KIND_ROOM, old_room_id);
    struct err err = ERR_INIT;
    if (!old || find(rules, PUSH_KIND_ROOM, new_room_id) || !rule_id_is_valid(new_room_id) ||
        check_weight(rules, NULL, rule_bytes(old), 0, &err) != 0)
        return false;
    struct push_rule copy = *old;
    copy.rule_id = arena_str(rules->arena, new_room_id);
    put_in(rules, &rules->kinds[PUSH_KIND_ROOM], 0, &copy);
    return true;
}
