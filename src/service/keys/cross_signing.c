/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/cross_signing.h"

#include "base/limits.h"
#include "base/log.h"
#include "matrix/signing.h"
#include "service/audit.h"
#include "service/keys/keys_draft.h"
#include "store/device.h"
#include "store/uia.h"

struct cross_signing_draft {
    int64_t user;
    struct str old_master; /* STR_NONE: none */
    struct cross_signing_key known[CROSS_SIGNING_N];
    struct cross_signing_key keys[CROSS_SIGNING_N]; /* of the upload */
    struct str uia_session;
};

static const struct str usages[CROSS_SIGNING_N] = {
    STR_INIT(""),
    STR_INIT("master"),
    STR_INIT("self_signing"),
    STR_INIT("user_signing"),
};

static int bad(struct use *use, const char *what)
{
    return err_client(&use->err, 400, "M_INVALID_PARAM", "%s", what);
}

/* ---- checks ---- */

static bool has_usage(const struct json *list, struct str usage)
{
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->array.n; i++)
        if (str_eq(json_as_str(&list->array.items[i]), usage))
            return true;
    return false;
}

/* One key, named after itself: {"ed25519:KEY": "KEY"}. */
static int read_public_key(struct use *use, const struct json *object, struct str *ret_key)
{
    const struct json *keys = json_find(object, STR("keys"));
    struct str prefix = STR("ed25519:"), bytes;
    if (!json_is(keys, JSON_OBJECT) || keys->object.n != 1)
        return bad(use, "A cross-signing object has one key");
    struct str name = keys->object.members[0].key;
    struct str value = json_as_str(&keys->object.members[0].value);
    if (!str_starts(name, prefix) || !value.p || !str_eq(str_skip(name, prefix.n), value) ||
        public_key_decode(use->arena, value, &bytes) < 0)
        return bad(use, "A cross-signing key is an ed25519 key named after itself");
    *ret_key = value;
    return 0;
}

static int read_key(struct use *use, const struct json *object, int usage,
                    struct cross_signing_draft *draft)
{
    static const struct str without[] = {STR_INIT("unsigned")};
    struct cross_signing_key *key = &draft->keys[usage];
    if (!object)
        return 0;
    if (!str_eq(json_find_str(object, STR("user_id")), use->caller.user_id))
        return bad(use, "A cross-signing key of another user");
    if (!has_usage(json_find(object, STR("usage")), usages[usage]))
        return bad(use, "A cross-signing key has another usage");
    if (read_public_key(use, object, &key->public_key) < 0)
        return -1;
    return canonical_of(use, object, without, 1, &key->json);
}

static int check_signed(struct use *use, const struct json *object, struct str master)
{
    struct str bytes;
    if (!object)
        return 0;
    struct str key_id = arena_printf(use->arena, "ed25519:%.*s", STR_ARG(master));
    if (public_key_decode(use->arena, master, &bytes) < 0 ||
        !signing_verify(object, use->caller.user_id, key_id, bytes))
        return err_client(&use->err, 400, "M_INVALID_SIGNATURE",
                          "A cross-signing key is not signed by the master key");
    return 0;
}

/* Signatures are named by device or by key: one name must not mean two things. */
static int check_collisions(struct use *use, const struct cross_signing_draft *draft)
{
    struct device device;
    for (int i = CROSS_SIGNING_MASTER; i < CROSS_SIGNING_N; i++) {
        struct str key = draft->keys[i].public_key;
        int found =
            !key.p ? 0 : device_find(&use->read, draft->user, key, use->arena, &device, &use->err);
        if (found < 0)
            return -1;
        for (int k = CROSS_SIGNING_MASTER; key.p && k < i; k++)
            found |= draft->keys[k].public_key.p && str_eq(draft->keys[k].public_key, key);
        if (found)
            return err_client(&use->err, 403, "M_FORBIDDEN", "This key id is in use");
    }
    return 0;
}

/* A key of which nothing changed need not be written. */
static bool replaces(struct cross_signing_draft *draft, int usage)
{
    struct cross_signing_key *key = &draft->keys[usage];
    const struct cross_signing_key *known = &draft->known[usage];
    bool same = known->public_key.p && str_eq(known->public_key, key->public_key);
    if (!key->public_key.p)
        return false;
    if (same && str_eq(known->json, key->json))
        *key = (struct cross_signing_key){0};
    return !same;
}

int cross_signing_check(struct use *use, const struct cross_signing_upload *upload,
                        struct cross_signing_draft **ret_draft, bool *ret_needs_auth)
{
    const struct json *objects[] = {NULL, upload->master_key, upload->self_signing_key,
                                    upload->user_signing_key};
    struct cross_signing_draft *draft = ARENA_NEW(use->arena, struct cross_signing_draft);
    bool changes = false;
    draft->user = use->caller.user;
    for (int i = CROSS_SIGNING_MASTER; i < CROSS_SIGNING_N; i++)
        if (read_key(use, objects[i], i, draft) < 0)
            return -1;
    if (cross_signing_load(&use->read, draft->user, use->arena, draft->known, &use->err) < 0)
        return -1;
    draft->old_master = draft->known[CROSS_SIGNING_MASTER].public_key;
    struct str master = draft->keys[CROSS_SIGNING_MASTER].public_key;
    if (!master.p)
        master = draft->old_master;
    if (!master.p)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "There is no master key");
    if (check_signed(use, upload->self_signing_key, master) < 0 ||
        check_signed(use, upload->user_signing_key, master) < 0 || check_collisions(use, draft) < 0)
        return -1;
    for (int i = CROSS_SIGNING_MASTER; i < CROSS_SIGNING_N; i++)
        changes |= replaces(draft, i);
    *ret_draft = draft;
    *ret_needs_auth = draft->old_master.p && changes;
    return 0;
}

/* ---- the job ---- */

static int write_keys(struct write *w, void *arg, struct err *err)
{
    const struct cross_signing_draft *draft = arg;
    /* Two first uploads at once: the second is no first one. */
    if (cross_signing_expect_master(w, draft->user, draft->old_master, err) < 0)
        return -1;
    if (draft->uia_session.p && uia_consume(w, draft->uia_session, err) < 0)
        return -1;
    for (int i = CROSS_SIGNING_MASTER; i < CROSS_SIGNING_N; i++)
        if (draft->keys[i].public_key.p &&
            cross_signing_put(w, draft->user, (enum cross_signing_usage)i, &draft->keys[i], err) <
                0)
            return -1;
    return device_list_changed(w, draft->user, DEVICE_LIST_KEYS, err);
}

static void tell(void *arg, enum job_result result)
{
    const struct cross_signing_draft *draft = arg;
    if (result == JOB_COMMITTED && draft->old_master.p)
        log_line(LOG_LEVEL_INFO, "cross_signing_replaced", "user", LOG_INT(draft->user), NULL);
}

int cross_signing_commit(struct use *use, struct cross_signing_draft *draft, struct str uia_session)
{
    bool any = uia_session.p != NULL;
    for (int i = CROSS_SIGNING_MASTER; i < CROSS_SIGNING_N; i++)
        any |= draft->keys[i].public_key.p != NULL;
    draft->uia_session = uia_session;
    if (draft->old_master.p)
        use_audit(use, STR("cross_signing.replace"), use->caller.user_id, STR_NONE);
    return any ? use_commit(use, write_keys, tell, draft) : 0;
}
