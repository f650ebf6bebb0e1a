/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/receipts.h"

#include "base/clock.h"
#include "base/limits.h"
#include "matrix/relations.h"
#include "service/rooms/create_room.h"
#include "service/rooms/view.h"
#include "store/account_data.h"

#define FULLY_READ STR("m.fully_read")

struct marking {
    int64_t user, room;
    struct receipt receipts[2];
    size_t n_receipts;
    struct str fully_read, before; /* content, and the one it was decided on; STR_NONE: none */
};

static int write_marks(struct write *w, void *arg, struct err *err)
{
    const struct marking *marking = arg;
    if (marking->fully_read.p &&
        account_data_expect(w, marking->user, marking->room, FULLY_READ, marking->before, err) < 0)
        return -1;
    for (size_t i = 0; i < marking->n_receipts; i++) {
        struct receipt receipt = marking->receipts[i];
        if (receipt_advance(w, &receipt, err) < 0)
            return -1;
    }
    if (!marking->fully_read.p)
        return 0;
    return account_data_put(w, marking->user, marking->room, FULLY_READ, marking->fully_read, err);
}

static int find_event(struct view *view, struct str event_id, struct event **ret_event)
{
    int found = view_find_event(view, event_id, ret_event);
    if (found < 0)
        return -1;
    return found ? 0
                 : err_client(&view->use->err, 404, "M_NOT_FOUND", "No such event in this room");
}

/* ---- threads ---- */

static int find_relation(void *arg, struct str event_id, struct relation *ret_relation,
                         struct err *err)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct view *view = arg;
    struct pdu pdu;
    int found = view_find_event(view, event_id, &event);
    if (found < 0)
        *err = view->use->err;
    if (found != 1)
        return found;
    if (view_pdu(view, event, &pdu) < 0) {
        *err = view->use->err;
        return -1;
    }
    relation_parse(pdu.content, ret_relation);
    return 1;
}

/* The event must belong to the thread that the receipt is for; a root counts for its own thread
 * too. */
static int check_thread(struct view *view, const struct event *event, struct str event_id,
                        struct str thread)
{
    struct use *use = view->use;
    struct relation relation;
    struct str root;
    struct pdu pdu;
    if (!thread.p || str_eq(thread, event_id))
        return 0;
    if (view_pdu(view, event, &pdu) < 0)
        return -1;
    relation_parse(pdu.content, &relation);
    int found = relation_find_thread(&relation, find_relation, view, &root, &use->err);
    if (found < 0)
        return -1;
    bool main = str_eq(thread, STR("main"));
    if (main ? !found : found && str_eq(root, thread))
        return 0;
    return err_client(&use->err, 400, "M_INVALID_PARAM", "The event is not in that thread");
}

/* ---- receipts ---- */

static int add_receipt(struct view *view, struct marking *marking, struct str event_id,
                       struct str thread, enum receipt_type type)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    if (!event_id.p)
        return 0;
    if (find_event(view, event_id, &event) < 0 || check_thread(view, event, event_id, thread) < 0)
        return -1;
    marking->receipts[marking->n_receipts++] = (struct receipt){
        .room = view->row.id,
        .user = view->use->caller.user,
        .type = type,
        .thread = thread,
        .event = event->id,
        .place = event->place,
        .ts = clock_wall_ms(),
    };
    return 0;
}

static int add_fully_read(struct view *view, struct marking *marking, struct str event_id)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    CLEANUP(event_cleanup) struct event *old = NULL;
    struct use *use = view->use;
    const struct json *doc;
    struct err ignored = ERR_INIT;
    if (!event_id.p)
        return 0;
    if (find_event(view, event_id, &event) < 0)
        return -1;
    int found = account_data_load(&use->read, use->caller.user, view->row.id, FULLY_READ,
                                  use->arena, &marking->before, &use->err);
    if (found == 1 && json_parse(use->arena, marking->before, &doc, &ignored) == 0) {
        struct str before = json_find_str(doc, STR("event_id"));
        found = before.p ? view_find_event(view, before, &old) : 0;
    }
    if (found < 0)
        return -1;
    if (!old || old->place < event->place)
        marking->fully_read = content_of_one(use, STR("event_id"), event_id);
    return 0;
}

int receipts_mark(struct use *use, const struct mark *mark)
{
    struct marking *marking = ARENA_NEW(use->arena, struct marking);
    struct view view;
    if (view_open_joined(use, mark->room_id, &view) < 0)
        return -1;
    if (mark->thread.p && (mark->thread.n == 0 || mark->thread.n > LIMIT_EVENT_FIELD_BYTES))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "thread_id is empty or too long");
    marking->user = use->caller.user;
    marking->room = view.row.id;
    if (add_receipt(&view, marking, mark->read, mark->thread, RECEIPT_READ) < 0 ||
        add_receipt(&view, marking, mark->read_private, mark->thread, RECEIPT_READ_PRIVATE) < 0 ||
        add_fully_read(&view, marking, mark->fully_read) < 0)
        return -1;
    if (marking->n_receipts == 0 && !marking->fully_read.p)
        return 0;
    return use_commit(use, write_marks, NULL, marking);
}
