/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/reporting.h"

#include "base/clock.h"
#include "service/rooms/view.h"
#include "store/report.h"

static int write_report(struct write *w, void *arg, struct err *err)
{
    return report_insert(w, arg, err);
}

static int keep(struct use *use, struct report *report, struct str reason)
{
    report->id = store_new_id(use->server->store);
    report->reporter = use->caller.user;
    report->created_ms = clock_wall_ms();
    report->reason = reason.p ? reason : STR("");
    return use_commit(use, write_report, NULL, report);
}

int reporting_event(struct use *use, struct str room_id, struct str event_id, struct str reason)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct report *report = ARENA_NEW(use->arena, struct report);
    struct view view;
    int64_t room;
    int found = rooms_find(use, room_id, &room);
    if (found == 1)
        found = view_open(use, room, &view);
    if (found == 1)
        found = view.membership == MEMBERSHIP_JOIN ? view_find_event(&view, event_id, &event) : 0;
    if (found < 0)
        return -1;
    if (!found)
        return err_client(&use->err, 404, "M_NOT_FOUND",
                          "There is no such event, or you may not see it");
    report->room = view.row.id;
    report->event = event->id;
    report->target = event->sender;
    return keep(use, report, reason);
}

int reporting_room(struct use *use, struct str room_id, struct str reason)
{
    struct report *report = ARENA_NEW(use->arena, struct report);
    int found = rooms_find(use, room_id, &report->room);
    return found == 1 ? keep(use, report, reason) : found;
}

int reporting_user(struct use *use, struct str user_id, struct str reason)
{
    struct report *report = ARENA_NEW(use->arena, struct report);
    int found = store_find_name(use->server->store, user_id, &report->target, &use->err);
    return found == 1 ? keep(use, report, reason) : found;
}
