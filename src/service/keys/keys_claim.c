/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "service/keys/keys.h"
#include "service/keys/whose.h"
#include "store/device.h"

/* Which keys are given is decided by the job, one after the other, so that no key is given twice
 * however many ask at once; the answer is built after the commit, in another run of the handler. */

struct wanted_key {
    int64_t user, device;
    struct str user_id, device_id, algorithm;
    int64_t id; /* of the key given */
    int kind;   /* 0 none, 1 a one-time key, 2 a fallback key */
};

/* Lives over two runs of the handler, with all that it names. */
struct claim {
    struct arena *arena;
    struct wanted_key *keys; /* those of a user stand together */
    size_t n;
    struct remote_servers remote;
};

/* ---- before ---- */

static int bad(struct use *use)
{
    return err_client(&use->err, 400, "M_BAD_JSON",
                      "one_time_keys: user → device → name of an algorithm");
}

static int add_key(struct use *use, struct claim *claim, int64_t user, struct str user_id,
                   const struct json_member *member)
{
    struct device device;
    struct str algorithm = json_as_str(&member->value);
    if (!algorithm.p)
        return bad(use);
    if (!user)
        return 0;
    int found = device_find(&use->read, user, member->key, use->arena, &device, &use->err);
    if (found == 1)
        claim->keys[claim->n++] = (struct wanted_key){user,
                                                      device.id,
                                                      user_id,
                                                      arena_str(claim->arena, member->key),
                                                      arena_str(claim->arena, algorithm),
                                                      0,
                                                      0};
    return found < 0 ? -1 : 0;
}

static int count_wanted(struct use *use, const struct json *wanted, size_t *ret_n)
{
    size_t n = 0;
    for (size_t i = 0; i < wanted->object.n; i++) {
        if (!json_is(&wanted->object.members[i].value, JSON_OBJECT))
            return bad(use);
        n += wanted->object.members[i].value.object.n;
    }
    if (n > LIMIT_KEYS_CLAIM)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Too many devices in one claim");
    *ret_n = n;
    return 0;
}

static int read_wanted(struct use *use, const struct json *wanted, struct claim *claim)
{
    size_t n;
    if (count_wanted(use, wanted, &n) < 0)
        return -1;
    claim->keys = ARENA_NEW_N(claim->arena, n, struct wanted_key);
    for (size_t i = 0; i < wanted->object.n; i++) {
        const struct json_member *member = &wanted->object.members[i];
        struct str user_id = arena_str(claim->arena, member->key);
        int64_t user = 0;
        if (user_of_keys_find(use, user_id, &claim->remote, &user) < 0)
            return -1;
        for (size_t k = 0; k < member->value.object.n; k++)
            if (add_key(use, claim, user, user_id, &member->value.object.members[k]) < 0)
                return -1;
    }
    return 0;
}

/* ---- the job ---- */

static int write_claim(struct write *w, void *arg, struct err *err)
{
    struct claim *claim = arg;
    for (size_t i = 0; i < claim->n; i++) {
        struct wanted_key *key = &claim->keys[i];
        key->kind = one_time_key_claim(w, key->user, key->device, key->algorithm, &key->id, err);
        if (key->kind < 0)
            return -1;
    }
    return 0;
}

/* ---- after ---- */

/* 1, 0: gone meanwhile (the device was deleted), -1. */
static int load_given(struct use *use, const struct wanted_key *key, struct one_time_key *ret_key)
{
    if (key->kind == 1)
        return one_time_key_load(&use->read, key->id, use->arena, ret_key, &use->err);
    if (key->kind == 2)
        return fallback_key_load(&use->read, key->id, use->arena, ret_key, &use->err);
    return 0;
}

static int write_key(struct use *use, const struct wanted_key *key, struct str *user_id,
                     struct json_writer *out)
{
    struct one_time_key given;
    int found = load_given(use, key, &given);
    if (found <= 0)
        return found;
    if (!user_id->p || !str_eq(*user_id, key->user_id)) {
        if (user_id->p)
            json_write_end(out);
        json_write_key(out, key->user_id);
        json_write_object(out);
        *user_id = key->user_id;
    }
    struct str name =
        arena_printf(use->arena, "%.*s:%.*s", STR_ARG(given.algorithm), STR_ARG(given.key_id));
    json_write_key(out, key->device_id);
    json_write_object(out);
    json_write_member_raw(out, name, given.json);
    json_write_end(out);
    return 0;
}

static int write_answer(struct use *use, struct claim *claim, struct json_writer *out)
{
    struct str user_id = STR_NONE;
    json_write_object(out);
    json_write_key(out, STR("one_time_keys"));
    json_write_object(out);
    for (size_t i = 0; i < claim->n; i++)
        if (write_key(use, &claim->keys[i], &user_id, out) < 0)
            return -1;
    if (user_id.p)
        json_write_end(out);
    json_write_end(out);
    remote_servers_write(&claim->remote, out);
    json_write_end(out);
    return 0;
}

int keys_claim(struct use *use, const struct json *wanted, struct json_writer *out)
{
    struct claim *claim = use_commit_result(use);
    if (!claim) {
        claim = ARENA_NEW(http_arena(use->x), struct claim);
        claim->arena = claim->remote.arena = http_arena(use->x);
        if (read_wanted(use, wanted, claim) < 0)
            return -1;
        if (claim->n)
            return use_commit_wait(use, write_claim, claim);
    }
    return write_answer(use, claim, out);
}
