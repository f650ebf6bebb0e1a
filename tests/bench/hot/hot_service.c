/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/limits.h"
#include "bench/hot/hot.h"
#include "service/rooms/send.h"
#include "service/rooms/view.h"

/* ---- send ---- */

static void send_one(struct hot *hot, size_t i, struct str *ret_event_id)
{
    struct use use;
    struct str event_id;
    hot_use_begin(hot, &use);
    struct sending sending = {
        .room_id = hot->room_id,
        .type = STR("m.room.encrypted"),
        .txn = arena_printf(use.arena, "hot%zu", i),
    };
    if (json_parse(use.arena, hot->content, &sending.content, &use.err) < 0 ||
        rooms_send(&use, &sending, &event_id) != USE_DONE)
        hot_fail("sending", &use.err);
    if (ret_event_id)
        *ret_event_id = arena_str(hot->arena, event_id);
    hot_use_end(&use);
}

void hot_send(struct hot *hot, size_t n)
{
    for (size_t i = 0; i < n; i++)
        send_one(hot, i, NULL);
}

/* ---- event → client JSON ---- */

static void format_one(struct view *view, const struct event *event, struct buf *text)
{
    struct format format = {.view = view};
    struct json_writer out;
    buf_clear(text);
    json_writer_init(&out, text);
    if (format_event(&out, &format, event) < 0)
        hot_fail("formatting", &view->use->err);
}

void hot_format_event(struct hot *hot, size_t n)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    CLEANUP(buf_done) struct buf text;
    struct str event_id;
    struct view view;
    struct use use;
    send_one(hot, 0, &event_id);
    hot_use_begin(hot, &use);
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    if (view_open_joined(&use, hot->room_id, &view) < 0 ||
        view_find_event(&view, event_id, &event) != 1)
        hot_fail("reading", &use.err);
    for (size_t i = 0; i < n; i++)
        format_one(&view, event, &text);
    CHECK(!buf_is_full(&text) && text.n > hot->content.n);
    hot_use_end(&use);
}
