/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/state_list.h"

#include "base/limits.h"
#include "base/mem.h"
#include "service/pieces.h"

/* Events loaded at once: two MiB at most. */
#define PAGE 32

/* ---- which events ---- */

static bool is_sender(const struct state_choice *choice, int64_t user)
{
    for (size_t i = 0; i < choice->n_events; i++)
        if (choice->events[i]->sender == user)
            return true;
    return false;
}

/* What can be told without the event. */
static bool is_wanted(const struct view *view, const struct state_choice *choice,
                      const struct state_entry *entry)
{
    if (entry->type != rooms_names(view->use->server)->member)
        return !choice->members_only;
    return !choice->lazy || is_sender(choice, entry->state_key);
}

int state_list_fill(struct state_list *list, struct view *view, int64_t state,
                    const struct state_choice *choice)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_PIECE_ARENA);
    struct use *use = view->use;
    struct state_entry *entries;
    size_t n;
    if (!state)
        return 0;
    if (state_load(&use->read, state, arena, &entries, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (is_wanted(view, choice, &entries[i]))
            VEC_ADD(&list->ids, entries[i].event);
    return 0;
}

void state_list_done(struct state_list *list)
{
    VEC_DONE(&list->ids);
    *list = (struct state_list){0};
}

/* 1, 0, -1 */
static int is_chosen(struct view *view, const struct state_choice *choice,
                     const struct event *event)
{
    CLEANUP(arena_cleanup) struct arena *scratch = NULL;
    struct pdu pdu;
    if (!choice->kinds && !choice->filter)
        return 1;
    scratch = arena_new(LIMIT_REQUEST_ARENA);
    if (pdu_open(scratch, view->version, event->json, event->hash, &pdu, &view->use->err) < 0)
        return -1;
    if (choice->kinds && !(choice->kinds & MEMBERSHIP_BIT(membership_of(&pdu))))
        return 0;
    struct filter_subject subject = {pdu.type, pdu.sender, view->room_id, pdu.content};
    return !choice->filter || filter_allows(choice->filter, &subject);
}

/* ---- a page of events ---- */

struct page {
    struct event *events[PAGE];
    struct event
        *redactions[PAGE]; /* held, so that each is found in the cache when it is written */
    size_t n, n_redactions;
};

static void page_done(struct page *page)
{
    for (size_t i = 0; i < page->n; i++)
        event_unref(page->events[i]);
    for (size_t i = 0; i < page->n_redactions; i++)
        event_unref(page->redactions[i]);
}

static int page_load(struct page *page, struct use *use, const int64_t *ids, size_t n)
{
    int64_t redactions[PAGE] = {0};
    size_t n_redactions = 0;
    if (event_load_many(&use->read, ids, n, page->events, &use->err) < 0)
        return -1;
    page->n = n;
    for (size_t i = 0; i < n; i++)
        if (page->events[i] && page->events[i]->redacted_by)
            redactions[n_redactions++] = page->events[i]->redacted_by;
    if (event_load_many(&use->read, redactions, n_redactions, page->redactions, &use->err) < 0)
        return -1;
    page->n_redactions = n_redactions;
    return 0;
}

int state_list_next(struct state_list *list, struct json_writer *out, const struct format *format,
                    const struct state_choice *choice)
{
    CLEANUP(page_done) struct page page = {0};
    struct format listed = *format;
    size_t left = list->ids.n - list->next, n = left < PAGE ? left : PAGE;
    listed.listed = true;
    if (n && page_load(&page, format->view->use, list->ids.p + list->next, n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int chosen = page.events[i] ? is_chosen(format->view, choice, page.events[i]) : 0;
        if (chosen < 0 || (chosen && format_event(out, &listed, page.events[i]) < 0))
            return -1;
    }
    list->next += n;
    return list->next < list->ids.n;
}

/* ---- answers ---- */

struct answer {
    struct view view;
    struct state_list list;
    struct state_choice choice;
    struct event_filter filter;
    int64_t after; /* the last joined member that was written */
};

static void answer_done(void *arg)
{
    struct answer *answer = arg;
    state_list_done(&answer->list);
}

static struct answer *answer_new(struct use *use, const struct view *view)
{
    struct answer *answer = ARENA_NEW(use->arena, struct answer);
    answer->view = *view;
    return answer;
}

static void close_all(struct json_writer *out)
{
    while (out->depth)
        json_write_end(out);
}

static int write_state(struct use *use, struct json_writer *out, void *arg)
{
    struct answer *answer = arg;
    struct format format = {.view = &answer->view, .with_room_id = true};
    view_go_on(&answer->view, use);
    int more = state_list_next(&answer->list, out, &format, &answer->choice);
    if (more == 0)
        close_all(out);
    return more;
}

int state_list_answer(struct use *use, struct json_writer *out, const struct view *view,
                      int64_t state, const struct state_choice *choice)
{
    struct answer *answer = answer_new(use, view);
    answer->choice = *choice;
    if (choice->filter) { /* outlives the handler */
        answer->filter = *choice->filter;
        answer->choice.filter = &answer->filter;
    }
    if (state_list_fill(&answer->list, &answer->view, state, choice) < 0) {
        answer_done(answer);
        return -1;
    }
    return pieces_run(use, out, write_state, answer_done, answer);
}

/* ---- joined members ---- */

static int write_profile(struct json_writer *out, struct view *view, const struct event *event)
{
    struct use *use = view->use;
    struct pdu pdu;
    if (pdu_open(use->arena, view->version, event->json, event->hash, &pdu, &use->err) < 0)
        return -1;
    struct str name = json_find_str(pdu.content, STR("displayname"));
    struct str avatar = json_find_str(pdu.content, STR("avatar_url"));
    json_write_key(out, pdu.state_key);
    json_write_object(out);
    if (avatar.p)
        json_write_member_str(out, STR("avatar_url"), avatar);
    if (name.p)
        json_write_member_str(out, STR("display_name"), name);
    json_write_end(out);
    return 0;
}

static int write_profiles(struct json_writer *out, struct view *view,
                          const struct membership_row *rows, size_t n)
{
    CLEANUP(page_done) struct page page = {0};
    int64_t ids[PAGE] = {0};
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].event;
    if (event_load_many(&view->use->read, ids, n, page.events, &view->use->err) < 0)
        return -1;
    page.n = n;
    for (size_t i = 0; i < n; i++)
        if (page.events[i] && write_profile(out, view, page.events[i]) < 0)
            return -1;
    return 0;
}

static int write_joined(struct use *use, struct json_writer *out, void *arg)
{
    struct answer *answer = arg;
    struct membership_row *rows;
    size_t n;
    view_go_on(&answer->view, use);
    if (membership_list_users(&use->read, answer->view.row.id, MEMBERSHIP_JOIN, answer->after, PAGE,
                              use->arena, &rows, &n, &use->err) < 0 ||
        write_profiles(out, &answer->view, rows, n) < 0)
        return -1;
    if (n)
        answer->after = rows[n - 1].user;
    if (n < PAGE)
        close_all(out);
    return n == PAGE;
}

int state_list_answer_joined(struct use *use, struct json_writer *out, const struct view *view)
{
    json_write_object(out);
    json_write_key(out, STR("joined"));
    json_write_object(out);
    return pieces_run(use, out, write_joined, answer_done, answer_new(use, view));
}
