/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/push_event.h"

struct push_event *push_event_new(struct arena *arena, const struct push_facts *facts)
{
    struct push_event *event = ARENA_NEW(arena, struct push_event);
    event->arena = arena;
    event->facts = *facts;
    event->sender = json_find_str(facts->event, STR("sender"));
    return event;
}

/* The room id may not be in the event (version 12); then the caller's is used. */
static void find_value(struct push_event *event, const struct push_path *path,
                       struct push_value *value)
{
    struct str text;
    value->json = push_path_find(path, event->facts.event);
    text = json_as_str(value->json);
    if (!value->json && path->n == 1 && str_eq(path->names[0], STR("room_id")))
        text = event->facts.room_id;
    value->is_text = text.p != NULL;
    if (value->is_text)
        glob_text_make(event->arena, text, true, &value->text);
}

struct push_value push_event_value(struct push_event *event, const struct push_path *path)
{
    struct push_value value = {0};
    for (size_t i = 0; i < event->n_cached; i++)
        if (str_eq(event->cache[i].path, path->text))
            return event->cache[i].value;
    find_value(event, path, &value);
    /* Past the cache's size, paths are those of peculiar rules: they are found anew each time. */
    if (event->n_cached < PUSH_EVENT_CACHE) {
        event->cache[event->n_cached].path = arena_str(event->arena, path->text);
        event->cache[event->n_cached++].value = value;
    }
    return value;
}
