/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "service/keys/keys.h"
#include "service/keys/whose.h"
#include "store/cross_signing.h"

/* Memory of one user's keys; it starts anew with the next user. */
#define SCRATCH_BYTES MIB(8)

/* The keys of one user, as the caller may see them. */
struct portrait {
    int64_t user;
    struct str user_id;
    const struct json *only; /* ids of the devices asked for; empty: all */
    struct device_key *devices;
    size_t n_devices;
    struct cross_signing_key keys[CROSS_SIGNING_N];
    struct key_signature *signatures;
    size_t n_signatures;
};

struct query {
    struct use *use;
    struct json_writer *out;
    struct arena *scratch;
    const struct json *wanted;
    struct remote_servers remote;
};

/* ---- an object, with the signatures that were added to it ---- */

static struct str signer_id(const struct query *query, const struct portrait *portrait,
                            const struct key_signature *signature)
{
    return signature->signer == portrait->user ? portrait->user_id : query->use->caller.user_id;
}

/* All signatures of one signer: those uploaded with the object, then those added. */
static void write_signer(const struct query *query, const struct portrait *portrait,
                         struct str target_key, struct str signer, const struct json *uploaded)
{
    struct json_writer *out = query->out;
    json_write_key(out, signer);
    json_write_object(out);
    for (size_t i = 0; json_is(uploaded, JSON_OBJECT) && i < uploaded->object.n; i++)
        json_write_member_raw(out, uploaded->object.members[i].key,
                              uploaded->object.members[i].value.raw);
    for (size_t i = 0; i < portrait->n_signatures; i++) {
        const struct key_signature *added = &portrait->signatures[i];
        if (str_eq(added->target_key, target_key) &&
            str_eq(signer_id(query, portrait, added), signer) &&
            !json_find(uploaded, added->signer_key_id))
            json_write_member_str(out, added->signer_key_id, added->signature);
    }
    json_write_end(out);
}

/* The owner and the caller are the only ones whose signatures are added. */
static void write_signatures(const struct query *query, const struct portrait *portrait,
                             struct str target_key, const struct json *uploaded)
{
    struct json_writer *out = query->out;
    bool own = false, callers = false;
    for (size_t i = 0; i < portrait->n_signatures; i++) {
        const struct key_signature *added = &portrait->signatures[i];
        bool here = str_eq(added->target_key, target_key);
        own |= here && added->signer == portrait->user;
        callers |= here && added->signer != portrait->user;
    }
    if (!uploaded && !own && !callers)
        return;
    json_write_key(out, STR("signatures"));
    json_write_object(out);
    for (size_t i = 0; json_is(uploaded, JSON_OBJECT) && i < uploaded->object.n; i++)
        write_signer(query, portrait, target_key, uploaded->object.members[i].key,
                     &uploaded->object.members[i].value);
    if (own && !json_find(uploaded, portrait->user_id))
        write_signer(query, portrait, target_key, portrait->user_id, NULL);
    if (callers && !json_find(uploaded, query->use->caller.user_id))
        write_signer(query, portrait, target_key, query->use->caller.user_id, NULL);
    json_write_end(out);
}

static int write_signed(struct query *query, const struct portrait *portrait, struct str json,
                        struct str target_key, struct str display_name)
{
    struct json_writer *out = query->out;
    const struct json *object;
    if (json_parse(query->scratch, json, &object, &query->use->err) < 0)
        return -1;
    json_write_object(out);
    for (size_t i = 0; i < object->object.n; i++)
        if (!str_eq(object->object.members[i].key, STR("signatures")))
            json_write_member_raw(out, object->object.members[i].key,
                                  object->object.members[i].value.raw);
    write_signatures(query, portrait, target_key, json_find(object, STR("signatures")));
    if (display_name.p) {
        json_write_key(out, STR("unsigned"));
        json_write_object(out);
        json_write_member_str(out, STR("device_display_name"), display_name);
        json_write_end(out);
    }
    json_write_end(out);
    return 0;
}

/* ---- the members of the answer ---- */

static bool is_wanted(const struct portrait *portrait, struct str device_id)
{
    const struct json *only = portrait->only;
    for (size_t i = 0; i < only->array.n; i++)
        if (str_eq(json_as_str(&only->array.items[i]), device_id))
            return true;
    return only->array.n == 0;
}

static int write_devices(struct query *query, const struct portrait *portrait)
{
    struct json_writer *out = query->out;
    json_write_key(out, portrait->user_id);
    json_write_object(out);
    for (size_t i = 0; i < portrait->n_devices; i++) {
        const struct device_key *device = &portrait->devices[i];
        if (!is_wanted(portrait, device->device_id))
            continue;
        json_write_key(out, device->device_id);
        if (write_signed(query, portrait, device->json, device->device_id, device->display_name) <
            0)
            return -1;
    }
    json_write_end(out);
    return 0;
}

static int write_cross_signing(struct query *query, const struct portrait *portrait,
                               enum cross_signing_usage usage)
{
    const struct cross_signing_key *key = &portrait->keys[usage];
    if (!key->public_key.p ||
        (usage == CROSS_SIGNING_USER && portrait->user != query->use->caller.user))
        return 0;
    json_write_key(query->out, portrait->user_id);
    return write_signed(query, portrait, key->json, key->public_key, STR_NONE);
}

static int load(struct query *query, struct portrait *portrait)
{
    struct use *use = query->use;
    if (cross_signing_load(&use->read, portrait->user, query->scratch, portrait->keys, &use->err) <
        0)
        return -1;
    return key_signature_list(&use->read, portrait->user, use->caller.user, query->scratch,
                              &portrait->signatures, &portrait->n_signatures, &use->err);
}

/* usage 0: the devices. */
static int write_user(struct query *query, size_t i, int64_t user, int usage)
{
    struct use *use = query->use;
    struct portrait portrait = {
        .user = user,
        .user_id = query->wanted->object.members[i].key,
        .only = &query->wanted->object.members[i].value,
    };
    arena_reset(query->scratch);
    if (load(query, &portrait) < 0)
        return -1;
    if (usage)
        return write_cross_signing(query, &portrait, (enum cross_signing_usage)usage);
    if (device_key_list(&use->read, user, query->scratch, &portrait.devices, &portrait.n_devices,
                        &use->err) < 0)
        return -1;
    return portrait.n_devices ? write_devices(query, &portrait) : 0;
}

static int write_all(struct query *query, const int64_t *users)
{
    static const char *const members[CROSS_SIGNING_N] = {"device_keys", "master_keys",
                                                         "self_signing_keys", "user_signing_keys"};
    struct json_writer *out = query->out;
    json_write_object(out);
    for (int usage = 0; usage < CROSS_SIGNING_N; usage++) {
        json_write_key(out, str_from(members[usage]));
        json_write_object(out);
        for (size_t i = 0; i < query->wanted->object.n; i++)
            if (users[i] && write_user(query, i, users[i], usage) < 0)
                return -1;
        json_write_end(out);
    }
    remote_servers_write(&query->remote, out);
    json_write_end(out);
    return 0;
}

/* Everything is looked at before anything is written. */
static int find_users(struct query *query, int64_t **ret_users)
{
    struct use *use = query->use;
    size_t n = query->wanted->object.n;
    int64_t *users = ARENA_NEW_N(use->arena, n, int64_t);
    if (n > LIMIT_KEYS_QUERY_USERS)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Too many users in one query");
    for (size_t i = 0; i < n; i++) {
        const struct json_member *member = &query->wanted->object.members[i];
        if (!json_is(&member->value, JSON_ARRAY))
            return err_client(&use->err, 400, "M_BAD_JSON", "device_keys: user → list of devices");
        if (user_of_keys_find(use, member->key, &query->remote, &users[i]) < 0)
            return -1;
    }
    *ret_users = users;
    return 0;
}

int keys_query(struct use *use, const struct json *wanted, struct json_writer *out)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(SCRATCH_BYTES);
    struct query query = {.use = use, .out = out, .scratch = scratch, .wanted = wanted};
    query.remote.arena = use->arena;
    int64_t *users;
    if (find_users(&query, &users) < 0)
        return -1;
    return write_all(&query, users);
}
