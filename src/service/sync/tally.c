/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/tally.h"

#include "base/limits.h"
#include "base/mem.h"

/* Marks read at once. */
#define PAGE 1000

/* ---- making ---- */

/* Whether it does the same to all its readers but its sender. */
static bool is_common(const struct event_mark *mark)
{
    if (mark->flags & (EVENT_PERSONAL | EVENT_IN_THREAD))
        return false;
    return !mark->state_key || !(mark->flags & EVENT_NOTIFIES);
}

static void note_sender(struct tally *tally, const struct event_mark *mark)
{
    bool is_message = !mark->state_key && !(mark->flags & EVENT_IN_THREAD);
    if (is_message && mark->place && !int_map_find(&tally->said, mark->sender))
        int_map_put(&tally->said, mark->sender, (void *)(intptr_t)mark->place);
}

/* They come newest first. */
static void add_mark(struct tally *tally, const struct event_mark *mark)
{
    if (mark->flags & EVENT_REDACTED)
        return;
    if (!(mark->flags & EVENT_JUDGED))
        tally->is_shared = false;
    note_sender(tally, mark);
    if (!is_common(mark)) {
        VEC_ADD(&tally->special, *mark);
        return;
    }
    if (mark->flags & EVENT_NOTIFIES)
        VEC_ADD(&tally->notify, mark->place);
    if (mark->flags & EVENT_HIGHLIGHTS)
        VEC_ADD(&tally->highlight, mark->place);
}

static bool is_full(const struct tally *tally, size_t looked_at)
{
    return looked_at >= LIMIT_UNREAD_COUNTED || tally->special.n >= LIMIT_UNREAD_JUDGED ||
           !tally->is_shared;
}

/* What lies before the limits is never counted: then it speaks of all there is. */
static int read_marks(struct use *use, int64_t room, struct tally *tally)
{
    int64_t before = tally->upto + 1;
    size_t n = PAGE, looked_at = 0;
    int status = 0;
    while (status == 0 && n == PAGE && !is_full(tally, looked_at)) {
        CLEANUP(arena_cleanup) struct arena *page = arena_new(MIB(1));
        struct event_mark *marks;
        status = event_list_marks(&use->read, room, tally->floor, before, PAGE, page, &marks, &n,
                                  &use->err);
        for (size_t i = 0; status == 0 && i < n; i++)
            add_mark(tally, &marks[i]);
        before = status == 0 && n ? marks[n - 1].place : before;
        looked_at += n;
    }
    if (is_full(tally, looked_at))
        tally->floor = INT64_MIN;
    return status;
}

static void reverse(int64_t *places, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        int64_t place = places[i];
        places[i] = places[n - 1 - i];
        places[n - 1 - i] = place;
    }
}

int tally_load(struct use *use, int64_t room, int64_t floor, int64_t end_place,
               struct tally **ret_tally)
{
    struct tally *tally = MEM_NEW(struct tally);
    tally->refs = 1;
    tally->floor = floor;
    tally->upto = end_place;
    tally->is_shared = true;
    if (read_marks(use, room, tally) < 0) {
        tally_unref(tally);
        return -1;
    }
    reverse(tally->notify.p, tally->notify.n);
    reverse(tally->highlight.p, tally->highlight.n);
    *ret_tally = tally;
    return 0;
}

struct tally *tally_ref(struct tally *tally)
{
    __atomic_add_fetch(&tally->refs, 1, __ATOMIC_RELAXED);
    return tally;
}

void tally_unref(struct tally *tally)
{
    if (!tally || __atomic_sub_fetch(&tally->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    VEC_DONE(&tally->notify);
    VEC_DONE(&tally->highlight);
    VEC_DONE(&tally->special);
    int_map_done(&tally->said);
    mem_free(tally);
}

/* ---- asking ---- */

static int64_t count_after(const int64_t *places, size_t n, int64_t place)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places[middle] > place)
            high = middle;
        else
            low = middle + 1;
    }
    return (int64_t)(n - low);
}

struct tally_counts tally_after(const struct tally *tally, int64_t place)
{
    return (struct tally_counts){
        .notify = count_after(tally->notify.p, tally->notify.n, place),
        .highlight = count_after(tally->highlight.p, tally->highlight.n, place),
    };
}

int64_t tally_said(const struct tally *tally, int64_t user)
{
    const void *place = int_map_find(&tally->said, user);
    return place ? (int64_t)(intptr_t)place : INT64_MIN;
}
