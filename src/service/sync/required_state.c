/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/required_state.h"

#include "base/limits.h"
#include "service/rooms/room.h"

static int bad(struct err *err)
{
    return err_client(err, 400, "M_INVALID_PARAM", "required_state is not well formed");
}

/* ---- form ---- */

static int check_pair(const struct json *pair, struct err *err)
{
    if (!json_is(pair, JSON_ARRAY) || pair->array.n != 2 ||
        !json_is(&pair->array.items[0], JSON_STRING) ||
        !json_is(&pair->array.items[1], JSON_STRING))
        return bad(err);
    return 0;
}

static int check_element(const struct json *element, struct err *err)
{
    const struct json *type = json_find(element, STR("type"));
    const struct json *key = json_find(element, STR("state_key"));
    if (!json_is(element, JSON_OBJECT) || (type && !json_is(type, JSON_STRING)) ||
        (key && !json_is(key, JSON_STRING)))
        return bad(err);
    return 0;
}

static int check_items(const struct json *items,
                       int (*check)(const struct json *item, struct err *err), struct err *err)
{
    if (!items)
        return 0;
    if (!json_is(items, JSON_ARRAY))
        return bad(err);
    if (items->array.n > LIMIT_SLIDING_REQUIRED)
        return err_client(err, 400, "M_INVALID_PARAM", "required_state has more than %d elements",
                          LIMIT_SLIDING_REQUIRED);
    for (size_t i = 0; i < items->array.n; i++)
        if (check(&items->array.items[i], err) < 0)
            return -1;
    return 0;
}

int required_state_check(const struct json *value, struct err *err)
{
    const struct json *lazy = json_find(value, STR("lazy_members"));
    if (json_is(value, JSON_ARRAY))
        return check_items(value, check_pair, err);
    if (!json_is(value, JSON_OBJECT) || (lazy && !json_is(lazy, JSON_BOOL)))
        return bad(err);
    if (check_items(json_find(value, STR("include")), check_element, err) < 0)
        return -1;
    return check_items(json_find(value, STR("exclude")), check_element, err);
}

/* ---- names ---- */

static int find_name(struct use *use, struct str text, int64_t *ret_id)
{
    int found = store_find_name(use->server->store, text, ret_id, &use->err);
    if (found == 0)
        *ret_id = REQUIRED_OTHER;
    return found < 0 ? -1 : 0;
}

/* An array of pairs. */
static int load_pair(struct use *use, const struct json *pair, struct required_set *set)
{
    struct str type = pair->array.items[0].string, key = pair->array.items[1].string;
    bool any_type = str_eq(type, STR("*")), any_key = str_eq(key, STR("*"));
    struct required_key *added = &set->include[set->n_include];
    if (any_type && any_key) {
        set->all = true;
        return 0;
    }
    if (str_eq(type, STR("m.room.member")) && str_eq(key, STR("$LAZY"))) {
        set->lazy = true;
        return 0;
    }
    added->type = added->key = REQUIRED_ANY;
    if (!any_type && find_name(use, type, &added->type) < 0)
        return -1;
    if (str_eq(key, STR("$ME")))
        added->key = use->caller.user;
    else if (!any_key && find_name(use, key, &added->key) < 0)
        return -1;
    set->n_include++;
    return 0;
}

/* Beside ["*","*"], pairs with "*" say nothing; and lazy members are none of all. */
static void narrow(struct use *use, struct required_set *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->n_include; i++)
        if (set->include[i].type != REQUIRED_ANY && set->include[i].key != REQUIRED_ANY)
            set->include[kept++] = set->include[i];
    if (set->lazy)
        set->include[kept++] =
            (struct required_key){rooms_names(use->server)->member, REQUIRED_OTHER};
    set->n_include = kept;
}

static int load_pairs(struct use *use, const struct json *pairs, struct required_set *set)
{
    set->include = ARENA_NEW_N(use->arena, pairs->array.n + 1, struct required_key);
    for (size_t i = 0; i < pairs->array.n; i++)
        if (load_pair(use, &pairs->array.items[i], set) < 0)
            return -1;
    if (set->all)
        narrow(use, set);
    return 0;
}

static int load_elements(struct use *use, const struct json *items, struct required_key **ret,
                         size_t *ret_n)
{
    *ret_n = items ? items->array.n : 0;
    *ret = ARENA_NEW_N(use->arena, *ret_n, struct required_key);
    for (size_t i = 0; i < *ret_n; i++) {
        const struct json *type = json_find(&items->array.items[i], STR("type"));
        const struct json *key = json_find(&items->array.items[i], STR("state_key"));
        if ((type && find_name(use, type->string, &(*ret)[i].type) < 0) ||
            (key && find_name(use, key->string, &(*ret)[i].key) < 0))
            return -1;
    }
    return 0;
}

static int load_set(struct use *use, const struct json *value, struct required_set *set)
{
    if (json_is(value, JSON_ARRAY))
        return load_pairs(use, value, set);
    set->lazy = json_as_bool(json_find(value, STR("lazy_members")), false);
    if (load_elements(use, json_find(value, STR("include")), &set->include, &set->n_include) < 0)
        return -1;
    return load_elements(use, json_find(value, STR("exclude")), &set->exclude, &set->n_exclude);
}

/* ---- matching ---- */

static bool matches(const struct required_key *keys, size_t n, int64_t type, int64_t key)
{
    for (size_t i = 0; i < n; i++)
        if ((keys[i].type == REQUIRED_ANY || keys[i].type == type) &&
            (keys[i].key == REQUIRED_ANY || keys[i].key == key))
            return true;
    return false;
}

static bool names_type(const struct required_set *set, int64_t type)
{
    for (size_t i = 0; i < set->n_include; i++)
        if (set->include[i].type == type)
            return true;
    return false;
}

static bool set_wants(const struct required_set *set, int64_t type, int64_t key)
{
    if (matches(set->exclude, set->n_exclude, type, key))
        return false;
    if (set->all && !names_type(set, type))
        return true;
    return matches(set->include, set->n_include, type, key);
}

bool required_state_wants(const struct required_state *required, int64_t type, int64_t key)
{
    for (size_t i = 0; i < required->n; i++)
        if (set_wants(&required->sets[i], type, key))
            return true;
    return false;
}

/* A key that no member has stands for all of them. */
static bool wants_all_members(struct use *use, const struct required_state *required)
{
    return required_state_wants(required, rooms_names(use->server)->member, INT64_MAX);
}

int required_state_load(struct use *use, struct str text, struct required_state *ret)
{
    struct required_state required = {0};
    const struct json *doc;
    if (json_parse(use->arena, text, &doc, &use->err) < 0)
        return -1;
    required.n = doc->array.n;
    required.sets = ARENA_NEW_N(use->arena, required.n, struct required_set);
    for (size_t i = 0; i < required.n; i++) {
        if (load_set(use, &doc->array.items[i], &required.sets[i]) < 0)
            return -1;
        required.lazy |= required.sets[i].lazy;
    }
    required.lazy = required.lazy && !wants_all_members(use, &required);
    *ret = required;
    return 0;
}
