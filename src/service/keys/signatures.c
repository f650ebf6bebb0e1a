/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "matrix/id.h"
#include "matrix/signing.h"
#include "service/keys/keys_draft.h"
#include "service/keys/whose.h"
#include "store/cross_signing.h"
#include "store/device.h"

/* Who may sign what: one's self-signing key one's devices, one's devices one's own master key,
 * one's user-signing key the master keys of others. */
enum target_kind { TARGET_UNKNOWN, TARGET_OWN_DEVICE, TARGET_OWN_MASTER, TARGET_OTHERS_MASTER };

struct signed_object {
    enum target_kind kind;
    int64_t user;          /* whose key it is */
    struct str key;        /* device id or public key */
    const struct json *is; /* as uploaded here */
    struct str known;      /* as stored */
    const char *errcode;   /* why it is refused; NULL: it is not */
    const char *text;
};

struct upload {
    struct use *use;
    int64_t user;
    struct cross_signing_key own[CROSS_SIGNING_N];
    VEC(struct key_signature) rows;
};

static int refuse(struct signed_object *object, const char *errcode, const char *text)
{
    object->errcode = errcode;
    object->text = text;
    return 0;
}

/* ---- what is signed ---- */

static int find_device(struct upload *upload, struct signed_object *object)
{
    struct use *use = upload->use;
    struct device device;
    int found = device_find(&use->read, upload->user, object->key, use->arena, &device, &use->err);
    if (found == 1)
        found = device_key_find(&use->read, device.id, use->arena, &object->known, &use->err);
    if (found == 1)
        object->kind = TARGET_OWN_DEVICE;
    return found;
}

static int find_target(struct upload *upload, struct signed_object *object)
{
    struct use *use = upload->use;
    struct cross_signing_key keys[CROSS_SIGNING_N];
    bool own = object->user == upload->user;
    int found = own ? find_device(upload, object) : 0;
    if (found)
        return found < 0 ? -1 : 0;
    if (cross_signing_load(&use->read, object->user, use->arena, keys, &use->err) < 0)
        return -1;
    const struct cross_signing_key *master = &keys[CROSS_SIGNING_MASTER];
    if (master->public_key.p && str_eq(master->public_key, object->key)) {
        object->kind = own ? TARGET_OWN_MASTER : TARGET_OTHERS_MASTER;
        object->known = master->json;
    }
    return 0;
}

/* 1 the same but for signatures, 0 not, -1. */
static int is_same(struct use *use, const struct signed_object *object)
{
    static const struct str without[] = {STR_INIT("signatures"), STR_INIT("unsigned")};
    const struct json *known;
    struct str a, b;
    if (json_parse(use->arena, object->known, &known, &use->err) < 0 ||
        canonical_of(use, known, without, 2, &a) < 0)
        return -1;
    if (canonical_of(use, object->is, without, 2, &b) < 0) {
        use->err = ERR_INIT;
        return 0;
    }
    return str_eq(a, b);
}

/* ---- by whom ---- */

static int device_signer(struct upload *upload, struct str device_id, struct str *ret_bytes)
{
    struct use *use = upload->use;
    const struct json *keys;
    struct device device;
    struct str json;
    int found = device_find(&use->read, upload->user, device_id, use->arena, &device, &use->err);
    if (found == 1)
        found = device_key_find(&use->read, device.id, use->arena, &json, &use->err);
    if (found != 1)
        return found;
    if (json_parse(use->arena, json, &keys, &use->err) < 0)
        return -1;
    return device_public_key(use->arena, keys, device_id, ret_bytes) == 0;
}

/* The public key of a signer who may sign the object: 1, 0 no such signer, -1. */
static int find_signer(struct upload *upload, enum target_kind kind, struct str name,
                       struct str *ret_bytes)
{
    if (kind == TARGET_OWN_MASTER)
        return device_signer(upload, name, ret_bytes);
    struct str key =
        upload->own[kind == TARGET_OWN_DEVICE ? CROSS_SIGNING_SELF : CROSS_SIGNING_USER].public_key;
    return key.p && str_eq(key, name) && public_key_decode(upload->use->arena, key, ret_bytes) == 0;
}

/* Signatures by other keys (the device's own, those that were there before) are passed over. */
static int take_signature(struct upload *upload, struct signed_object *object,
                          const struct json_member *member)
{
    struct use *use = upload->use;
    struct str prefix = STR("ed25519:"), bytes, text = json_as_str(&member->value);
    if (!str_starts(member->key, prefix) || member->key.n > ID_MAX)
        return 0;
    int found = find_signer(upload, object->kind, str_skip(member->key, prefix.n), &bytes);
    if (found <= 0)
        return found;
    if (!signing_verify(object->is, use->caller.user_id, member->key, bytes))
        return refuse(object, "M_INVALID_SIGNATURE", "The signature is wrong");
    struct key_signature row = {upload->user, member->key, object->user, object->key, text};
    ARENA_VEC_ADD(use->arena, &upload->rows, row);
    return 0;
}

static int take_object(struct upload *upload, struct signed_object *object)
{
    struct use *use = upload->use;
    size_t before = upload->rows.n;
    if (!json_is(object->is, JSON_OBJECT))
        return refuse(object, "M_BAD_JSON", "A signed key is an object");
    if (object->user && find_target(upload, object) < 0)
        return -1;
    if (object->kind == TARGET_UNKNOWN)
        return refuse(object, "M_NOT_FOUND", "No such key");
    int same = is_same(use, object);
    if (same < 0)
        return -1;
    if (!same)
        return refuse(object, "M_INVALID_SIGNATURE", "The key is not the one that is known");
    const struct json *signatures =
        json_find(json_find(object->is, STR("signatures")), use->caller.user_id);
    for (size_t i = 0; json_is(signatures, JSON_OBJECT) && i < signatures->object.n; i++)
        if (take_signature(upload, object, &signatures->object.members[i]) < 0)
            return -1;
    if (object->errcode)
        upload->rows.n = before;
    else if (upload->rows.n == before)
        return refuse(object, "M_INVALID_SIGNATURE", "No signature by a key that may sign it");
    return 0;
}

/* ---- the job ---- */

static int write_rows(struct write *w, void *arg, struct err *err)
{
    const struct upload *upload = arg;
    int64_t told = 0;
    bool own = false;
    for (size_t i = 0; i < upload->rows.n; i++) {
        const struct key_signature *row = &upload->rows.p[i];
        if (key_signature_put(w, row, err) < 0)
            return -1;
        own |= row->target == upload->user;
        if (row->target == upload->user || row->target == told)
            continue;
        told = row->target;
        if (device_list_signed(w, upload->user, told, err) < 0)
            return -1;
    }
    return own ? device_list_changed(w, upload->user, DEVICE_LIST_KEYS, err) : 0;
}

/* ---- the whole ---- */

static void write_failure(struct json_writer *out, const struct signed_object *object)
{
    json_write_key(out, object->key);
    json_write_object(out);
    json_write_member_str(out, STR("errcode"), str_from(object->errcode));
    json_write_member_str(out, STR("error"), str_from(object->text));
    json_write_end(out);
}

static int take_user(struct upload *upload, const struct json_member *member,
                     struct json_writer *out)
{
    bool failed = false;
    int64_t user = 0;
    if (user_of_keys_find(upload->use, member->key, NULL, &user) < 0)
        return -1;
    for (size_t i = 0; i < member->value.object.n; i++) {
        struct signed_object object = {
            .user = user,
            .key = member->value.object.members[i].key,
            .is = &member->value.object.members[i].value,
        };
        if (take_object(upload, &object) < 0)
            return -1;
        if (object.errcode && !failed) {
            json_write_key(out, member->key);
            json_write_object(out);
        }
        failed |= object.errcode != NULL;
        if (object.errcode)
            write_failure(out, &object);
    }
    if (failed)
        json_write_end(out);
    return 0;
}

static int check_body(struct use *use, const struct json *body)
{
    size_t n = 0;
    if (!json_is(body, JSON_OBJECT))
        return err_client(&use->err, 400, "M_BAD_JSON", "The body must be an object");
    for (size_t i = 0; i < body->object.n; i++) {
        if (!json_is(&body->object.members[i].value, JSON_OBJECT))
            return err_client(&use->err, 400, "M_BAD_JSON", "user → key → signed object");
        n += body->object.members[i].value.object.n;
    }
    if (n > LIMIT_KEY_SIGNATURES)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Too many signatures at once");
    return 0;
}

int signatures_upload(struct use *use, const struct json *body, struct json_writer *out)
{
    struct upload *upload = ARENA_NEW(use->arena, struct upload);
    upload->use = use;
    upload->user = use->caller.user;
    if (check_body(use, body) < 0 ||
        cross_signing_load(&use->read, upload->user, use->arena, upload->own, &use->err) < 0)
        return -1;
    json_write_object(out);
    json_write_key(out, STR("failures"));
    json_write_object(out);
    for (size_t i = 0; i < body->object.n; i++)
        if (take_user(upload, &body->object.members[i], out) < 0)
            return -1;
    json_write_end(out);
    json_write_end(out);
    return upload->rows.n ? use_commit(use, write_rows, NULL, upload) : 0;
}
