/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/pdu.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "matrix/id.h"
#include "matrix/pdu_read.h"
#include "json/write.h"

static int bad(struct err *err, const char *what)
{
    return err_client(err, 400, "M_BAD_JSON", "Malformed event: %s", what);
}

/* Client-server API, "Size limits": bytes, not letters. */
static int too_large(struct err *err, const char *what)
{
    return err_client(err, 413, "M_TOO_LARGE", "%s is too large", what);
}

static int read_text(const struct json *doc, const char *name, struct str *ret_text,
                     struct err *err)
{
    const struct json *value = json_find(doc, str_from(name));
    if (!json_is(value, JSON_STRING))
        return err_client(err, 400, "M_BAD_JSON", "Malformed event: %s must be a string", name);
    if (value->string.n > LIMIT_EVENT_FIELD_BYTES)
        return too_large(err, name);
    *ret_text = value->string.n > 0 ? value->string : STR("");
    return 0;
}

/* A list of at most max ids, none of them twice. */
static int read_ids(struct arena *arena, const struct room_version *version, const struct json *doc,
                    const char *name, size_t max, struct str **ret_ids, size_t *ret_n,
                    struct err *err)
{
    unsigned char hash[SHA256_BYTES];
    const struct json *list = json_find(doc, str_from(name));
    if (!json_is(list, JSON_ARRAY))
        return err_client(err, 400, "M_BAD_JSON", "Malformed event: %s must be a list", name);
    size_t n = list->array.n;
    if (n > max)
        return err_client(err, 400, "M_BAD_JSON", "Malformed event: too many %s", name);
    struct str *ids = ARENA_NEW_N(arena, n ? n : 1, struct str);
    for (size_t i = 0; i < n; i++) {
        ids[i] = json_as_str(&list->array.items[i]);
        if (pdu_event_hash(version, ids[i], hash))
            return err_client(err, 400, "M_BAD_JSON", "Malformed event: no event id in %s", name);
        for (size_t j = 0; j < i; j++)
            if (str_eq(ids[i], ids[j]))
                return err_client(err, 400, "M_BAD_JSON", "Malformed event: %s repeats an id",
                                  name);
    }
    *ret_ids = ids;
    *ret_n = n;
    return 0;
}

static int check_hashes(const struct json *doc, struct err *err)
{
    const struct json *signatures = json_find(doc, STR("signatures"));
    if (!json_is(json_find(json_find(doc, STR("hashes")), STR("sha256")), JSON_STRING))
        return bad(err, "hashes must hold sha256");
    if (!json_is(signatures, JSON_OBJECT))
        return bad(err, "signatures must be an object");
    for (size_t i = 0; i < signatures->object.n; i++) {
        const struct json *of = &signatures->object.members[i].value;
        if (of->kind != JSON_OBJECT)
            return bad(err, "signatures must hold objects");
        for (size_t j = 0; j < of->object.n; j++)
            if (of->object.members[j].value.kind != JSON_STRING)
                return bad(err, "a signature must be a string");
    }
    return 0;
}

/* Before version 12 every event names its room, with the server that made it. From 12 on the name
 * is the hash of the create event, which cannot hold it. (One that holds a room_id all the same is
 * of good format and fails auth rule 1.2.) */
static int read_room_id(struct pdu *pdu, struct err *err)
{
    struct room_id id;
    bool is_hash = pdu->version->room_id_is_hash;
    if (is_hash && str_eq(pdu->type, STR("m.room.create")))
        return 0;
    if (read_text(pdu->doc, "room_id", &pdu->room_id, err))
        return -1;
    if (room_id_parse(pdu->room_id, &id, err) || (id.server.p == NULL) != is_hash)
        return bad(err, "room_id is not of the form of its version");
    return 0;
}

/* Rooms v3 to v10: a top-level member; from v11 on in content, whose shape is nobody's business
 * here. */
static int read_redacts(struct pdu *pdu, struct err *err)
{
    if (!str_eq(pdu->type, STR("m.room.redaction")))
        return 0;
    if (pdu->version->redacts_in_content) {
        pdu->redacts = json_find_str(pdu->content, STR("redacts"));
        return 0;
    }
    if (!json_find(pdu->doc, STR("redacts")))
        return 0;
    return read_text(pdu->doc, "redacts", &pdu->redacts, err);
}

static int read_members(struct arena *arena, struct pdu *pdu, struct err *err)
{
    const struct json *doc = pdu->doc;
    if (!json_is(doc, JSON_OBJECT))
        return bad(err, "it must be an object");
    if (read_text(doc, "type", &pdu->type, err) || read_text(doc, "sender", &pdu->sender, err))
        return -1;
    if (!user_id_is_valid(pdu->sender))
        return bad(err, "sender is not a user id");
    pdu->state_key = STR_NONE;
    if (json_find(doc, STR("state_key")) && read_text(doc, "state_key", &pdu->state_key, err))
        return -1;
    pdu->content = json_find(doc, STR("content"));
    if (!json_is(pdu->content, JSON_OBJECT))
        return bad(err, "content must be an object");
    if (!json_as_int(json_find(doc, STR("depth")), &pdu->depth) || pdu->depth < 0)
        return bad(err, "depth must be an integer from 0 to 2^53-1");
    if (!json_as_int(json_find(doc, STR("origin_server_ts")), &pdu->origin_server_ts))
        return bad(err, "origin_server_ts must be an integer");
    if (read_room_id(pdu, err) || read_redacts(pdu, err) || check_hashes(doc, err))
        return -1;
    if (read_ids(arena, pdu->version, doc, "auth_events", LIMIT_AUTH_EVENTS, &pdu->auth_events,
                 &pdu->n_auth_events, err))
        return -1;
    return read_ids(arena, pdu->version, doc, "prev_events", LIMIT_PREV_EVENTS, &pdu->prev_events,
                    &pdu->n_prev_events, err);
}

/* The ids that follow from the hash. */
static void name(struct arena *arena, struct pdu *pdu)
{
    pdu->event_id = pdu_event_id(arena, pdu->version, pdu->hash);
    if (pdu->version->room_id_is_hash && str_eq(pdu->type, STR("m.room.create"))) {
        struct str hash = str_skip(pdu->event_id, 1);
        pdu->room_id = arena_printf(arena, "!%.*s", STR_ARG(hash));
    }
}

/* Canonical bytes in the arena, without unsigned, which belongs to whoever serves the event. */
static int canonicalise(struct arena *arena, const struct json *doc, struct str *ret_json,
                        struct err *err)
{
    const struct str left_out[] = {STR("unsigned")};
    struct buf CLEANUP(buf_done) out;
    buf_init(&out, LIMIT_EVENT_BYTES);
    if (json_canonical_without(doc, left_out, ARRAY_LEN(left_out), &out, err))
        return -1;
    if (buf_is_full(&out))
        return too_large(err, "The event");
    *ret_json = arena_str(arena, buf_str(&out));
    return 0;
}

int pdu_read(struct arena *arena, const struct room_version *version, struct str json,
             struct pdu *ret_pdu, struct err *err)
{
    struct pdu pdu = {.version = version, .json = json};
    if (json_parse(arena, json, &pdu.doc, err) || read_members(arena, &pdu, err))
        return -1;
    if (pdu_reference_hash(arena, version, pdu.doc, pdu.hash, err))
        return -1;
    name(arena, &pdu);
    *ret_pdu = pdu;
    return 0;
}

/* The canonical bytes are read again, so that every view points into what is stored. */
int pdu_from_json(struct arena *arena, const struct room_version *version, const struct json *doc,
                  struct pdu *ret_pdu, struct err *err)
{
    struct str json = STR_NONE;
    if (!json_is(doc, JSON_OBJECT))
        return bad(err, "it must be an object");
    if (canonicalise(arena, doc, &json, err))
        return -1;
    return pdu_read(arena, version, json, ret_pdu, err);
}

int pdu_parse(struct arena *arena, const struct room_version *version, struct str text,
              struct pdu *ret_pdu, struct err *err)
{
    const struct json *doc = NULL;
    if (json_parse(arena, text, &doc, err))
        return -1;
    return pdu_from_json(arena, version, doc, ret_pdu, err);
}

int pdu_open(struct arena *arena, const struct room_version *version, struct str json,
             const unsigned char hash[SHA256_BYTES], struct pdu *ret_pdu, struct err *err)
{
    struct pdu pdu = {.version = version, .json = json};
    struct err why = ERR_INIT;
    if (json_parse(arena, json, &pdu.doc, &why) || read_members(arena, &pdu, &why))
        return err_internal(err, "a stored event is damaged: %s", why.text);
    memcpy(pdu.hash, hash, sizeof pdu.hash);
    name(arena, &pdu);
    *ret_pdu = pdu;
    return 0;
}
