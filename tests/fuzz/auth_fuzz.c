/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "matrix/auth.h"
#include "matrix/edit.h"
#include "matrix/member.h"
#include "matrix/power.h"

/* The input is a list: the version, the event, and the events of the state. What an event needs
 * beside its type, sender, state_key and content is put in, so that mutation meets the rules and
 * not the format. */

#define STATE_MAX 32

struct scene {
    struct arena *arena;
    const struct room_version *version;
    const struct pdu *state[STATE_MAX];
    size_t n;
};

static const struct json *put_absent(struct arena *arena, const struct json *object, struct str key,
                                     const struct json *value)
{
    return json_find(object, key) ? object : edit_put(arena, object, key, value);
}

static const struct json *complete(const struct scene *scene, const struct json *o)
{
    struct arena *arena = scene->arena;
    const struct json *zero = edit_integer(arena, 0), *none = edit_strings(arena, NULL, 0);
    const struct json *hashes =
        edit_put(arena, edit_object(arena), STR("sha256"), edit_string(arena, STR("x")));
    bool is_create = str_eq(json_find_str(o, STR("type")), STR("m.room.create"));
    struct str room = scene->n ? scene->state[0]->room_id : STR("!r:a");
    if (!is_create || !scene->version->room_id_is_hash)
        o = put_absent(arena, o, STR("room_id"), edit_string(arena, room));
    o = put_absent(arena, o, STR("depth"), zero);
    o = put_absent(arena, o, STR("origin_server_ts"), zero);
    o = put_absent(arena, o, STR("auth_events"), none);
    o = put_absent(arena, o, STR("prev_events"), none);
    o = put_absent(arena, o, STR("hashes"), hashes);
    return put_absent(arena, o, STR("signatures"), edit_object(arena));
}

static const struct pdu *read_event(const struct scene *scene, const struct json *object)
{
    struct err err = ERR_INIT;
    struct pdu *event = ARENA_NEW(scene->arena, struct pdu);
    if (!json_is(object, JSON_OBJECT) ||
        pdu_from_json(scene->arena, scene->version, complete(scene, object), event, &err))
        return NULL;
    return event;
}

static bool read_scene(struct scene *scene, const struct json *doc, const struct pdu **ret_event)
{
    if (!json_is(doc, JSON_ARRAY) || doc->array.n < 2)
        return false;
    scene->version = room_version_find(json_as_str(&doc->array.items[0]));
    for (size_t i = 2; scene->version && i < doc->array.n && scene->n < STATE_MAX; i++) {
        const struct pdu *event = read_event(scene, &doc->array.items[i]);
        if (event)
            scene->state[scene->n++] = event;
    }
    *ret_event = scene->version ? read_event(scene, &doc->array.items[1]) : NULL;
    return *ret_event != NULL;
}

static void check_refusal(const struct err *err)
{
    CHECK(err->kind == ERR_KIND_CLIENT && err->status == 403);
    CHECK(err->text[0] != '\0' && err->detail[0] == 'v');
}

/* What no rule lets through. */
static void check_allowed(const struct scene *scene, const struct auth_state *state,
                          const struct pdu *event)
{
    const struct pdu *member = NULL, *create = NULL, *levels = NULL;
    struct power power;
    struct err err = ERR_INIT;
    if (str_eq(event->type, STR("m.room.create")))
        return;
    CHECK(state->find(state->context, STR("m.room.create"), STR(""), &create, &err) == 1);
    CHECK(str_eq(create->room_id, event->room_id));
    bool special = str_eq(event->type, STR("m.room.member")) ||
                   (scene->version->aliases_rule && str_eq(event->type, STR("m.room.aliases")));
    if (special)
        return;
    CHECK(state->find(state->context, STR("m.room.member"), event->sender, &member, &err) == 1);
    CHECK(membership_of(member) == MEMBERSHIP_JOIN);
    (void)state->find(state->context, STR("m.room.power_levels"), STR(""), &levels, &err);
    power_init(&power, scene->version, create, levels);
    if (!str_eq(event->type, STR("m.room.third_party_invite")))
        CHECK(power_can_send(&power, event->sender, event->type, event->state_key.p != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    struct scene scene = {.arena = arena};
    const struct json *doc;
    const struct pdu *event;
    struct err err = ERR_INIT;
    if (json_parse(arena, str_make(data, size), &doc, &err) || !read_scene(&scene, doc, &event))
        return 0;
    const struct auth_list list = {scene.state, scene.n};
    const struct auth_input input = {scene.version, event, auth_state_of_list(&list), false};
    int first = auth_check(&input, &err);
    if (first)
        check_refusal(&err);
    else
        check_allowed(&scene, &input.state, event);
    CHECK(auth_check(&input, &err) == first);

    struct auth_cited cited[STATE_MAX];
    size_t n = event->n_auth_events;
    for (size_t i = 0; i < n && scene.n > 0; i++)
        cited[i] = (struct auth_cited){scene.state[i % scene.n], false};
    if ((n == 0 || scene.n > 0) && auth_check_cited(event, cited, &err))
        check_refusal(&err);
    for (size_t i = 0; i < scene.n; i++)
        CHECK(auth_may_redact(&input.state, event, scene.state[i], &err) >= 0);
    return 0;
}
