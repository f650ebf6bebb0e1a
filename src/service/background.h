/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_BACKGROUND_H
#define CHAPPE_SERVICE_BACKGROUND_H

/* One thread for what nobody waits for and what must be done all the same: it finds its work in the
 * store, at start, when woken and once a minute, so that a restart forgets nothing. Each task does
 * a bounded piece. */

#include <stdbool.h>

#include "base/err.h"

struct background;
struct server;

int background_new(struct server *server, struct background **ret_background,
                   struct err *err) MUST_USE;
/* Waits for the task that runs; before the store is closed. NULL is allowed, here and below. */
void background_stop(struct background *background);
/* Stopped, and after the store is closed: the jobs that it ran last may have woken it. */
void background_free(struct background *background);
void background_wake(struct background *background); /* any thread, also once it has stopped */
bool background_is_stopping(const struct background *background);

#endif
