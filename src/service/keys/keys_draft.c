/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/keys/keys_draft.h"

#include "base/limits.h"
#include "crypto/base64.h"
#include "matrix/id.h"
#include "matrix/signing.h"

static int bad(struct use *use, const char *what)
{
    return err_client(&use->err, 400, "M_INVALID_PARAM", "%s", what);
}

/* ---- parts ---- */

int public_key_decode(struct arena *arena, struct str text, struct str *ret_bytes)
{
    struct str bytes;
    if (!text.p || base64_decode(arena, text, BASE64_STANDARD, &bytes) < 0 ||
        bytes.n != ED25519_PUBLIC_BYTES)
        return -1;
    *ret_bytes = bytes;
    return 0;
}

int device_public_key(struct arena *arena, const struct json *device_keys, struct str device_id,
                      struct str *ret_bytes)
{
    struct str name = arena_printf(arena, "ed25519:%.*s", STR_ARG(device_id));
    return public_key_decode(arena, json_find_str(json_find(device_keys, STR("keys")), name),
                             ret_bytes);
}

int canonical_of(struct use *use, const struct json *object, const struct str *without,
                 size_t n_without, struct str *ret_json)
{
    struct buf buf;
    buf_init(&buf, LIMIT_DEVICE_KEY_BYTES);
    int status = json_canonical_without(object, without, n_without, &buf, &use->err);
    if (status == 0 && buf_is_full(&buf))
        status = err_client(&use->err, 400, "M_TOO_LARGE", "A key is too large");
    if (status == 0)
        *ret_json = arena_str(use->arena, buf_str(&buf));
    buf_done(&buf);
    return status;
}

/* ---- identity keys ---- */

static bool is_list_of_names(const struct json *list)
{
    if (!json_is(list, JSON_ARRAY) || list->array.n > LIMIT_KEY_ALGORITHMS)
        return false;
    for (size_t i = 0; i < list->array.n; i++)
        if (!json_is(&list->array.items[i], JSON_STRING))
            return false;
    return true;
}

static int check_identity_keys(struct use *use, const struct key_owner *owner,
                               const struct json *keys)
{
    if (!json_is(keys, JSON_OBJECT) || keys->object.n > LIMIT_KEY_ALGORITHMS)
        return bad(use, "device_keys.keys must be an object");
    for (size_t i = 0; i < keys->object.n; i++) {
        struct key_id id;
        if (key_id_parse(keys->object.members[i].key, &id, &use->err) < 0)
            return -1;
        if (!str_eq(id.name, owner->device_id))
            return bad(use, "The keys are of another device");
        if (!json_is(&keys->object.members[i].value, JSON_STRING))
            return bad(use, "A key must be a string");
    }
    return 0;
}

static int check_device_keys(struct use *use, const struct key_owner *owner,
                             const struct json *object)
{
    struct str public_key;
    if (!str_eq(json_find_str(object, STR("user_id")), owner->user_id))
        return bad(use, "device_keys.user_id is not the caller");
    if (!str_eq(json_find_str(object, STR("device_id")), owner->device_id))
        return bad(use, "device_keys.device_id is not the caller's device");
    if (!is_list_of_names(json_find(object, STR("algorithms"))))
        return bad(use, "device_keys.algorithms must be a list of names");
    if (check_identity_keys(use, owner, json_find(object, STR("keys"))) < 0)
        return -1;
    if (device_public_key(use->arena, object, owner->device_id, &public_key) < 0)
        return bad(use, "device_keys has no ed25519 key of this device");
    struct str key_id = arena_printf(use->arena, "ed25519:%.*s", STR_ARG(owner->device_id));
    if (!signing_verify(object, owner->user_id, key_id, public_key))
        return err_client(&use->err, 400, "M_INVALID_SIGNATURE",
                          "device_keys is not signed by its ed25519 key");
    return 0;
}

/* The keys in force: those of the upload, else those stored; NULL: none. */
static int take_device_keys(struct use *use, const struct key_owner *owner,
                            const struct json *uploaded, struct keys_draft *draft,
                            const struct json **ret_keys)
{
    static const struct str without[] = {STR_INIT("unsigned")};
    const struct json *known = NULL;
    struct str canonical, stored = STR_NONE;
    int found = owner->is_new
                    ? 0
                    : device_key_find(&use->read, owner->device, use->arena, &stored, &use->err);
    if (found < 0 || (found && json_parse(use->arena, stored, &known, &use->err) < 0))
        return -1;
    *ret_keys = uploaded ? uploaded : known;
    if (!uploaded)
        return 0;
    if (check_device_keys(use, owner, uploaded) < 0 ||
        canonical_of(use, uploaded, without, 1, &canonical) < 0)
        return -1;
    if (!found || !str_eq(canonical, stored))
        draft->device_keys = canonical;
    draft->new_identity =
        found && !json_eq(json_find(known, STR("keys")), json_find(uploaded, STR("keys")));
    return 0;
}

/* ---- one-time and fallback keys ---- */

static int check_signed_key(struct use *use, const struct key_owner *owner,
                            const struct json *device_keys, const struct json *key)
{
    struct str bytes, public_key;
    if (!json_is(key, JSON_OBJECT) ||
        public_key_decode(use->arena, json_find_str(key, STR("key")), &bytes) < 0)
        return bad(use, "A signed key is an object with a public key");
    if (!device_keys ||
        device_public_key(use->arena, device_keys, owner->device_id, &public_key) < 0)
        return bad(use, "The device has no identity keys yet");
    struct str key_id = arena_printf(use->arena, "ed25519:%.*s", STR_ARG(owner->device_id));
    if (!signing_verify(key, owner->user_id, key_id, public_key))
        return err_client(&use->err, 400, "M_INVALID_SIGNATURE",
                          "A one-time key is not signed by its device");
    return 0;
}

static int parse_key(struct use *use, const struct key_owner *owner, const struct json *device_keys,
                     const struct json_member *member, struct one_time_key *ret_key)
{
    struct key_id id;
    struct buf buf;
    const struct json *value = &member->value;
    if (key_id_parse(member->key, &id, &use->err) < 0)
        return -1;
    if (!json_is(value, JSON_STRING) && !json_is(value, JSON_OBJECT))
        return bad(use, "A one-time key is a string or an object");
    if (str_starts(id.algorithm, STR("signed_")) &&
        check_signed_key(use, owner, device_keys, value) < 0)
        return -1;
    buf_init(&buf, LIMIT_ONE_TIME_KEY_BYTES);
    int status = json_canonical(value, &buf, &use->err);
    if (status == 0 && buf_is_full(&buf))
        status = err_client(&use->err, 400, "M_TOO_LARGE", "A one-time key is too large");
    if (status == 0)
        *ret_key = (struct one_time_key){
            .id = store_new_id(use->server->store),
            .algorithm = id.algorithm,
            .key_id = id.name,
            .json = arena_str(use->arena, buf_str(&buf)),
        };
    buf_done(&buf);
    return status;
}

/* The same key again is no fault. One that was given and comes back with another content is a new
 * one, of a client that has lost its memory; given already and the same: not given twice. */
static int take_one_time(struct use *use, struct keys_draft *draft, const struct one_time_key *key)
{
    struct one_time_key known;
    int found = draft->owner.is_new || draft->new_identity
                    ? 0
                    : one_time_key_find(&use->read, draft->owner.device, key->algorithm,
                                        key->key_id, use->arena, &known, &use->err);
    if (found < 0)
        return -1;
    if (found && str_eq(known.json, key->json))
        return 0;
    if (found && !known.given)
        return bad(use, "A one-time key with this id exists, and is another one");
    ARENA_VEC_ADD(use->arena, &draft->one_time, *key);
    return 0;
}

static int take_one_time_keys(struct use *use, const struct keys_upload *upload,
                              const struct json *device_keys, struct keys_draft *draft)
{
    const struct json *keys = upload->one_time_keys;
    if (!keys)
        return 0;
    if (keys->object.n > LIMIT_ONE_TIME_KEYS_UPLOAD)
        return bad(use, "Too many one-time keys");
    for (size_t i = 0; i < keys->object.n; i++) {
        struct one_time_key key;
        if (parse_key(use, &draft->owner, device_keys, &keys->object.members[i], &key) < 0 ||
            take_one_time(use, draft, &key) < 0)
            return -1;
    }
    return 0;
}

static int take_fallback(struct use *use, struct keys_draft *draft, const struct one_time_key *key)
{
    struct one_time_key known;
    for (size_t i = 0; i < draft->fallback.n; i++)
        if (str_eq(draft->fallback.p[i].algorithm, key->algorithm))
            return bad(use, "One fallback key an algorithm");
    int found = draft->owner.is_new || draft->new_identity
                    ? 0
                    : fallback_key_find(&use->read, draft->owner.device, key->algorithm, use->arena,
                                        &known, &use->err);
    if (found < 0)
        return -1;
    if (found && str_eq(known.key_id, key->key_id) && str_eq(known.json, key->json))
        return 0;
    ARENA_VEC_ADD(use->arena, &draft->fallback, *key);
    return 0;
}

static int take_fallback_keys(struct use *use, const struct keys_upload *upload,
                              const struct json *device_keys, struct keys_draft *draft)
{
    const struct json *keys = upload->fallback_keys;
    if (!keys)
        return 0;
    if (keys->object.n > LIMIT_KEY_ALGORITHMS)
        return bad(use, "Too many fallback keys");
    for (size_t i = 0; i < keys->object.n; i++) {
        struct one_time_key key;
        if (parse_key(use, &draft->owner, device_keys, &keys->object.members[i], &key) < 0 ||
            take_fallback(use, draft, &key) < 0)
            return -1;
    }
    return 0;
}

/* ---- the whole ---- */

int keys_draft_make(struct use *use, const struct key_owner *owner,
                    const struct keys_upload *upload, struct keys_draft *ret_draft)
{
    struct keys_draft draft = {.owner = *owner};
    const struct json *device_keys;
    if (take_device_keys(use, owner, upload->device_keys, &draft, &device_keys) < 0 ||
        take_one_time_keys(use, upload, device_keys, &draft) < 0 ||
        take_fallback_keys(use, upload, device_keys, &draft) < 0)
        return -1;
    *ret_draft = draft;
    return 0;
}

bool keys_draft_is_empty(const struct keys_draft *draft)
{
    return !draft->device_keys.p && draft->one_time.n == 0 && draft->fallback.n == 0;
}

int keys_draft_write(struct write *w, const struct keys_draft *draft, struct err *err)
{
    const struct key_owner *owner = &draft->owner;
    if (draft->new_identity && one_time_key_delete_all(w, owner->device, err) < 0)
        return -1;
    if (draft->device_keys.p &&
        (device_key_put(w, owner->user, owner->device, draft->device_keys, err) < 0 ||
         device_list_changed(w, owner->user, owner->device, err) < 0))
        return -1;
    if (draft->one_time.n && one_time_key_insert(w, owner->user, owner->device, draft->one_time.p,
                                                 draft->one_time.n, err) < 0)
        return -1;
    for (size_t i = 0; i < draft->fallback.n; i++)
        if (fallback_key_put(w, owner->user, owner->device, &draft->fallback.p[i], err) < 0)
            return -1;
    return 0;
}
