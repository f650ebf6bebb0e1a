/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/search.h"

#include <stdlib.h>

#include "base/limits.h"
#include "matrix/relations.h"
#include "service/rooms/search_private.h"
#include "store/room.h"

/* A round of the index that a search waits for, at most so many of them: what is left then is found
 * by the next search. Behind more entries of the log than BACKLOG_MAX (a new index, an upgrade)
 * nobody waits: the store's own thread takes them in, and sends are not kept behind it. */
#define ROUNDS_MAX  20
#define BACKLOG_MAX (4 * LIMIT_SEARCH_ROUND)
/* Matches asked of the index at once. */
#define STRIDE           100
#define PREDECESSORS_MAX 20

/* ---- what was said last ---- */

/* USE_DONE: the index holds it; USE_WAIT; -1. */
static int take_in_the_last(struct use *use)
{
    struct search_round *round;
    int64_t backlog;
    if (!use->x || http_rerun_count(use->x) >= ROUNDS_MAX)
        return USE_DONE;
    if (search_measure_backlog(&use->read, &backlog, &use->err) < 0)
        return -1;
    if (backlog > BACKLOG_MAX)
        return USE_DONE;
    int found = search_round_load(&use->read, http_arena(use->x), &round, &use->err);
    if (found != 1)
        return found;
    return use_commit_first(use, search_round_write, NULL, round);
}

/* ---- where ---- */

struct room_set {
    struct int_map wanted; /* by filter.rooms and what those replace; the values mean nothing */
    const struct membership_room *rows;
    size_t n;
};

static const struct membership_room *find_row(const struct room_set *set, int64_t room)
{
    size_t low = 0, high = set->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (set->rows[middle].member.room < room)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->n && set->rows[low].member.room == room ? &set->rows[low] : NULL;
}

/* The room that a room of the caller's replaces: 1, 0, -1. */
static int find_predecessor(struct use *use, const struct membership_room *row, int64_t *ret_room)
{
    CLEANUP(event_cleanup) struct event *create = NULL;
    const struct json *content;
    int found =
        row->create_event ? event_load(&use->read, row->create_event, &create, &use->err) : 0;
    if (found != 1)
        return found;
    if (json_parse(use->arena, arena_str(use->arena, create->members.content), &content,
                   &use->err) < 0)
        return -1;
    struct str id = json_find_str(json_find(content, STR("predecessor")), STR("room_id"));
    return id.p ? store_find_name(use->server->store, id, ret_room, &use->err) : 0;
}

static int want_room(struct use *use, struct room_set *set, struct str room_id)
{
    int64_t room;
    int found = store_find_name(use->server->store, room_id, &room, &use->err);
    for (size_t i = 0; found == 1 && i < PREDECESSORS_MAX; i++) {
        const struct membership_room *row = find_row(set, room);
        int_map_put(&set->wanted, room, set);
        found = row ? find_predecessor(use, row, &room) : 0;
    }
    return found < 0 ? -1 : 0;
}

static int want_rooms(struct search *search, struct room_set *set)
{
    const struct filter_list *rooms = search->request->filter.rooms;
    for (size_t i = 0; rooms && i < rooms->n_plain; i++)
        if (want_room(search->use, set, rooms->plain[i]) < 0)
            return -1;
    return 0;
}

/* 1, 0, -1. */
static int is_searched(struct search *search, const struct room_set *set,
                       const struct membership_room *row)
{
    const struct event_filter *filter = &search->request->filter;
    const struct search_token *token = &search->token;
    unsigned kinds = MEMBERSHIP_BIT(MEMBERSHIP_JOIN) | MEMBERSHIP_BIT(MEMBERSHIP_LEAVE) |
                     MEMBERSHIP_BIT(MEMBERSHIP_BAN);
    struct use *use = search->use;
    struct str room_id;
    if (!(kinds & MEMBERSHIP_BIT(row->member.kind)) || row->flags & ROOM_ENCRYPTED ||
        row->member.flags & MEMBERSHIP_FORGOTTEN)
        return 0;
    if ((filter->rooms && !int_map_find(&set->wanted, row->member.room)) ||
        (token->group == SEARCH_BY_ROOM && token->group_id != row->member.room))
        return 0;
    if (!filter->not_rooms)
        return 1;
    if (store_name(use->server->store, row->member.room, use->arena, &room_id, &use->err) < 0)
        return -1;
    return !filter_list_has(filter->not_rooms, room_id);
}

static int by_last_move(const void *a, const void *b)
{
    int64_t x = ((const struct membership_room *)a)->pos;
    int64_t y = ((const struct membership_room *)b)->pos;
    return (x < y) - (x > y);
}

static int find_rooms(struct search *search, struct room_set *set)
{
    struct use *use = search->use;
    struct membership_room *rows, *searched;
    size_t n = 0;
    if (membership_list_with_rooms(&use->read, use->caller.user, use->arena, &rows, &set->n,
                                   &use->err) < 0)
        return -1;
    set->rows = rows;
    if (want_rooms(search, set) < 0)
        return -1;
    searched = ARENA_NEW_N(use->arena, set->n, struct membership_room);
    for (size_t i = 0; i < set->n; i++) {
        int wanted = is_searched(search, set, &rows[i]);
        if (wanted < 0)
            return -1;
        if (wanted)
            searched[n++] = rows[i];
    }
    if (n > LIMIT_SEARCH_ROOMS)
        qsort(searched, n, sizeof *searched, by_last_move);
    for (size_t i = 0; i < n && i < LIMIT_SEARCH_ROOMS; i++)
        ARENA_VEC_ADD(use->arena, &search->rooms, searched[i].member.room);
    return 0;
}

/* ---- whose ---- */

static int find_senders(struct search *search)
{
    const struct filter_list *senders = search->request->filter.senders;
    const struct search_token *token = &search->token;
    struct use *use = search->use;
    VEC(int64_t) known = {0};
    for (size_t i = 0; senders && i < senders->n_plain; i++) {
        int64_t sender;
        int found = store_find_name(use->server->store, senders->plain[i], &sender, &use->err);
        if (found < 0)
            return -1;
        if (found)
            ARENA_VEC_ADD(use->arena, &known, sender);
    }
    search->nobody = senders && known.n == 0;
    if (token->group == SEARCH_BY_SENDER && !senders)
        ARENA_VEC_ADD(use->arena, &known, token->group_id);
    search->senders = known.p;
    search->n_senders = known.n;
    return 0;
}

/* ---- what ---- */

static int find_words(struct search *search)
{
    struct use *use = search->use;
    size_t in_phrases = 0;
    if (search->request->term.n > LIMIT_SEARCH_TERM)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The search term is too long");
    search_words_split(use->arena, search->request->term, &search->words);
    search_words_sort(&search->words);
    search_phrases_split(use->arena, search->request->term, &search->phrases);
    for (size_t i = 0; i < search->phrases.n; i++)
        in_phrases += search->phrases.phrases[i].n;
    if (search->words.n > LIMIT_SEARCH_WORDS || in_phrases > LIMIT_SEARCH_WORDS)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The search term has too many words");
    return 0;
}

/* The index knows which words a text has, not in which order. */
static bool holds_phrases(const struct search *search, const struct search_words *words)
{
    for (size_t i = 0; i < search->phrases.n; i++)
        if (!search_words_hold(words, &search->phrases.phrases[i]))
            return false;
    return true;
}

/* How well a text answers, from 0 to 1: the part of it that was asked for counts, as in BM25, of
 * which the rarity of words is left out, as each result has them all. */
static double rank_words(const struct search *search, const struct search_words *words)
{
    double rank = 0;
    for (size_t i = 0; i < search->words.n; i++) {
        double times = 0;
        for (size_t k = 0; k < words->n; k++)
            times += str_eq(words->words[k], search->words.words[i]);
        rank += times / (times + 0.3 + 0.06 * (double)words->n);
    }
    return search->words.n ? rank / (double)search->words.n : 0;
}

/* ---- matches ---- */

static int find_view(struct search *search, int64_t room, struct view **ret_view)
{
    struct view *view = int_map_find(&search->views, room);
    if (!view) {
        view = ARENA_NEW(search->use->arena, struct view);
        int found = view_open(search->use, room, view);
        if (found != 1)
            return found;
        int_map_put(&search->views, room, view);
    }
    *ret_view = view;
    return 1;
}

/* Looked up once: a message may have very many edits that match. */
static int find_last_edit(struct search *search, struct view *view, struct event *event,
                          int64_t *ret_id)
{
    CLEANUP(event_cleanup) struct event *edit = NULL;
    int64_t *known = int_map_find(&search->edits, event->id);
    if (!known) {
        if (view_find_edit(view, event, &edit) < 0)
            return -1;
        known = ARENA_NEW(view->arena, int64_t);
        *known = edit ? edit->id : 0;
        int_map_put(&search->edits, event->id, known);
    }
    *ret_id = *known;
    return 0;
}

/* What the match shows: the event itself unless a later edit says otherwise, or what it edits when
 * it is the last edit of that: 1, 0, -1. */
static int find_shown(struct search *search, struct view *view, struct event *match,
                      const struct pdu *pdu, int64_t *ret_event)
{
    CLEANUP(event_cleanup) struct event *original = NULL;
    struct relation relation;
    int64_t edit = 0;
    relation_parse(pdu->content, &relation);
    bool is_edit = !match->state_key && relation.kind == RELATION_REPLACE;
    if (is_edit) {
        int found = view_find_event(view, relation.event_id, &original);
        if (found != 1)
            return found;
        if (original->redacted_by) /* what it said in the end is gone with it */
            return 0;
    }
    if (!match->state_key && find_last_edit(search, view, is_edit ? original : match, &edit) < 0)
        return -1;
    if (edit != (is_edit ? match->id : 0))
        return 0;
    *ret_event = is_edit ? original->id : match->id;
    return 1;
}

static bool passes(struct search *search, const struct view *view, const struct event *match,
                   const struct pdu *pdu)
{
    struct filter_subject subject = {pdu->type, pdu->sender, view->room_id, pdu->content};
    struct event_filter filter = search->request->filter;
    filter.rooms = filter.not_rooms = NULL; /* judged with what rooms replace */
    if (search->token.group == SEARCH_BY_SENDER && search->token.group_id != match->sender)
        return false;
    return filter_allows(&filter, &subject);
}

/* 1 it is a result, 0, -1. Memory of the match is given back after it. */
static int judge(struct search *search, struct view *view, struct event *match)
{
    struct use *use = search->use;
    struct search_words words;
    int64_t shown;
    struct pdu pdu;
    if (match->redacted_by || (!match->state_key && ignored_has(&search->ignored, match->sender)))
        return 0;
    /* Who was invited and never joined reads nothing yet, whatever the history's visibility. */
    if (view->membership != MEMBERSHIP_JOIN && !view->was_joined)
        return 0;
    int visible = view_can_see(view, match);
    if (visible != 1)
        return visible;
    if (view_pdu(view, match, &pdu) < 0)
        return -1;
    if (!passes(search, view, match, &pdu))
        return 0;
    unsigned key = search_key_of(use->server->store, match->type);
    search_words_split(search->scratch, search_text(search->scratch, key, pdu.content), &words);
    if (!holds_phrases(search, &words))
        return 0;
    int found = find_shown(search, view, match, &pdu, &shown);
    if (found != 1)
        return found;
    struct search_result result = {
        .pos = match->pos,
        .match = match->id,
        .shown = shown,
        .room = match->room,
        .sender = match->sender,
        .view = view,
        .rank = rank_words(search, &words),
    };
    ARENA_VEC_ADD(view->arena, &search->results, result);
    return 1;
}

static int judge_hit(struct search *search, int64_t id)
{
    CLEANUP(event_cleanup) struct event *match = NULL;
    struct use *use = search->use;
    struct arena *arena = use->arena;
    struct view *view;
    int found = event_load(&use->read, id, &match, &use->err);
    if (found == 1)
        found = find_view(search, match->room, &view);
    if (found != 1)
        return found;
    arena_reset(search->scratch);
    use->arena = search->scratch;
    int status = judge(search, view, match);
    use->arena = arena;
    return status;
}

/* From `before` back, until the page is full and its count is known, or enough was looked at. */
static int look(struct search *search, int64_t before)
{
    struct use *use = search->use;
    struct search_query query = {
        .words = search->words,
        .rooms = search->rooms.p,
        .n_rooms = search->rooms.n,
        .senders = search->senders,
        .n_senders = search->n_senders,
        .keys = search->request->keys,
        .before = before,
        .limit = STRIDE,
    };
    for (size_t looked_at = 0; looked_at < LIMIT_SEARCH_VISITS; looked_at += STRIDE) {
        struct search_hit *hits;
        size_t n;
        if (search_find(&use->read, &query, use->arena, &hits, &n, &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            if (judge_hit(search, hits[i].event) < 0)
                return -1;
        if (n < STRIDE)
            return 0;
        query.before = search->looked_to = hits[n - 1].pos;
    }
    search->cut = true;
    return 0;
}

static int by_rank(const void *a, const void *b)
{
    const struct search_result *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? 1 : -1;
    return (x->pos < y->pos) - (x->pos > y->pos);
}

/* Of all that was found only the page is held: the rest is numbers. */
static int load_page(struct search *search)
{
    struct use *use = search->use;
    search->page = ARENA_NEW_N(use->arena, search->n, struct search_item);
    for (size_t i = 0; i < search->n; i++) {
        const struct search_result *result = &search->results.p[search->first + i];
        struct search_item *item = &search->page[i];
        item->view = result->view;
        item->rank = result->rank;
        int found = event_load(&use->read, result->match, &item->match, &use->err);
        if (found == 1)
            found = event_load(&use->read, result->shown, &item->event, &use->err);
        if (found == 0)
            return err_internal(&use->err, "a result of a search is gone from its snapshot");
        if (found < 0)
            return -1;
    }
    return 0;
}

static int find(struct search *search)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(MIB(4));
    struct search_token *token = &search->token;
    size_t limit = search->request->filter.limit ? (size_t)search->request->filter.limit
                                                 : LIMIT_MESSAGES_DEFAULT;
    search->scratch = scratch;
    if (search->words.n && search->rooms.n && !search->nobody &&
        look(search, token->by_rank ? token->top : token->at) < 0)
        return -1;
    if (token->by_rank && search->results.n)
        qsort(search->results.p, search->results.n, sizeof *search->results.p, by_rank);
    search->first = token->by_rank ? (size_t)token->at : 0;
    if (search->first > search->results.n)
        search->first = search->results.n;
    search->n = search->results.n - search->first;
    if (search->n > limit)
        search->n = limit;
    return load_page(search);
}

/* ---- the use case ---- */

static int begin(struct search *search)
{
    struct use *use = search->use;
    const struct search_request *request = search->request;
    struct search_token *token = &search->token;
    *token = (struct search_token){.by_rank = request->by_rank};
    if (!request->next_batch.p) {
        *(request->by_rank ? &token->top : &token->at) = use->read.head.pos + 1;
        return 0;
    }
    if (search_token_read(request->next_batch, token) < 0 || token->by_rank != request->by_rank)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "next_batch is not of this search");
    return 0;
}

static int run(struct search *search, struct json_writer *out)
{
    struct room_set set = {0};
    if (begin(search) < 0 || find_words(search) < 0)
        return -1;
    int status = find_rooms(search, &set);
    int_map_done(&set.wanted);
    if (status < 0 || find_senders(search) < 0 || ignored_load(search->use, &search->ignored) < 0 ||
        find(search) < 0)
        return -1;
    return search_write(search, out);
}

int rooms_search(struct use *use, const struct search_request *request, struct json_writer *out)
{
    struct search search = {.use = use, .request = request};
    int status = take_in_the_last(use);
    if (status != USE_DONE)
        return status;
    status = run(&search, out);
    for (size_t i = 0; search.page && i < search.n; i++) {
        event_unref(search.page[i].match);
        event_unref(search.page[i].event);
    }
    int_map_done(&search.edits);
    int_map_done(&search.views);
    return status;
}
