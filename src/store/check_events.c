/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "matrix/pdu.h"
#include "store/check.h"
#include "store/event_row.h"
#include "store/room.h"
#include "json/doc.h"

#define PIECE 200

static const struct db_stmt CHECK_EVENT_IDS = {
    "check_event_ids",
    "SELECT id FROM event WHERE id > :after ORDER BY id LIMIT :limit",
};

/* A member that is a string says what the name says. */
static int check_text(struct check *check, const struct event *event, const struct json *doc,
                      struct str member, int64_t name, struct err *err)
{
    const struct json *value = json_find(doc, member);
    struct str text;
    if (!value && !name)
        return 0;
    if (name && store_name(check->r->store, name, check->arena, &text, err) < 0)
        return -1;
    if (!value || !name || !str_eq(json_as_str(value), text))
        check_fault(check, "event %lld: its %.*s is not that of its row", (long long)event->id,
                    STR_ARG(member));
    return 0;
}

/* Members that are looked for again must be where the row says. */
static void check_members(struct check *check, const struct event *event)
{
    struct event_members found;
    bool sound = event_find_members(event->json, &found) == 0;
    sound = sound && memcmp(&found, &event->members, sizeof found) == 0;
    if (!sound)
        check_fault(check, "event %lld: its members are not where its row says",
                    (long long)event->id);
}

static int check_hash(struct check *check, const struct event *event, const struct json *doc,
                      struct err *err)
{
    struct room_row room;
    struct str name;
    unsigned char hash[SHA256_BYTES];
    int found = room_load(check->r, event->room, &room, err);
    if (found <= 0) /* told by check_queries */
        return found;
    if (store_name(check->r->store, room.version, check->arena, &name, err) < 0)
        return -1;
    const struct room_version *version = room_version_find(name);
    if (!version) {
        check_fault(check, "room %lld: its version is unknown", (long long)room.id);
        return 0;
    }
    if (pdu_reference_hash(check->arena, version, doc, hash, err) < 0)
        return -1;
    if (memcmp(hash, event->hash, sizeof hash) != 0)
        check_fault(check, "event %lld: its hash is not that of its bytes", (long long)event->id);
    return 0;
}

static int check_event(struct check *check, int64_t id, struct err *err)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    const struct json *doc;
    int found = event_load_stored(check->r, id, &event, err);
    if (found <= 0)
        return found;
    if (json_parse(check->arena, event->json, &doc, err) < 0 ||
        check_hash(check, event, doc, err) < 0)
        return -1;
    check_members(check, event);
    if (check_text(check, event, doc, STR("type"), event->type, err) < 0 ||
        check_text(check, event, doc, STR("sender"), event->sender, err) < 0)
        return -1;
    return check_text(check, event, doc, STR("state_key"), event->state_key, err);
}

static int list_ids(struct check *check, int64_t after, int64_t *ids, size_t *ret_n,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    size_t n = 0;
    int more;
    if (db_query(check->conn, &CHECK_EVENT_IDS,
                 DB_PARAMS(DB_INT("after", after), DB_INT("limit", PIECE)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0 && n < PIECE)
        ids[n++] = db_column_int(query, 0);
    *ret_n = n;
    return more < 0 ? -1 : 0;
}

int check_events(struct check *check, struct err *err)
{
    int64_t ids[PIECE], after = 0;
    size_t n = 1;
    while (n) {
        if (list_ids(check, after, ids, &n, err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            struct err fault = ERR_INIT;
            arena_reset(check->arena);
            if (check_event(check, ids[i], &fault) < 0)
                check_fault(check, "event %lld: %s %s", (long long)ids[i], fault.text,
                            fault.detail);
            after = ids[i];
        }
    }
    return 0;
}
