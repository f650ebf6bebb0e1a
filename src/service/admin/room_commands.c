/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe room …: what the operator is to know of rooms. */

#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/rooms/succession.h"
#include "json/decode.h"

/* Rooms looked at for one answer; the command line asks for those after. */
#define LOOKED_AT_MAX 200

struct room_args {
    int64_t after;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct room_args, after, JSON_WANT_INT, JSON_NULL_OK, 0),
};

static int list_one(struct use *use, struct admin_answer *answer, const struct room_row *row)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    if (row->joined == 0)
        return 0;
    if (room_enter(use, row->id, &room) < 0)
        return -1;
    int orphan = succession_is_orphan(use, room);
    if (orphan == 1)
        answer_line(answer, "%.*s\t%lld", STR_ARG(room_id_of(room)), (long long)row->joined);
    return orphan < 0 ? -1 : 0;
}

/* Rooms that people are in and that no agent may run: id and number of members. */
int admin_room_orphans(struct use *use, const struct json *json, struct buf *out)
{
    struct room_args args = {0};
    struct admin_answer answer;
    struct room_row *rows;
    size_t n;
    if (json_decode(json, fields, ARRAY_LEN(fields), &args, &use->err) < 0 ||
        room_list(&use->read, args.after, LOOKED_AT_MAX, use->arena, &rows, &n, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    for (size_t i = 0; i < n; i++)
        if (list_one(use, &answer, &rows[i]) < 0)
            return -1;
    answer_end_lines(&answer);
    if (n == LOOKED_AT_MAX)
        json_write_member_int(&answer.w, STR("next"), rows[n - 1].id);
    answer_end(&answer);
    return 0;
}
