/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/pdu.h"

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/base64.h"
#include "matrix/edit.h"
#include "matrix/pdu_read.h"
#include "matrix/redact.h"
#include "matrix/signing.h"
#include "json/write.h"

static int too_large(struct err *err)
{
    return err_client(err, 413, "M_TOO_LARGE", "The event is too large");
}

static const struct json *put_text(struct arena *arena, const struct json *object, struct str key,
                                   struct str text)
{
    return edit_put(arena, object, key, edit_string(arena, text));
}

static int build_content(struct arena *arena, const struct room_version *version,
                         const struct pdu_template *fields, const struct json **ret_content,
                         struct err *err)
{
    const struct json *content = NULL;
    if (json_parse(arena, fields->content, &content, err))
        return -1;
    if (content->kind != JSON_OBJECT)
        return err_client(err, 400, "M_BAD_JSON", "content must be an object");
    if (fields->redacts.p && version->redacts_in_content)
        content = put_text(arena, content, STR("redacts"), fields->redacts);
    *ret_content = content;
    return 0;
}

/* All members but hashes and signatures. */
static int build_members(struct arena *arena, const struct room_version *version,
                         const struct pdu_template *fields, const struct json **ret_object,
                         struct err *err)
{
    const struct json *content = NULL, *o = edit_object(arena);
    bool is_create = str_eq(fields->type, STR("m.room.create"));
    if (build_content(arena, version, fields, &content, err))
        return -1;
    o = edit_put(arena, o, STR("content"), content);
    o = put_text(arena, o, STR("type"), fields->type);
    o = put_text(arena, o, STR("sender"), fields->sender);
    if (!(is_create && version->room_id_is_hash))
        o = put_text(arena, o, STR("room_id"), fields->room_id);
    if (fields->state_key.p)
        o = put_text(arena, o, STR("state_key"), fields->state_key);
    if (fields->redacts.p && !version->redacts_in_content)
        o = put_text(arena, o, STR("redacts"), fields->redacts);
    o = edit_put(arena, o, STR("depth"), edit_integer(arena, fields->depth));
    o = edit_put(arena, o, STR("origin_server_ts"), edit_integer(arena, fields->origin_server_ts));
    o = edit_put(arena, o, STR("auth_events"),
                 edit_strings(arena, fields->auth_events, fields->n_auth_events));
    o = edit_put(arena, o, STR("prev_events"),
                 edit_strings(arena, fields->prev_events, fields->n_prev_events));
    *ret_object = o;
    return 0;
}

/* Server-server API, "Adding hashes and signatures to outgoing events". */
static int put_hash(struct arena *arena, const struct json **object, struct err *err)
{
    unsigned char hash[SHA256_BYTES];
    if (pdu_content_hash(*object, hash, err))
        return -1;
    struct str text = base64_encode_arena(arena, str_make(hash, sizeof hash), BASE64_STANDARD);
    const struct json *hashes = put_text(arena, edit_object(arena), STR("sha256"), text);
    *object = edit_put(arena, *object, STR("hashes"), hashes);
    return 0;
}

static int put_signature(struct arena *arena, const struct room_version *version,
                         const struct json **object, const struct ed25519_key *key,
                         struct str key_id, struct str server_name, struct err *err)
{
    unsigned char signature[ED25519_SIGNATURE_BYTES];
    struct buf CLEANUP(buf_done) covered;
    buf_init(&covered, LIMIT_EVENT_BYTES);
    if (signing_covered(redact_event(arena, version, *object), &covered, err))
        return -1;
    if (buf_is_full(&covered))
        return too_large(err);
    ed25519_sign(key, buf_str(&covered), signature);
    return signing_add(arena, *object, server_name, key_id, signature, object, err);
}

/* Through the text and back, so that what we write passes what we ask of others. */
static int finish(struct arena *arena, const struct room_version *version,
                  const struct json *object, struct pdu *ret_pdu, struct err *err)
{
    struct buf CLEANUP(buf_done) out;
    buf_init(&out, LIMIT_EVENT_BYTES);
    if (json_canonical(object, &out, err))
        return -1;
    if (buf_is_full(&out))
        return too_large(err);
    return pdu_read(arena, version, arena_str(arena, buf_str(&out)), ret_pdu, err);
}

int pdu_build(struct arena *arena, const struct room_version *version,
              const struct pdu_template *fields, const struct ed25519_key *key, struct str key_id,
              struct str server_name, struct pdu *ret_pdu, struct err *err)
{
    const struct json *object = NULL;
    if (build_members(arena, version, fields, &object, err) || put_hash(arena, &object, err) ||
        put_signature(arena, version, &object, key, key_id, server_name, err))
        return -1;
    return finish(arena, version, object, ret_pdu, err);
}

int pdu_countersign(struct arena *arena, const struct pdu *pdu, const struct ed25519_key *key,
                    struct str key_id, struct str server_name, struct pdu *ret_pdu, struct err *err)
{
    const struct json *object = pdu->doc;
    if (put_signature(arena, pdu->version, &object, key, key_id, server_name, err))
        return -1;
    return finish(arena, pdu->version, object, ret_pdu, err);
}
