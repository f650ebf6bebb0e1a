/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_TIMERS_H
#define CHAPPE_SERVICE_ROOMS_TIMERS_H

/* The one thread that sends delayed events when their time has come (delay.h), on the node that has
 * the lease "delayed". What is due stands in the store, so that a restart forgets nothing: what
 * came due meanwhile is sent at start. None is sent early; one is sent late by what those before it
 * take. One whose sending ended the process three times is set aside as failed. */

#include "base/attr.h"
#include "base/err.h"

struct server;
struct timers;

int timers_new(struct server *server, struct timers **ret_timers, struct err *err) MUST_USE;
/* Waits for the event that is being sent; before the store is closed. NULL is allowed, here and
 * below. */
void timers_stop(struct timers *timers);
/* After the store is closed: the jobs that it ran last may have woken it. */
void timers_free(struct timers *timers);
/* One more is scheduled. Any thread, also once it has stopped. */
void timers_wake(struct timers *timers);

#endif
