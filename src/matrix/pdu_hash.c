/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/pdu.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/base64.h"
#include "matrix/id.h"
#include "matrix/redact.h"
#include "matrix/signing.h"
#include "json/write.h"

/* What is hashed may be longer than an event may be, as it is measured elsewhere. */
#define HASHED_MAX (2 * (size_t)LIMIT_EVENT_BYTES)

static int hash_without(const struct json *doc, const struct str *keys, size_t n,
                        unsigned char ret_hash[SHA256_BYTES], struct err *err)
{
    struct buf CLEANUP(buf_done) out;
    buf_init(&out, HASHED_MAX);
    if (!json_is(doc, JSON_OBJECT))
        return err_client(err, 400, "M_BAD_JSON", "An event must be an object");
    if (json_canonical_without(doc, keys, n, &out, err))
        return -1;
    if (buf_is_full(&out))
        return err_client(err, 413, "M_TOO_LARGE", "The event is too large");
    sha256(buf_str(&out), ret_hash);
    return 0;
}

int pdu_content_hash(const struct json *doc, unsigned char ret_hash[SHA256_BYTES], struct err *err)
{
    const struct str left_out[] = {STR("hashes"), STR("signatures"), STR("unsigned")};
    return hash_without(doc, left_out, ARRAY_LEN(left_out), ret_hash, err);
}

int pdu_reference_hash(struct arena *arena, const struct room_version *version,
                       const struct json *doc, unsigned char ret_hash[SHA256_BYTES],
                       struct err *err)
{
    const struct str left_out[] = {STR("signatures"), STR("unsigned")};
    if (!json_is(doc, JSON_OBJECT))
        return err_client(err, 400, "M_BAD_JSON", "An event must be an object");
    return hash_without(redact_event(arena, version, doc), left_out, ARRAY_LEN(left_out), ret_hash,
                        err);
}

bool pdu_check_hash(const struct json *doc)
{
    unsigned char hash[SHA256_BYTES], told[SHA256_BYTES];
    struct err err;
    struct str text = json_find_str(json_find(doc, STR("hashes")), STR("sha256"));
    if (base64_decode_exactly(text, BASE64_STANDARD, told, sizeof told) ||
        pdu_content_hash(doc, hash, &err))
        return false;
    return memcmp(told, hash, sizeof hash) == 0;
}

struct str pdu_event_id(struct arena *arena, const struct room_version *version,
                        const unsigned char hash[SHA256_BYTES])
{
    struct str text =
        base64_encode_arena(arena, str_make(hash, SHA256_BYTES), version->event_id_alphabet);
    return arena_printf(arena, "$%.*s", STR_ARG(text));
}

int pdu_event_hash(const struct room_version *version, struct str event_id,
                   unsigned char ret_hash[SHA256_BYTES])
{
    unsigned char hash[SHA256_BYTES];
    if (event_id.n != 44 || event_id.p[0] != '$')
        return -1;
    if (base64_decode_exactly(str_skip(event_id, 1), version->event_id_alphabet, hash, sizeof hash))
        return -1;
    memcpy(ret_hash, hash, sizeof hash);
    return 0;
}

bool pdu_verify_signature(struct arena *arena, const struct room_version *version,
                          const struct json *doc, struct str server, struct str key_id,
                          struct str public_key)
{
    return json_is(doc, JSON_OBJECT) &&
           signing_verify(redact_event(arena, version, doc), server, key_id, public_key);
}

/* Server-server API, "Validating hashes and signatures on received events". */
size_t pdu_required_signers(const struct pdu *pdu, struct str ret_servers[2])
{
    struct user_id user;
    struct err err;
    size_t n = 0;
    bool is_member = str_eq(pdu->type, STR("m.room.member"));
    bool is_invite = str_eq(json_find_str(pdu->content, STR("membership")), STR("invite"));
    bool by_third_party =
        is_member && is_invite && json_find(pdu->content, STR("third_party_invite"));
    if (!by_third_party && user_id_parse(pdu->sender, &user, &err) == 0)
        ret_servers[n++] = user.server;
    struct str authoriser = json_find_str(pdu->content, STR("join_authorised_via_users_server"));
    if (pdu->version->restricted && is_member && user_id_parse(authoriser, &user, &err) == 0 &&
        (n == 0 || !str_eq(ret_servers[0], user.server)))
        ret_servers[n++] = user.server;
    return n;
}

size_t pdu_signature_keys(const struct json *doc, struct str server, struct str *ret_key_ids,
                          size_t max)
{
    const struct json *own = json_find(json_find(doc, STR("signatures")), server);
    size_t n = 0;
    if (!json_is(own, JSON_OBJECT))
        return 0;
    for (size_t i = 0; i < own->object.n && n < max; i++)
        if (str_starts(own->object.members[i].key, STR("ed25519:")))
            ret_key_ids[n++] = own->object.members[i].key;
    return n;
}

bool pdu_is_state(const struct pdu *pdu, struct str type, struct str state_key)
{
    return pdu->state_key.p && str_eq(pdu->type, type) && str_eq(pdu->state_key, state_key);
}
