/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_TRIAL_H
#define CHAPPE_SERVICE_PUSH_TRIAL_H

/* « Recevoir un test »: one push to a pusher of the caller, and which link of the way failed
 * (docs/design/push.md). A pusher that turns out to be gone is deleted. */

#include "service/use.h"

struct push_trial {
    struct str outcome; /* "accepted", "address", "unresolved"…: a literal */
    int status;         /* of HTTP; 0: there was no answer */
};

/* text: what the browser is given; STR_NONE: "". Waits for the other side (USE_WAIT). 404: no such
 * pusher of the caller's; 429: too many tests at once. */
int push_try(struct use *use, struct str app_id, struct str pushkey, struct str text,
             struct push_trial *ret_trial) MUST_USE;

#endif
