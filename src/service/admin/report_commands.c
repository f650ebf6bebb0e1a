/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe report list: what users have reported, newest first. */

#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/rooms/view.h"
#include "store/report.h"
#include "json/decode.h"

#define REPORTS_MAX 1000

struct report_args {
    int64_t before;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct report_args, before, JSON_WANT_INT, JSON_NULL_OK, 0),
};

/* "-" for none. */
static int name_of(struct use *use, int64_t id, struct str *ret_name)
{
    *ret_name = STR("-");
    return id ? store_name(use->server->store, id, use->arena, ret_name, &use->err) : 0;
}

static int event_id_of(struct use *use, const struct report *report, struct str *ret_id)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct room_row room;
    struct str version;
    *ret_id = STR("-");
    if (!report->event)
        return 0;
    int found = event_load(&use->read, report->event, &event, &use->err);
    if (found == 1)
        found = room_load(&use->read, report->room, &room, &use->err);
    if (found != 1)
        return found;
    if (store_name(use->server->store, room.version, use->arena, &version, &use->err) < 0)
        return -1;
    const struct room_version *known = room_version_find(version);
    if (known)
        *ret_id = pdu_event_id(use->arena, known, event->hash);
    return 0;
}

/* number, hour, who, whom, room, event, reason */
static int answer_report(struct use *use, struct admin_answer *answer, const struct report *report)
{
    struct str reporter, target, room, event;
    if (name_of(use, report->reporter, &reporter) < 0 ||
        name_of(use, report->target, &target) < 0 || name_of(use, report->room, &room) < 0 ||
        event_id_of(use, report, &event) < 0)
        return -1;
    answer_line(answer, "%lld\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s", (long long)report->id,
                STR_ARG(answer_time(use->arena, report->created_ms)), STR_ARG(reporter),
                STR_ARG(target), STR_ARG(room), STR_ARG(event), STR_ARG(report->reason));
    return 0;
}

int admin_report_list(struct use *use, const struct json *json, struct buf *out)
{
    struct report_args args = {0};
    struct admin_answer answer;
    struct report *reports;
    size_t n;
    if (json_decode(json, fields, ARRAY_LEN(fields), &args, &use->err) < 0 ||
        report_list(&use->read, args.before, REPORTS_MAX, use->arena, &reports, &n, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    for (size_t i = 0; i < n; i++)
        if (answer_report(use, &answer, &reports[i]) < 0)
            return -1;
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}
