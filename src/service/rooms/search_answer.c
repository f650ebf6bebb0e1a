/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "base/limits.h"
#include "crypto/fold.h"
#include "service/rooms/history.h"
#include "service/rooms/search_private.h"
#include "service/rooms/state_list.h"
#include "service/sync/token.h"
#include "store/state.h"

/* A page of results as clients get it. */

/* ---- words to light up ---- */

/* Runs of a result's text whose words were asked for, as they stand there: `Écoles` for `ecole`. */
static void find_lit(struct search *search, struct str text, struct str_map *lit)
{
    struct arena *arena = search->use->arena;
    struct search_words words;
    struct str run;
    size_t at = 0;
    while ((run = fold_next_run(text, &at)).p) {
        arena_reset(search->scratch);
        search_words_split(search->scratch, run, &words);
        bool asked = false;
        for (size_t i = 0; i < words.n && !asked; i++)
            asked = search_words_have(&search->words, words.words[i]);
        if (asked && !str_map_find(lit, run)) {
            run = arena_str(arena, run);
            str_map_put(lit, run, search);
        }
    }
}

static int find_lit_of(struct search *search, const struct search_item *result, struct str_map *lit)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(MIB(4));
    struct use *use = search->use;
    const struct json *content;
    unsigned key = search_key_of(use->server->store, result->match->type);
    if (json_parse(scratch, result->match->members.content, &content, &use->err) < 0)
        return -1;
    find_lit(search, search_text(scratch, key, content), lit);
    return 0;
}

static int write_highlights(struct search *search, struct json_writer *out)
{
    CLEANUP(str_map_done) struct str_map lit = {0};
    size_t at = 0;
    struct str word;
    void *value;
    for (size_t i = 0; i < search->n; i++)
        if (find_lit_of(search, &search->page[i], &lit) < 0)
            return -1;
    json_write_key(out, STR("highlights"));
    json_write_array(out);
    while (str_map_next(&lit, &at, &word, &value))
        json_write_str(out, word);
    json_write_end(out);
    return 0;
}

/* ---- what is around a result ---- */

static int write_profile(struct json_writer *out, struct view *view, const struct event *event)
{
    const struct pdu *member = NULL;
    int found = view_state_pdu(view, event->state, rooms_names(view->use->server)->member,
                               event->sender, &member);
    if (found != 1)
        return found;
    struct str name = json_find_str(member->content, STR("displayname"));
    struct str avatar = json_find_str(member->content, STR("avatar_url"));
    json_write_key(out, member->state_key);
    json_write_object(out);
    if (avatar.p && str_starts(avatar, STR("mxc://")))
        json_write_member_str(out, STR("avatar_url"), avatar);
    if (name.p)
        json_write_member_str(out, STR("displayname"), name);
    json_write_end(out);
    return 0;
}

static bool is_first_of_sender(struct event *const *events, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (events[k]->sender == events[i]->sender)
            return false;
    return true;
}

static int write_profiles(struct json_writer *out, struct view *view, struct event *const *events,
                          size_t n)
{
    json_write_key(out, STR("profile_info"));
    json_write_object(out);
    for (size_t i = 0; i < n; i++)
        if (is_first_of_sender(events, i) && write_profile(out, view, events[i]) < 0)
            return -1;
    json_write_end(out);
    return 0;
}

static int write_events(struct json_writer *out, struct view *view, struct str key,
                        const struct history_page *page)
{
    struct format format = {.view = view, .with_room_id = true};
    json_write_key(out, key);
    json_write_array(out);
    for (size_t i = 0; i < page->n; i++)
        if (format_event(out, &format, page->events[i]) < 0)
            return -1;
    json_write_end(out);
    return 0;
}

static int write_around(struct search *search, struct json_writer *out,
                        const struct search_item *result, const struct history_page *before,
                        const struct history_page *after)
{
    struct use *use = search->use;
    size_t n = 0;
    json_write_member_str(out, STR("end"), place_token_format(use, after->next));
    if (write_events(out, result->view, STR("events_after"), after) < 0 ||
        write_events(out, result->view, STR("events_before"), before) < 0)
        return -1;
    if (search->request->with_profiles) {
        struct event **all = ARENA_NEW_N(use->arena, before->n + after->n + 1, struct event *);
        all[n++] = result->event;
        for (size_t i = 0; i < before->n; i++)
            all[n++] = before->events[i];
        for (size_t i = 0; i < after->n; i++)
            all[n++] = after->events[i];
        if (write_profiles(out, result->view, all, n) < 0)
            return -1;
    }
    json_write_member_str(out, STR("start"), place_token_format(use, before->next));
    return 0;
}

/* Events looked at for all contexts of an answer: past them a context is empty, with its tokens. */
#define CONTEXTS_MAX 10000

static int write_context(struct search *search, struct json_writer *out,
                         const struct search_item *result)
{
    const struct search_request *request = search->request;
    CLEANUP(history_done) struct history_page before = {0};
    CLEANUP(history_done) struct history_page after = {0};
    bool spent = search->looked_at >= CONTEXTS_MAX;
    if (!request->with_context)
        return 0;
    if (history_around(result->view, result->event, EVENT_BACKWARD,
                       spent ? 0 : request->before_limit, NULL, &before) < 0 ||
        history_around(result->view, result->event, EVENT_FORWARD, spent ? 0 : request->after_limit,
                       NULL, &after) < 0)
        return -1;
    search->looked_at += before.looked_at + after.looked_at;
    json_write_key(out, STR("context"));
    json_write_object(out);
    int status = write_around(search, out, result, &before, &after);
    json_write_end(out);
    return status;
}

static int write_result(struct search *search, struct json_writer *out,
                        const struct search_item *result)
{
    struct format format = {.view = result->view, .with_room_id = true};
    char rank[32];
    int n = snprintf(rank, sizeof rank, "%.6f", result->rank);
    json_write_object(out);
    if (write_context(search, out, result) < 0)
        return -1;
    json_write_member_raw(out, STR("rank"), str_make(rank, (size_t)n));
    json_write_key(out, STR("result"));
    if (format_event(out, &format, result->event) < 0)
        return -1;
    json_write_end(out);
    return 0;
}

static int write_results(struct search *search, struct json_writer *out)
{
    json_write_key(out, STR("results"));
    json_write_array(out);
    for (size_t i = 0; i < search->n; i++)
        if (write_result(search, out, &search->page[i]) < 0)
            return -1;
    json_write_end(out);
    return 0;
}

/* ---- what comes after the page ---- */

/* Results that were passed over by then, of a group or of all, and those that were found in all. */
static size_t count_group(const struct search *search, unsigned group, int64_t id, size_t to)
{
    size_t n = 0;
    for (size_t i = 0; i < to; i++) {
        const struct search_result *result = &search->results.p[i];
        n += !group || id == (group == SEARCH_BY_ROOM ? result->room : result->sender);
    }
    return n;
}

/* STR_NONE: there is nothing after the page. */
static struct str next_of(const struct search *search, unsigned group, int64_t id)
{
    size_t end = search->first + search->n;
    struct search_token next = search->token;
    size_t passed = count_group(search, group, id, end);
    bool more = count_group(search, group, id, search->results.n) > passed;
    if ((!more && (!search->cut || next.by_rank)) || (group && next.group && next.group != group))
        return STR_NONE;
    if (next.by_rank) {
        next.at = (int64_t)passed;
    } else {
        next.at = more ? search->results.p[end - 1].pos : search->looked_to;
        next.top = (int64_t)passed + (group && !next.group ? 0 : next.top);
    }
    if (group) {
        next.group = group;
        next.group_id = id;
    }
    return search_token_write(search->use->arena, &next);
}

static void write_next(struct json_writer *out, struct str next)
{
    if (next.p)
        json_write_member_str(out, STR("next_batch"), next);
}

/* ---- groups ---- */

static int64_t group_of(const struct search_item *result, unsigned group)
{
    return group == SEARCH_BY_ROOM ? result->match->room : result->match->sender;
}

static int write_group(struct search *search, struct json_writer *out, unsigned group, size_t from,
                       int64_t order)
{
    const struct search_item *page = search->page;
    struct use *use = search->use;
    int64_t id = group_of(&page[from], group);
    struct str name;
    if (store_name(use->server->store, id, use->arena, &name, &use->err) < 0)
        return -1;
    json_write_key(out, name);
    json_write_object(out);
    write_next(out, next_of(search, group, id));
    json_write_member_int(out, STR("order"), order);
    json_write_key(out, STR("results"));
    json_write_array(out);
    for (size_t i = from; i < search->n; i++)
        if (group_of(&page[i], group) == id)
            json_write_str(out,
                           pdu_event_id(use->arena, page[i].view->version, page[i].event->hash));
    json_write_end(out);
    json_write_end(out);
    return 0;
}

static int write_groups_of(struct search *search, struct json_writer *out, struct str key,
                           unsigned group)
{
    const struct search_item *page = search->page;
    int64_t order = 0;
    if (!(search->request->groups & group))
        return 0;
    json_write_key(out, key);
    json_write_object(out);
    for (size_t i = 0; i < search->n; i++) {
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = group_of(&page[k], group) != group_of(&page[i], group);
        if (first && write_group(search, out, group, i, order++) < 0)
            return -1;
    }
    json_write_end(out);
    return 0;
}

static int write_groups(struct search *search, struct json_writer *out)
{
    if (!search->request->groups)
        return 0;
    json_write_key(out, STR("groups"));
    json_write_object(out);
    if (write_groups_of(search, out, STR("room_id"), SEARCH_BY_ROOM) < 0 ||
        write_groups_of(search, out, STR("sender"), SEARCH_BY_SENDER) < 0)
        return -1;
    json_write_end(out);
    return 0;
}

/* ---- the rooms' state ---- */

/* Entries of states in one answer. A room whose state does not fit any more is left out. */
#define STATES_MAX 5000

static int write_room_state(struct search *search, struct json_writer *out, struct view *view,
                            const struct state_choice *choice, size_t *left)
{
    struct format format = {.view = view, .with_room_id = true, .listed = true};
    struct state_list list = {0};
    int more = state_list_fill(&list, view, view_state(view), choice) < 0 ? -1 : 1;
    if (more == 1 && list.ids.n <= *left) {
        *left -= list.ids.n;
        json_write_key(out, view->room_id);
        json_write_array(out);
        while (more == 1 && !buf_is_full(out->out) && !arena_is_over(search->use->arena))
            more = state_list_next(&list, out, &format, choice);
        json_write_end(out);
    }
    state_list_done(&list);
    return more < 0 ? -1 : 0;
}

/* Of the members only those whose words are shown, whether that was asked for or not: a page may be
 * of a hundred rooms of ten thousand. */
static int write_state(struct search *search, struct json_writer *out)
{
    const struct search_item *page = search->page;
    size_t left = STATES_MAX;
    if (!search->request->with_state)
        return 0;
    struct event **events = ARENA_NEW_N(search->use->arena, search->n, struct event *);
    for (size_t i = 0; i < search->n; i++)
        events[i] = page[i].event;
    struct state_choice choice = {.lazy = true, .events = events, .n_events = search->n};
    json_write_key(out, STR("state"));
    json_write_object(out);
    for (size_t i = 0; i < search->n; i++) {
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = page[k].view != page[i].view;
        if (first && write_room_state(search, out, page[i].view, &choice, &left) < 0)
            return -1;
    }
    json_write_end(out);
    return 0;
}

/* ---- all of it ---- */

int search_write(struct search *search, struct json_writer *out)
{
    int64_t passed = search->token.by_rank ? 0 : search->token.top;
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(MIB(4));
    search->scratch = scratch;
    json_write_object(out);
    json_write_member_int(out, STR("count"), passed + (int64_t)search->results.n);
    if (write_groups(search, out) < 0 || write_highlights(search, out) < 0)
        return -1;
    write_next(out, next_of(search, 0, 0));
    if (write_results(search, out) < 0 || write_state(search, out) < 0)
        return -1;
    json_write_end(out);
    return 0;
}
