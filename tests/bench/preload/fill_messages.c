/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdatomic.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "bench/preload/crew.h"
#include "bench/preload/fill.h"
#include "crypto/base64.h"
#include "service/rooms/change.h"
#include "service/rooms/transaction.h"

/* Messages of one room in a row, in one job: enough to pay for the round through the appender, and
 * few enough that the log of a busy server looks so. */
#define MESSAGES_A_JOB 32

/* ---- contents ---- */

static struct str random_text(struct arena *arena, size_t n)
{
    unsigned char *bytes = arena_alloc(arena, n, 1);
    random_bytes(bytes, n);
    struct str text = base64_encode_arena(arena, str_make(bytes, n), BASE64_STANDARD);
    return str_first(text, n);
}

/* m.room.encrypted as a client of Megolm sends it; what it hides is random. */
static struct str message_content(struct use *use, size_t bytes)
{
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, LIMIT_EVENT_BYTES);
    buf_printf(&text,
               "{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"device_id\":\"%.*s\","
               "\"sender_key\":\"%.*s\",\"session_id\":\"%.*s\",\"ciphertext\":\"",
               STR_ARG(use->caller.device_id), STR_ARG(random_text(use->arena, 43)),
               STR_ARG(random_text(use->arena, 43)));
    if (text.n + 2 < bytes)
        buf_add(&text, random_text(use->arena, bytes - text.n - 2));
    buf_add(&text, STR("\"}"));
    return arena_str(use->arena, buf_str(&text));
}

/* ---- sending ---- */

static int64_t time_of(const struct fill *fill, size_t message)
{
    double part = (double)message / (double)fill->n_messages;
    return fill->from_ms + (int64_t)(part * (double)(clock_wall_ms() - fill->from_ms));
}

static int send_one(struct use *use, struct fill *fill, struct change *change, size_t message)
{
    const struct decided *decided;
    struct draft draft = {
        .type = STR("m.room.encrypted"),
        .content = message_content(use, fill->content_bytes),
        .sender = use->caller.user_id,
        .sender_name = use->caller.user,
        .origin_server_ts = time_of(fill, message),
    };
    if (change_decide(change, &draft, &decided) < 0)
        return -1;
    transaction_add(change, arena_printf(use->arena, "m%zu", message), draft.type, decided->event);
    atomic_fetch_add(&fill->json_bytes, (int64_t)decided->event->json.n);
    return 0;
}

static int send_some(struct use *use, size_t number, void *arg)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct fill *fill = arg;
    struct draw draw = {number};
    const struct plan_room *where = plan_draw_room(fill->plan, &draw);
    struct change change;
    size_t message = number * MESSAGES_A_JOB, end = message + MESSAGES_A_JOB;
    int status = 0;
    if (room_enter(use, where->room, &room) < 0)
        return -1;
    change_begin(&change, use, room);
    for (; status == 0 && message < end && message < fill->n_messages; message++) {
        size_t sender = where->members[draw_below(&draw, where->n_members)];
        use->caller = fill->people->callers[sender];
        status = send_one(use, fill, &change, message);
    }
    if (status == 0)
        status = change_submit(&change);
    change_end(&change);
    return status;
}

int fill_messages(struct fill *fill, struct err *err)
{
    size_t jobs = (fill->n_messages + MESSAGES_A_JOB - 1) / MESSAGES_A_JOB;
    return crew_run(fill->server, "messages", jobs, send_some, fill, err);
}
