/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdatomic.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "matrix/power.h"
#include "matrix/push_event.h"
#include "matrix/push_rules.h"

/* Compiled rules. Disabled ones are left out, and so are those with a condition that can never
 * hold. Rules of the kinds room and sender are found by their id. */

enum condition_kind {
    CONDITION_MATCH,        /* event_match */
    CONDITION_IS,           /* event_property_is */
    CONDITION_CONTAINS,     /* event_property_contains */
    CONDITION_MEMBER_COUNT, /* room_member_count */
    CONDITION_PERMISSION,   /* sender_notification_permission */
    CONDITION_DISPLAY_NAME, /* contains_display_name */
};

enum comparison { COMPARE_EQ, COMPARE_LT, COMPARE_GT, COMPARE_LE, COMPARE_GE };

struct condition {
    enum condition_kind kind;
    struct push_path path;
    const struct glob *glob;
    bool by_word;             /* content.body: some part of it, between word boundaries */
    const struct json *value; /* of CONDITION_IS and CONDITION_CONTAINS */
    enum comparison comparison;
    int64_t number;
    struct str key; /* of CONDITION_PERMISSION */
};

struct conditions {
    struct condition *p;
    size_t n, capacity;
};

struct rule {
    struct str rule_id, actions;
    struct conditions conditions;
    bool notify, highlight;
    struct str sound;
};

struct rules {
    struct rule *p;
    size_t n, capacity;
};

struct push_program {
    struct arena *arena;
    atomic_int refs;
    struct rules kinds[PUSH_KINDS];
    struct str_map by_id[PUSH_KINDS]; /* room and sender only */
};

/* ---- compiling ---- */

static bool is_scalar(const struct json *value)
{
    return json_is(value, JSON_STRING) || json_is(value, JSON_INT) || json_is(value, JSON_BOOL) ||
           json_is(value, JSON_NULL);
}

/* Its own copy of a value. */
static const struct json *copy_json(struct arena *arena, const struct json *value)
{
    const struct json *copy = NULL;
    struct err err = ERR_INIT;
    return json_parse(arena, arena_str(arena, value->raw), &copy, &err) == 0 ? copy : NULL;
}

static bool compile_path(struct push_program *program, const struct json *json,
                         struct condition *condition)
{
    struct str key = json_find_str(json, STR("key"));
    if (!key.p)
        return false;
    push_path_parse(program->arena, key, &condition->path);
    return true;
}

static bool compile_match(struct push_program *program, const struct json *json,
                          struct condition *condition)
{
    struct str pattern = json_find_str(json, STR("pattern"));
    if (!pattern.p || !compile_path(program, json, condition))
        return false;
    const struct push_path *path = &condition->path;
    condition->by_word = path->n == 2 && str_eq(path->names[0], STR("content")) &&
                         str_eq(path->names[1], STR("body"));
    condition->glob = glob_compile(program->arena, pattern, true);
    return condition->glob != NULL;
}

static bool compile_value(struct push_program *program, const struct json *json,
                          struct condition *condition)
{
    const struct json *value = json_find(json, STR("value"));
    if (!is_scalar(value) || !compile_path(program, json, condition))
        return false;
    condition->value = copy_json(program->arena, value);
    return condition->value != NULL;
}

static bool compile_count(const struct json *json, struct condition *condition)
{
    static const struct {
        struct str sign;
        enum comparison comparison;
    } signs[] = {{STR_INIT("=="), COMPARE_EQ},
                 {STR_INIT("<="), COMPARE_LE},
                 {STR_INIT(">="), COMPARE_GE},
                 {STR_INIT("<"), COMPARE_LT},
                 {STR_INIT(">"), COMPARE_GT}};
    struct str is = json_find_str(json, STR("is"));
    condition->comparison = COMPARE_EQ;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (str_starts(is, signs[i].sign)) {
            condition->comparison = signs[i].comparison;
            is = str_skip(is, signs[i].sign.n);
            break;
        }
    return str_parse_uint(is, &condition->number) == 0;
}

static bool compile_permission(struct push_program *program, const struct json *json,
                               struct condition *condition)
{
    struct str key = json_find_str(json, STR("key"));
    condition->key = arena_str(program->arena, key);
    return key.p != NULL;
}

/* False when it can never hold: of an unknown kind, or malformed. */
static bool compile_condition(struct push_program *program, const struct json *json,
                              struct condition *condition)
{
    static const struct {
        struct str name;
        enum condition_kind kind;
    } names[] = {
        {STR_INIT("event_match"), CONDITION_MATCH},
        {STR_INIT("event_property_is"), CONDITION_IS},
        {STR_INIT("event_property_contains"), CONDITION_CONTAINS},
        {STR_INIT("room_member_count"), CONDITION_MEMBER_COUNT},
        {STR_INIT("sender_notification_permission"), CONDITION_PERMISSION},
        {STR_INIT("contains_display_name"), CONDITION_DISPLAY_NAME},
    };
    struct str word = json_find_str(json, STR("kind"));
    size_t i = 0;
    while (i < ARRAY_LEN(names) && !str_eq(names[i].name, word))
        i++;
    if (i == ARRAY_LEN(names))
        return false;
    condition->kind = names[i].kind;
    switch (condition->kind) {
    case CONDITION_MATCH:
        return compile_match(program, json, condition);
    case CONDITION_IS:
    case CONDITION_CONTAINS:
        return compile_value(program, json, condition);
    case CONDITION_MEMBER_COUNT:
        return compile_count(json, condition);
    case CONDITION_PERMISSION:
        return compile_permission(program, json, condition);
    case CONDITION_DISPLAY_NAME:
        push_path_parse(program->arena, STR("content.body"), &condition->path);
        return true;
    }
    return false;
}

static bool compile_conditions(struct push_program *program, const struct json *list,
                               struct rule *rule)
{
    size_t n = list ? list->array.n : 0;
    if (n > LIMIT_PUSH_CONDITIONS)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct condition condition = {0};
        if (!compile_condition(program, &list->array.items[i], &condition))
            return false;
        ARENA_VEC_ADD(program->arena, &rule->conditions, condition);
    }
    return true;
}

/* A content rule is an event_match on content.body. */
static bool compile_content(struct push_program *program, struct str pattern, struct rule *rule)
{
    struct condition condition = {.kind = CONDITION_MATCH, .by_word = true};
    push_path_parse(program->arena, STR("content.body"), &condition.path);
    condition.glob = glob_compile(program->arena, pattern, true);
    ARENA_VEC_ADD(program->arena, &rule->conditions, condition);
    return condition.glob != NULL;
}

/* "If a highlight tweak is given with no value, its value is defined to be true." */
static void compile_action(struct push_program *program, const struct json *action,
                           struct rule *rule)
{
    struct str tweak = json_find_str(action, STR("set_tweak"));
    const struct json *value = json_find(action, STR("value"));
    if (str_eq(json_as_str(action), STR("notify")))
        rule->notify = true;
    else if (str_eq(tweak, STR("highlight")))
        rule->highlight = json_as_bool(value, value == NULL);
    else if (str_eq(tweak, STR("sound")) && json_is(value, JSON_STRING))
        rule->sound = arena_str(program->arena, json_as_str(value));
}

static void compile_rule(struct push_program *program, enum push_kind kind,
                         const struct push_rule *source)
{
    struct rule rule = {0};
    if (!source->enabled || !compile_conditions(program, source->conditions, &rule) ||
        (kind == PUSH_KIND_CONTENT && !compile_content(program, source->pattern, &rule)))
        return;
    rule.rule_id = arena_str(program->arena, source->rule_id);
    rule.actions = arena_str(program->arena, source->actions->raw);
    for (size_t i = 0; i < source->actions->array.n; i++)
        compile_action(program, &source->actions->array.items[i], &rule);
    ARENA_VEC_ADD(program->arena, &program->kinds[kind], rule);
}

static void index_by_id(struct push_program *program, enum push_kind kind)
{
    struct rules *rules = &program->kinds[kind];
    for (size_t i = 0; i < rules->n; i++)
        (void)str_map_put(&program->by_id[kind], rules->p[i].rule_id, &rules->p[i]);
}

struct push_program *push_program_new(const struct push_rules *rules)
{
    struct push_program *program = MEM_NEW(struct push_program);
    program->arena = arena_new(MIB(32));
    atomic_init(&program->refs, 1);
    for (size_t kind = 0; kind < PUSH_KINDS; kind++)
        for (size_t i = 0; i < rules->kinds[kind].n; i++)
            compile_rule(program, (enum push_kind)kind, &rules->kinds[kind].p[i]);
    index_by_id(program, PUSH_KIND_ROOM);
    index_by_id(program, PUSH_KIND_SENDER);
    return program;
}

struct push_program *push_program_ref(struct push_program *program)
{
    atomic_fetch_add_explicit(&program->refs, 1, memory_order_relaxed);
    return program;
}

void push_program_unref(struct push_program *program)
{
    if (!program || atomic_fetch_sub_explicit(&program->refs, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t kind = 0; kind < PUSH_KINDS; kind++)
        str_map_done(&program->by_id[kind]);
    arena_free(program->arena);
    mem_free(program);
}

size_t push_program_bytes(const struct push_program *program)
{
    return sizeof *program + arena_used(program->arena);
}

/* ---- running ---- */

static bool compare(int64_t n, enum comparison comparison, int64_t with)
{
    switch (comparison) {
    case COMPARE_EQ:
        return n == with;
    case COMPARE_LT:
        return n < with;
    case COMPARE_GT:
        return n > with;
    case COMPARE_LE:
        return n <= with;
    case COMPARE_GE:
        return n >= with;
    }
    return false;
}

static bool match_holds(const struct condition *c, const struct push_value *value)
{
    if (!value->is_text)
        return false;
    return c->by_word ? glob_match_word(c->glob, &value->text) : glob_match(c->glob, &value->text);
}

static bool contains(const struct json *array, const struct json *value)
{
    for (size_t i = 0; json_is(array, JSON_ARRAY) && i < array->array.n; i++)
        if (is_scalar(&array->array.items[i]) && json_eq(&array->array.items[i], value))
            return true;
    return false;
}

static bool permission_holds(const struct condition *c, const struct push_event *event)
{
    const struct power *power = event->facts.power;
    return power && power_of_user(power, event->sender) >= power_to_notify(power, c->key);
}

static bool display_name_holds(const struct condition *c, struct push_event *event,
                               const struct push_reader *reader)
{
    struct push_value body = push_event_value(event, &c->path);
    if (!body.is_text || reader->display_name.n == 0)
        return false;
    return glob_match_word(glob_compile_literal(event->arena, reader->display_name, true),
                           &body.text);
}

static bool condition_holds(const struct condition *c, struct push_event *event,
                            const struct push_reader *reader)
{
    struct push_value value;
    switch (c->kind) {
    case CONDITION_MATCH:
        value = push_event_value(event, &c->path);
        return match_holds(c, &value);
    case CONDITION_IS:
        value = push_event_value(event, &c->path);
        return value.json && json_eq(value.json, c->value);
    case CONDITION_CONTAINS:
        return contains(push_event_value(event, &c->path).json, c->value);
    case CONDITION_MEMBER_COUNT:
        return compare(event->facts.joined_members, c->comparison, c->number);
    case CONDITION_PERMISSION:
        return permission_holds(c, event);
    case CONDITION_DISPLAY_NAME:
        return display_name_holds(c, event, reader);
    }
    return false;
}

static bool rule_holds(const struct rule *rule, struct push_event *event,
                       const struct push_reader *reader)
{
    for (size_t i = 0; i < rule->conditions.n; i++)
        if (!condition_holds(&rule->conditions.p[i], event, reader))
            return false;
    return true;
}

static const struct rule *first_that_holds(const struct push_program *program,
                                           struct push_event *event,
                                           const struct push_reader *reader)
{
    for (size_t kind = 0; kind < PUSH_KINDS; kind++) {
        const struct rules *rules = &program->kinds[kind];
        const struct rule *found = NULL;
        if (kind == PUSH_KIND_ROOM)
            found = str_map_find(&program->by_id[kind], event->facts.room_id);
        else if (kind == PUSH_KIND_SENDER)
            found = str_map_find(&program->by_id[kind], event->sender);
        else
            for (size_t i = 0; i < rules->n && !found; i++)
                if (rule_holds(&rules->p[i], event, reader))
                    found = &rules->p[i];
        if (found)
            return found;
    }
    return NULL;
}

void push_evaluate(const struct push_program *program, struct push_event *event,
                   const struct push_reader *reader, struct push_verdict *ret_verdict)
{
    const struct rule *rule = NULL;
    *ret_verdict = (struct push_verdict){.actions = STR("[]")};
    if (!str_eq(event->sender, reader->user_id))
        rule = first_that_holds(program, event, reader);
    if (!rule)
        return;
    ret_verdict->rule_id = rule->rule_id;
    ret_verdict->actions = rule->actions;
    ret_verdict->notify = rule->notify;
    ret_verdict->highlight = rule->notify && rule->highlight;
    ret_verdict->sound = rule->notify ? rule->sound : STR_NONE;
}
