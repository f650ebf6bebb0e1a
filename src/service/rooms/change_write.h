/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_CHANGE_WRITE_H
#define CHAPPE_SERVICE_ROOMS_CHANGE_WRITE_H

/* The job of a change: everything that is written with its events. */

#include "service/rooms/change.h"

/* Who starts or stops to share an encrypted room (store/device_list.h). */
struct device_list_turn {
    int64_t user, what;
};

struct change_job {
    struct room *room; /* referenced until change_job_after */
    bool is_new;
    struct room_was was;
    struct room_row row;      /* as it will be */
    int64_t *old_extremities; /* those that are rows */
    size_t n_old_extremities;
    struct str server_name;
    struct decided *events; /* each referenced */
    size_t n_events;
    struct device_list_turn *turns;
    size_t n_turns;
    struct change_extra *extras;
    size_t n_extras;
    struct change_wake *wakes;
    size_t n_wakes;
    const struct room_names *names;
};

/* In the arena; NULL with the use's err. */
struct change_job *change_job_new(struct change *change) MUST_USE;
int change_job_run(struct write *w, void *arg, struct err *err) MUST_USE;
/* Its outcome: the events are no longer pending; the room is stale when they are not there. */
void change_job_after(void *arg, enum job_result result);

#endif
