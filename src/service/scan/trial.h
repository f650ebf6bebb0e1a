/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_TRIAL_H
#define CHAPPE_SERVICE_SCAN_TRIAL_H

/* What a scanner must say of four files before it is believed: nothing of a harmless text, that the
 * EICAR test file is infected, and that an encrypted archive and one nested deeper than any limit
 * could not be looked into (AlertEncrypted, AlertExceedsMax: by default clamd calls both clean). */

#include "base/arena.h"
#include "base/str.h"
#include "store/media_verdict.h"

struct trial {
    const char *name;
    struct str bytes;
    enum scan_state wanted;
    const char *advice; /* what an operator is to look at when it is not */
};

#define TRIALS 4

/* The bytes are made in the arena. */
void trial_make(struct arena *arena, struct trial ret_trials[TRIALS]);

#endif
