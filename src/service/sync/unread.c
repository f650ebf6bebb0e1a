/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/unread.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"
#include "matrix/relations.h"
#include "service/push/joined.h"
#include "service/push/verdict.h"
#include "service/sync/notifier.h"
#include "service/sync/tally.h"
#include "store/receipt.h"

/* Marks read at once. */
#define PAGE 1000
/* How many times as far as a reader needs a tally goes back beyond. */
#define FURTHER 3

struct counting {
    const struct unread_request *request;
    struct use *use;
    VEC(struct unread_thread) threads;
    size_t read;             /* events whose text was read */
    bool full;               /* a limit is reached: what lies further back is not counted */
    struct push_sight sight; /* for those whose text is read */
};

/* ---- threads and receipts ---- */

/* The main timeline is the first. NULL: too many. */
static struct unread_thread *thread_of(struct counting *counting, struct str root)
{
    struct arena *arena = counting->use->arena;
    for (size_t i = 0; i < counting->threads.n; i++)
        if (str_eq(counting->threads.p[i].root, root) && !counting->threads.p[i].root.p == !root.p)
            return &counting->threads.p[i];
    if (counting->threads.n >= LIMIT_UNREAD_THREADS)
        return NULL;
    ARENA_VEC_ADD(arena, &counting->threads,
                  ((struct unread_thread){
                      .root = root.p ? arena_str(arena, root) : root,
                      .read_place = INT64_MIN,
                  }));
    return &counting->threads.p[counting->threads.n - 1];
}

static void raise_to(struct unread_thread *thread, int64_t place)
{
    if (thread && place > thread->read_place)
        thread->read_place = place;
}

/* Where counting begins: nothing counts that came before the unthreaded receipt, or before one's
 * own joining. */
static int load_receipts(struct counting *counting, int64_t *ret_from)
{
    const struct unread_request *request = counting->request;
    int64_t from = INT64_MIN, joined;
    struct use *use = counting->use;
    struct receipt *rows;
    size_t n;
    if (receipt_list_own(&use->read, request->view->row.id, use->caller.user, use->arena, &rows, &n,
                         &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        bool main = str_eq(rows[i].thread, STR("main"));
        if (rows[i].thread.p)
            raise_to(thread_of(counting, main ? STR_NONE : rows[i].thread), rows[i].place);
        else if (rows[i].place > from)
            from = rows[i].place;
    }
    if (joined_find(request->view, request->member->event, from, &joined) < 0)
        return -1;
    if (joined == INT64_MAX)
        joined = 0; /* its event is not there */
    *ret_from = joined > from ? joined : from;
    return 0;
}

/* ---- events whose text must be read ---- */

struct str unread_thread_of(const struct pdu *pdu)
{
    struct relation relation;
    relation_parse(pdu->content, &relation);
    return relation.kind == RELATION_THREAD && !pdu->state_key.p ? relation.event_id : STR_NONE;
}

/* In memory of its own: there may be thousands of large events. */
static int read_event(struct counting *counting, const struct event_mark *mark)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = counting->use;
    struct push_verdict verdict;
    struct pdu pdu;
    int found = event_load(&use->read, mark->id, &event, &use->err);
    if (found != 1)
        return found;
    if (pdu_open(scratch, counting->request->view->version, event->json, event->hash, &pdu,
                 &use->err) < 0)
        return -1;
    counting->full |= ++counting->read >= LIMIT_UNREAD_JUDGED;
    struct unread_thread *thread = thread_of(counting, unread_thread_of(&pdu));
    if (!thread || mark->sender == use->caller.user || mark->place <= thread->read_place) {
        if (mark->sender == use->caller.user)
            raise_to(thread, mark->place);
        return 0;
    }
    if (!counting->request->reader->own_rules && (mark->flags & EVENT_JUDGED) &&
        !push_concerns(&counting->sight, &pdu)) {
        thread->notify += (mark->flags & EVENT_NOTIFIES) != 0;
        thread->highlight += (mark->flags & EVENT_HIGHLIGHTS) != 0;
        return 0;
    }
    if (push_look(&counting->sight, event, &pdu, scratch, &verdict) < 0)
        return -1;
    thread->notify += verdict.notify;
    thread->highlight += verdict.highlight;
    return 0;
}

/* ---- counting ---- */

/* The marks say it all, for most. */
static bool is_plain(const struct counting *counting, const struct event_mark *mark)
{
    if (!(mark->flags & EVENT_JUDGED) || (mark->flags & EVENT_IN_THREAD))
        return false;
    return mark->sender == counting->use->caller.user ||
           push_is_plain(&counting->sight, mark->flags);
}

/* Newest first: who answers has read what came before. */
static int count_mark(struct counting *counting, const struct event_mark *mark)
{
    bool own = mark->sender == counting->use->caller.user;
    if ((mark->flags & EVENT_REDACTED) || (own && mark->state_key) ||
        ignored_has(&counting->request->reader->ignored, mark->sender))
        return 0;
    if (!is_plain(counting, mark))
        return read_event(counting, mark);
    struct unread_thread *main = &counting->threads.p[0];
    if (own)
        raise_to(main, mark->place);
    if (own || mark->place <= main->read_place)
        return 0;
    main->notify += (mark->flags & EVENT_NOTIFIES) != 0;
    main->highlight += (mark->flags & EVENT_HIGHLIGHTS) != 0;
    return 0;
}

static int count_page(struct counting *counting, const struct event_mark *marks, size_t n)
{
    for (size_t i = 0; i < n && !counting->full; i++)
        if (count_mark(counting, &marks[i]) < 0)
            return -1;
    return 0;
}

/* Events after `from`, out of the store. */
static int count_stored(struct counting *counting, int64_t from)
{
    struct use *use = counting->use;
    struct arena *arena = use->arena;
    int64_t before = counting->request->end_place + 1;
    size_t n = PAGE, counted = 0;
    int status = 0;
    while (status == 0 && n == PAGE && !counting->full && before > from + 1) {
        CLEANUP(arena_cleanup) struct arena *page = arena_new(MIB(1));
        struct event_mark *marks;
        status = event_list_marks(&use->read, counting->request->view->row.id, from, before, PAGE,
                                  page, &marks, &n, &use->err);
        use->arena = arena;
        if (status == 0)
            status = count_page(counting, marks, n);
        before = status == 0 && n ? marks[n - 1].place : before;
        counted += n;
        counting->full |= counted >= LIMIT_UNREAD_COUNTED;
    }
    return status;
}

/* The same out of the window, which holds them all. */
static int count_window(struct counting *counting, int64_t from)
{
    const struct window *window = counting->request->window;
    struct event_mark marks[WINDOW_EVENTS];
    size_t n = 0;
    for (size_t i = window->n; i-- > 0;) {
        const struct event *event = window->events[i].event;
        if (event->place > from && event->place <= counting->request->end_place)
            marks[n++] = (struct event_mark){event->id,        event->place, event->sender,
                                             event->state_key, event->flags, event->pos};
    }
    return count_page(counting, marks, n);
}

static int count_recent(struct counting *counting, int64_t from)
{
    const struct window *window = counting->request->window;
    if (window && from >= window->floor_place)
        return count_window(counting, from);
    return count_stored(counting, from);
}

/* ---- long ones, by what all readers share ---- */

static bool may_share(const struct counting *counting, int64_t from)
{
    const struct unread_request *request = counting->request;
    return !request->reader->own_rules && !request->reader->ignored.n &&
           request->end_place - from > (int64_t)request->share_after;
}

static bool is_fit(const struct unread_request *request, const struct tally *tally, int64_t from)
{
    return tally->floor <= from && tally->upto <= request->end_place &&
           request->end_place - tally->upto <= (int64_t)request->share_after;
}

/* The kept one when it goes back far enough and is young enough, or a new one, which goes back
 * further than this reader needs: the next ones come from further back. */
static int find_tally(const struct counting *counting, int64_t from, struct tally **ret_tally)
{
    const struct unread_request *request = counting->request;
    struct notifier *notifier = counting->use->server->notifier;
    int64_t room = request->view->row.id, head = counting->use->read.head.pos;
    struct tally *tally = notifier_find_tally(notifier, room, head);
    if (tally && is_fit(request, tally, from)) {
        *ret_tally = tally;
        return 0;
    }
    tally_unref(tally);
    int64_t floor = from - FURTHER * (request->end_place - from);
    if (tally_load(counting->use, room, floor, request->end_place, &tally) < 0)
        return -1;
    notifier_keep_tally(notifier, room, head, tally);
    *ret_tally = tally;
    return 0;
}

/* What came after the reader's last word and their receipts, and the special ones by themselves. */
static int count_shared(struct counting *counting, const struct tally *tally, int64_t from)
{
    struct unread_thread *main = &counting->threads.p[0];
    raise_to(main, tally_said(tally, counting->use->caller.user));
    struct tally_counts counts =
        tally_after(tally, main->read_place > from ? main->read_place : from);
    main->notify += counts.notify;
    main->highlight += counts.highlight;
    for (size_t i = 0; i < tally->special.n && !counting->full; i++)
        if (tally->special.p[i].place <= from)
            break;
        else if (count_mark(counting, &tally->special.p[i]) < 0)
            return -1;
    return 0;
}

static int count_after(struct counting *counting, int64_t from)
{
    struct tally *tally;
    if (!may_share(counting, from))
        return count_recent(counting, from);
    if (find_tally(counting, from, &tally) < 0)
        return -1;
    int status = 0;
    if (!tally->is_shared || tally->upto <= from)
        status = count_recent(counting, from);
    else if (tally->upto < counting->request->end_place)
        status = count_recent(counting, tally->upto);
    if (status == 0 && tally->is_shared && tally->upto > from)
        status = count_shared(counting, tally, from);
    tally_unref(tally);
    return status;
}

/* ---- from one sync to the next ---- */

static void take_threads(struct counting *counting, const struct unread *before)
{
    for (size_t i = 0; i < before->n; i++)
        raise_to(thread_of(counting, before->threads[i].root), before->threads[i].read_place);
}

/* What had been counted stands, unless the reader has said something after it. */
static void add_before(struct counting *counting, const struct unread *before)
{
    for (size_t i = 0; i < before->n; i++) {
        struct unread_thread *thread = thread_of(counting, before->threads[i].root);
        if (!thread || thread->read_place > before->upto)
            continue;
        thread->notify += before->threads[i].notify;
        thread->highlight += before->threads[i].highlight;
    }
}

static struct unread *unread_new(const struct counting *counting, int64_t floor)
{
    size_t n = counting->threads.n;
    struct unread *unread = mem_new(1, sizeof *unread + n * sizeof *unread->threads);
    unread->refs = 1;
    unread->upto = counting->request->end_place;
    unread->floor = floor;
    unread->n = n;
    for (size_t i = 0; i < n; i++) {
        unread->threads[i] = counting->threads.p[i];
        if (unread->threads[i].root.p)
            unread->threads[i].root =
                str_make(mem_copy(unread->threads[i].root.p, unread->threads[i].root.n),
                         unread->threads[i].root.n);
    }
    return unread;
}

int unread_count(const struct unread_request *request, struct unread **ret_unread)
{
    struct counting counting = {
        .request = request,
        .use = request->view->use,
        .sight = {.view = request->view, .reader = request->reader, .state = request->end_state},
    };
    const struct unread *before = request->before;
    int64_t from, floor;
    if (before && before->upto == request->end_place) {
        *ret_unread = unread_ref(request->before);
        return 0;
    }
    if (before && before->upto > request->end_place)
        before = NULL;
    (void)thread_of(&counting, STR_NONE);
    if (before) {
        take_threads(&counting, before);
        from = before->upto;
        floor = before->floor;
    } else if (load_receipts(&counting, &from) < 0) {
        return -1;
    } else {
        floor = from;
    }
    if (count_after(&counting, from) < 0)
        return -1;
    if (before)
        add_before(&counting, before);
    *ret_unread = unread_new(&counting, floor);
    return 0;
}

bool unread_has_read(const struct unread *unread, struct str root, int64_t place)
{
    if (place <= unread->floor)
        return true;
    for (size_t i = 0; i < unread->n; i++) {
        const struct unread_thread *thread = &unread->threads[i];
        if (!thread->root.p == !root.p && str_eq(thread->root, root))
            return place <= thread->read_place;
    }
    return false;
}

int64_t unread_total(const struct unread *unread)
{
    int64_t total = 0;
    for (size_t i = 0; i < unread->n; i++)
        total += unread->threads[i].notify;
    return total;
}

struct unread *unread_ref(struct unread *unread)
{
    __atomic_add_fetch(&unread->refs, 1, __ATOMIC_RELAXED);
    return unread;
}

void unread_unref(struct unread *unread)
{
    if (!unread || __atomic_sub_fetch(&unread->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    for (size_t i = 0; i < unread->n; i++)
        mem_free((void *)(uintptr_t)unread->threads[i].root.p);
    mem_free(unread);
}
