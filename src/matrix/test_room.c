/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/test_room.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/unit.h"
#include "matrix/edit.h"
#include "json/write.h"

#define KEY_ID STR("ed25519:1")

struct str test_room_json(struct arena *arena, const char *text)
{
    struct str copy = arena_str(arena, str_from(text));
    char *p = (char *)(uintptr_t)copy.p;
    for (size_t i = 0; i < copy.n; i++)
        if (p[i] == '\'')
            p[i] = '"';
    return copy;
}

static const struct json *parse(struct test_room *room, struct str text)
{
    const struct json *doc;
    if (json_parse(room->arena, text, &doc, &room->err))
        fail_msg("not JSON: %.*s", STR_ARG(text));
    return doc;
}

static const struct pdu *find(struct test_room *room, struct str type, struct str state_key)
{
    for (size_t i = 0; i < room->n; i++)
        if (pdu_is_state(room->state[i], type, state_key))
            return room->state[i];
    return NULL;
}

/* One of "key=json", "map/key=json", "-key", "-map/key". */
static const struct json *patch(struct test_room *room, const struct json *object,
                                struct str change)
{
    struct str path, value, map, key;
    bool drop = str_starts(change, STR("-"));
    str_cut(drop ? str_skip(change, 1) : change, '=', &path, &value);
    bool deep = str_cut(path, '/', &map, &key);
    const struct json *inner = deep ? json_find(object, map) : object;
    if (!deep)
        key = path;
    inner = drop ? edit_drop(room->arena, inner, &key, 1)
                 : edit_put(room->arena, inner, key, parse(room, value));
    return deep ? edit_put(room->arena, object, map, inner) : inner;
}

static struct str patched_levels(struct test_room *room, struct str changes)
{
    const struct pdu *levels = find(room, STR("m.room.power_levels"), STR(""));
    assert_non_null(levels);
    const struct json *content = levels->content;
    struct str change;
    while (changes.n > 0) {
        str_cut(changes, ';', &change, &changes);
        content = patch(room, content, change);
    }
    struct buf CLEANUP(buf_done) out;
    buf_init(&out, LIMIT_EVENT_BYTES);
    assert_int_equal(json_canonical(content, &out, &room->err), 0);
    return arena_str(room->arena, buf_str(&out));
}

static struct str domain(struct str id)
{
    struct str head, tail;
    str_cut(id, ':', &head, &tail);
    return tail;
}

static const struct pdu *build(struct test_room *room, struct pdu_template *fields)
{
    struct pdu *event = ARENA_NEW(room->arena, struct pdu);
    fields->room_id = room->create ? room->create->room_id : STR("!room:a");
    fields->depth = 7;
    fields->origin_server_ts = 1700000000000;
    if (pdu_build(room->arena, room->version, fields, &room->key, KEY_ID, domain(fields->sender),
                  event, &room->err))
        fail_msg("cannot build %.*s: %s", STR_ARG(fields->content), room->err.text);
    return event;
}

static const struct pdu *event_of(struct test_room *room, struct str line, unsigned flags)
{
    struct pdu_template fields = {0};
    struct str rest;
    str_cut(line, '|', &fields.sender, &rest);
    str_cut(rest, '|', &fields.type, &rest);
    str_cut(rest, '|', &fields.state_key, &fields.content);
    if (str_eq(fields.state_key, STR("-")))
        fields.state_key = STR_NONE;
    if (str_starts(fields.content, STR("~")))
        fields.content = patched_levels(room, str_skip(fields.content, 1));
    struct str before = flags & TEST_ROOM_FIRST ? room->create->event_id : room->last;
    fields.prev_events = &before;
    fields.n_prev_events = flags & TEST_ROOM_START ? 0 : 1;
    return build(room, &fields);
}

const struct pdu *test_room_event(struct test_room *room, const char *line, unsigned flags)
{
    return event_of(room, test_room_json(room->arena, line), flags);
}

static void put(struct test_room *room, const struct pdu *event)
{
    assert_non_null(event->state_key.p);
    room->last = event->event_id;
    for (size_t i = 0; i < room->n; i++) {
        if (pdu_is_state(room->state[i], event->type, event->state_key)) {
            room->state[i] = event;
            return;
        }
    }
    assert_true(room->n < TEST_ROOM_STATE_MAX);
    room->state[room->n++] = event;
}

void test_room_add(struct test_room *room, const char *lines)
{
    struct str line, rest = test_room_json(room->arena, lines);
    while (rest.n > 0) {
        str_cut(rest, '\n', &line, &rest);
        put(room, event_of(room, line, 0));
    }
}

void test_room_remove(struct test_room *room, const char *type, const char *state_key)
{
    for (size_t i = 0; i < room->n; i++) {
        if (pdu_is_state(room->state[i], str_from(type), str_from(state_key))) {
            room->state[i] = room->state[--room->n];
            return;
        }
    }
    fail_msg("no %s in the state", type);
}

const struct pdu *test_room_countersign(struct test_room *room, const struct pdu *event,
                                        const char *server)
{
    struct pdu *ret = ARENA_NEW(room->arena, struct pdu);
    assert_int_equal(
        pdu_countersign(room->arena, event, &room->key, KEY_ID, str_from(server), ret, &room->err),
        0);
    return ret;
}

static const struct pdu *put_member(struct test_room *room, const struct pdu *event,
                                    const char *key, const struct json *value)
{
    struct pdu *ret = ARENA_NEW(room->arena, struct pdu);
    const struct json *doc = edit_put(room->arena, event->doc, str_from(key), value);
    assert_int_equal(pdu_from_json(room->arena, room->version, doc, ret, &room->err), 0);
    return ret;
}

const struct pdu *test_room_alter(struct test_room *room, const struct pdu *event, const char *key,
                                  const char *json)
{
    return put_member(room, event, key, parse(room, test_room_json(room->arena, json)));
}

const struct pdu *test_room_cite(struct test_room *room, const struct pdu *event,
                                 const struct pdu *const *cited, size_t n)
{
    struct str ids[LIMIT_AUTH_EVENTS];
    assert_true(n <= LIMIT_AUTH_EVENTS);
    for (size_t i = 0; i < n; i++)
        ids[i] = cited[i]->event_id;
    return put_member(room, event, "auth_events", edit_strings(room->arena, ids, n));
}

const struct pdu *test_room_state(struct test_room *room, const char *type, const char *state_key)
{
    const struct pdu *event = find(room, str_from(type), str_from(state_key));
    assert_non_null(event);
    return event;
}

int test_room_check(struct test_room *room, const struct pdu *event)
{
    const struct auth_list list = {room->state, room->n};
    const struct auth_input input = {
        .version = room->version, .event = event, .state = auth_state_of_list(&list)};
    room->err = ERR_INIT;
    return auth_check(&input, &room->err);
}

static void add_create(struct test_room *room, const char *more)
{
    const char *creator = room->version->creator_is_sender ? "" : "'creator':'@creator:a',";
    struct str line =
        arena_printf(room->arena, "@creator:a|m.room.create||{%s%s'room_version':'%.*s'}", creator,
                     more, STR_ARG(room->version->name));
    room->create = test_room_event(room, line.p, TEST_ROOM_START);
    put(room, room->create);
}

#define MEMBER(user, membership) user "|m.room.member|" user "|{'membership':'" membership "'}\n"

void test_room_init(struct test_room *room, const char *version, const char *create_more)
{
    const unsigned char seed[ED25519_SEED_BYTES] = {7};
    *room = (struct test_room){.arena = arena_new(MIB(16)),
                               .version = room_version_find(str_from(version)),
                               .err = ERR_INIT};
    assert_non_null(room->version);
    ed25519_key_from_seed(&room->key, seed);
    add_create(room, create_more);
    test_room_add(room,
                  MEMBER("@creator:a", "join") MEMBER("@admin:a", "join") MEMBER("@mod:a", "join")
                      MEMBER("@peer:a", "join") MEMBER("@user:a", "join") MEMBER("@user2:b", "join")
                          MEMBER("@invited:a", "invite") MEMBER("@left:a", "leave")
                              MEMBER("@banned:a", "ban"));
    if (room->version->knock)
        test_room_add(room, MEMBER("@knocker:a", "knock"));
    test_room_add(room, "@creator:a|m.room.join_rules||{'join_rule':'public'}\n"
                        "@creator:a|m.room.power_levels||{'ban':50,'events':{'t.fifty':50,"
                        "'t.hundred':100},'events_default':0,'invite':20,'kick':50,"
                        "'notifications':{'room':75},'redact':75,'state_default':50,"
                        "'users':{'@admin:a':100,'@mod:a':50,'@peer:a':50},'users_default':0}");
    if (!room->version->privileged_creators)
        test_room_add(room, "@creator:a|m.room.power_levels||~users/@creator:a=100");
}

void test_room_done(struct test_room *room)
{
    arena_free(room->arena);
}
