/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/change.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "matrix/auth.h"
#include "service/federation/signer.h"
#include "service/push/judge.h"
#include "service/rooms/access.h"
#include "service/rooms/change_write.h"
#include "service/rooms/room_private.h"
#include "store/relation.h"

void change_begin(struct change *change, struct use *use, struct room *room)
{
    *change = (struct change){
        .use = use,
        .room = room,
        .old_head = room->head.head,
        .head = room->head,
    };
}

void change_end(struct change *change)
{
    for (size_t i = 0; i < change->events.n; i++)
        event_unref(change->events.p[i].event);
    for (size_t i = 0; i < change->opened.n; i++)
        opened_unref(change->opened.p[i].opened);
    change->events.n = change->opened.n = 0;
}

struct str change_event_id(const struct decided *decided)
{
    return decided->pdu.event_id;
}

/* ---- state as the change sees it ---- */

static const struct decided *find_decided(const struct change *change, int64_t type,
                                          int64_t state_key)
{
    for (size_t i = change->events.n; i-- > 0;) {
        const struct decided *decided = &change->events.p[i];
        if (decided->event->state_key && decided->event->type == type &&
            decided->event->state_key == state_key)
            return decided;
    }
    return NULL;
}

int64_t change_state_id(const struct change *change, int64_t type, int64_t state_key)
{
    const struct decided *decided = find_decided(change, type, state_key);
    return decided ? decided->event->id : room_state_id(change->room, type, state_key);
}

enum membership change_membership(const struct change *change, int64_t user)
{
    const struct decided *decided =
        find_decided(change, rooms_names(change->use->server)->member, user);
    return decided ? decided->membership : room_membership(change->room, user);
}

/* Of the room as it was before the change: 1, 0, -1. */
static int open_state(struct change *change, int64_t type, int64_t state_key,
                      const struct pdu **ret_pdu)
{
    int64_t event = room_state_id(change->room, type, state_key);
    for (size_t i = 0; i < change->opened.n; i++) {
        if (change->opened.p[i].event != event)
            continue;
        *ret_pdu = opened_pdu(change->opened.p[i].opened);
        return 1;
    }
    struct opened *opened;
    int found = room_state_opened(change->use, change->room, type, state_key, &opened);
    if (found != 1)
        return found;
    ARENA_VEC_ADD(change->use->arena, &change->opened, (struct change_opened){event, opened});
    *ret_pdu = opened_pdu(opened);
    return 1;
}

int change_state_pdu(struct change *change, int64_t type, int64_t state_key,
                     const struct pdu **ret_pdu)
{
    const struct decided *decided = find_decided(change, type, state_key);
    if (!decided)
        return open_state(change, type, state_key, ret_pdu);
    *ret_pdu = &decided->pdu;
    return 1;
}

/* The event at a key given as text: 1, 0, -1. */
static int find_id_by_text(struct change *change, struct str type, struct str state_key,
                           int64_t *ret_event, struct err *err)
{
    struct store *store = change->use->server->store;
    int64_t type_name, key_name;
    int found = store_find_name(store, type, &type_name, err);
    if (found == 1)
        found = store_find_name(store, state_key, &key_name, err);
    if (found != 1)
        return found;
    *ret_event = change_state_id(change, type_name, key_name);
    return *ret_event != 0;
}

int change_find(void *context, struct str type, struct str state_key, const struct pdu **ret_event,
                struct err *err)
{
    struct change *change = context;
    struct store *store = change->use->server->store;
    int64_t type_name, key_name;
    int found = store_find_name(store, type, &type_name, err);
    if (found == 1)
        found = store_find_name(store, state_key, &key_name, err);
    if (found != 1)
        return found;
    found = change_state_pdu(change, type_name, key_name, ret_event);
    if (found < 0)
        *err = change->use->err;
    return found;
}

/* ---- building ---- */

struct cited {
    struct str ids[AUTH_SELECT_MAX];
    int64_t events[AUTH_SELECT_MAX];
    size_t n;
};

static int cite(struct change *change, const struct auth_subject *subject, struct cited *ret_cited)
{
    struct auth_key keys[AUTH_SELECT_MAX];
    const struct pdu *pdu;
    size_t n = auth_select(change->room->version, subject, keys);
    ret_cited->n = 0;
    for (size_t i = 0; i < n; i++) {
        int found = change_find(change, keys[i].type, keys[i].state_key, &pdu, &change->use->err);
        if (found < 0)
            return -1;
        if (!found)
            continue;
        if (find_id_by_text(change, keys[i].type, keys[i].state_key,
                            &ret_cited->events[ret_cited->n], &change->use->err) < 0)
            return -1;
        ret_cited->ids[ret_cited->n++] = pdu->event_id;
    }
    return 0;
}

/* The first event of a room has a time of its own: see rooms_birth_ms. */
static int64_t time_of(const struct change *change, const struct draft *draft)
{
    if (draft->origin_server_ts)
        return draft->origin_server_ts;
    return change->room->id ? clock_wall_ms() : rooms_birth_ms(change->room->rooms);
}

static int build(struct change *change, const struct draft *draft, const struct json *content,
                 struct decided *ret_decided)
{
    struct use *use = change->use;
    struct server *server = use->server;
    struct auth_subject subject = {draft->type, draft->sender, draft->state_key, content};
    struct cited cited;
    if (cite(change, &subject, &cited) < 0)
        return -1;
    memcpy(ret_decided->auth, cited.events, sizeof ret_decided->auth);
    ret_decided->n_auth = cited.n;
    struct pdu_template fields = {
        .room_id = change->room->room_id,
        .type = draft->type,
        .sender = draft->sender,
        .state_key = draft->state_key,
        .content = draft->content,
        .redacts = draft->redacts,
        .auth_events = cited.ids,
        .n_auth_events = cited.n,
        .prev_events = change->head.extremities,
        .n_prev_events = change->head.n_extremities,
        .depth =
            change->head.depth < LIMIT_SAFE_INTEGER ? change->head.depth + 1 : LIMIT_SAFE_INTEGER,
        .origin_server_ts = time_of(change, draft),
    };
    /* Taken after the event's time is: none is later than its key. */
    const struct server_key *signing = signer_take(server->signer);
    int status = pdu_build(use->arena, change->room->version, &fields, &signing->key, signing->id,
                           server->name, &ret_decided->pdu, &use->err);
    signer_give(server->signer, signing);
    return status;
}

static int authorise(struct change *change, const struct pdu *pdu)
{
    struct auth_input input = {
        .version = change->room->version,
        .event = pdu,
        .state = {change_find, change},
    };
    return auth_check(&input, &change->use->err);
}

/* Who is in a room is told the reason of a rule even where they lack the power as well; who is not
 * learns of the rules only once the room could be entered. */
static int judge(struct change *change, const struct draft *draft, const struct pdu *pdu)
{
    bool inside = change_membership(change, draft->sender_name) == MEMBERSHIP_JOIN ||
                  str_eq(draft->type, STR("m.room.create"));
    if (inside && change_check_access(change, pdu, draft->address) < 0)
        return -1;
    if (authorise(change, pdu) < 0)
        return -1;
    return inside ? 0 : change_check_access(change, pdu, draft->address);
}

/* A new room's create event gives it its id. That it is taken takes a clock that was set back, or
 * another node in the same millisecond: the next try has another time. */
static int name_room(struct change *change, const struct pdu *create)
{
    struct room *room = change->room;
    struct use *use = change->use;
    int64_t id;
    if (room->id)
        return 0;
    if (!room->room_id.p)
        room_set_id(room, create->room_id);
    if (store_intern(use->server->store, room->room_id, &id, &use->err) < 0)
        return -1;
    if (rooms_holds(room->rooms, id))
        return err_client(&use->err, 503, "M_UNKNOWN", "This room could not be made: try again");
    room->id = id;
    return 0;
}

/* ---- what an event becomes ---- */

static int fill_event(struct change *change, const struct draft *draft, const struct pdu *pdu,
                      struct event *ret_fields)
{
    struct use *use = change->use;
    struct store *store = use->server->store;
    struct event fields = {
        .id = store_new_id(store),
        .room = change->room->id,
        .place = change->head.last_place + 1,
        .sender = draft->sender_name,
        .origin_server_ts = pdu->origin_server_ts,
        .depth = pdu->depth,
        .state_before = change->head.state,
        .state = change->head.state,
        .flags = push_judge(use->server->judge, pdu) | draft->flags,
    };
    memcpy(fields.hash, pdu->hash, sizeof fields.hash);
    if (store_intern(store, pdu->type, &fields.type, &use->err) < 0)
        return -1;
    if (pdu->state_key.p) {
        if (store_intern(store, pdu->state_key, &fields.state_key, &use->err) < 0)
            return -1;
        struct state_entry entry = {fields.type, fields.state_key, fields.id};
        if (state_make(&use->read, fields.room, fields.state_before, &entry, 1, &fields.state,
                       &use->err) < 0)
            return -1;
    }
    *ret_fields = fields;
    return 0;
}

static void move_head(struct change *change, const struct decided *decided)
{
    struct room_head *head = &change->head;
    head->head = decided->event->id;
    head->state = decided->event->state;
    head->last_place = decided->event->place;
    head->depth = decided->event->depth;
    head->extremities = ARENA_NEW(change->use->arena, struct str);
    head->extremity_ids = ARENA_NEW(change->use->arena, int64_t);
    head->extremities[0] = decided->pdu.event_id;
    head->extremity_ids[0] = decided->event->id;
    head->n_extremities = 1;
    head->extremities_kept = false;
}

int change_decide(struct change *change, const struct draft *draft,
                  const struct decided **ret_decided)
{
    struct use *use = change->use;
    const struct json *content;
    struct decided decided = {0};
    struct event fields;
    CHECK(!change->submitted);
    if (json_parse(use->arena, draft->content, &content, &use->err) < 0 ||
        build(change, draft, content, &decided) < 0 || judge(change, draft, &decided.pdu) < 0)
        return -1;
    if (pdu_is_state(&decided.pdu, STR("m.room.create"), STR("")) &&
        name_room(change, &decided.pdu) < 0)
        return -1;
    if (fill_event(change, draft, &decided.pdu, &fields) < 0 ||
        relation_intern(use->server->store, &decided.pdu, &decided.rel_type, &use->err) < 0)
        return -1;
    decided.event = event_new(&fields, decided.pdu.json);
    if (str_eq(decided.pdu.type, STR("m.room.member")))
        decided.membership = membership_of(&decided.pdu);
    ARENA_VEC_ADD(use->arena, &change->events, decided);
    move_head(change, &decided);
    if (ret_decided)
        *ret_decided = &change->events.p[change->events.n - 1];
    return 0;
}

void change_also(struct change *change, int (*run)(struct write *w, void *arg, struct err *err),
                 void *arg)
{
    ARENA_VEC_ADD(change->use->arena, &change->extras, (struct change_extra){run, arg});
}

void change_after(struct change *change, void (*run)(void *arg), void *arg)
{
    ARENA_VEC_ADD(change->use->arena, &change->wakes, (struct change_wake){run, arg});
}

/* ---- submitting ---- */

/* The room as it is once all of it is committed: what the next decision stands on. */
static void put_on_room(struct change *change)
{
    struct room *room = change->room;
    for (size_t i = 0; i < change->events.n; i++) {
        const struct decided *decided = &change->events.p[i];
        room_pending_add(room, decided->event);
        if (decided->event->state_key)
            room_state_put(&room->state, decided->event->type, decided->event->state_key,
                           decided->event->id, decided->membership);
    }
    room_head_set(room, &change->head);
}

/* What is submitted: the jobs of one or more rooms. */
struct submission {
    struct change_job **jobs;
    size_t n;
    struct arena *arena; /* where all of it is */
};

static int run_submission(struct write *w, void *arg, struct err *err)
{
    const struct submission *submission = arg;
    for (size_t i = 0; i < submission->n; i++)
        if (change_job_run(w, submission->jobs[i], err) < 0)
            return -1;
    return 0;
}

static void after_submission(void *arg, enum job_result result)
{
    const struct submission *submission = arg;
    for (size_t i = 0; i < submission->n; i++)
        change_job_after(submission->jobs[i], result);
}

static int add_job(struct submission *submission, struct change *change)
{
    CHECK(!change->submitted && change->events.n > 0);
    struct change_job *job = change_job_new(change);
    if (!job)
        return -1;
    submission->jobs[submission->n++] = job;
    return 0;
}

/* So that the jobs decided on these are refused with them. */
static struct job_steps steps_of(const struct submission *submission)
{
    struct job_step *steps = ARENA_NEW_N(submission->arena, submission->n, struct job_step);
    for (size_t i = 0; i < submission->n; i++)
        steps[i] = (struct job_step){submission->jobs[i]->was.head, submission->jobs[i]->row.head};
    return (struct job_steps){steps, submission->n};
}

static void put(struct change *change, const struct change_job *job)
{
    change->submitted = true;
    if (job->is_new)
        rooms_add(change->room);
    put_on_room(change);
    change->room->row = job->row;
}

/* The rooms are as they will be; what is left is to submit. NULL with the use's err. */
static struct submission *prepare(struct change *const *changes, size_t n)
{
    struct arena *arena = changes[0]->use->arena;
    struct submission *submission = ARENA_NEW(arena, struct submission);
    submission->arena = arena;
    submission->jobs = ARENA_NEW_N(arena, n, struct change_job *);
    for (size_t i = 0; i < n; i++)
        if (add_job(submission, changes[i]) < 0) {
            after_submission(submission, JOB_FAILED);
            return NULL;
        }
    for (size_t i = 0; i < n; i++)
        put(changes[i], submission->jobs[i]);
    changes[0]->use->steps = steps_of(submission);
    return submission;
}

int change_submit_all(struct change *const *changes, size_t n)
{
    struct use *use = changes[0]->use;
    struct submission *submission = prepare(changes, n);
    if (!submission)
        return -1;
    if (use_commit(use, run_submission, after_submission, submission) == 0)
        return 0;
    if (use->x) /* without an exchange, after_submission was called */
        after_submission(submission, JOB_FAILED);
    return -1;
}

static void after_first(void *arg, enum job_result result)
{
    struct arena *arena = ((struct submission *)arg)->arena;
    after_submission(arg, result);
    arena_free(arena);
}

/* From the submission on the appender may be done with the memory at any time. */
int change_submit_first(struct change *const *changes, size_t n)
{
    struct use *use = changes[0]->use;
    struct submission *submission = prepare(changes, n);
    if (!submission)
        return -1;
    for (size_t i = 0; i < n; i++)
        change_end(changes[i]);
    int status = use_commit_first(use, run_submission, after_first, submission);
    if (status < 0)
        after_submission(submission, JOB_FAILED);
    return status;
}

int change_submit(struct change *change)
{
    return change_submit_all(&change, 1);
}
