/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_PROFILE_PENDING_H
#define CHAPPE_STORE_PROFILE_PENDING_H

/* Users whose profile has changed and whose rooms may not say so yet. */

#include "store/store.h"

struct profile_pending {
    int64_t user, version; /* another one for each change */
};

int profile_pending_put(struct write *w, int64_t user, int64_t version, struct err *err) MUST_USE;
/* Unless the profile has changed again. */
int profile_pending_done(struct write *w, const struct profile_pending *pending,
                         struct err *err) MUST_USE;
/* At most 100. */
int profile_pending_list(struct read *r, struct arena *arena, struct profile_pending **ret_rows,
                         size_t *ret_n, struct err *err) MUST_USE;

#endif
