/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_IGNORED_H
#define CHAPPE_SERVICE_ROOMS_IGNORED_H

/* Whom a user ignores (client-server API, "Ignoring Users"): their messages and invitations are
 * left out of everything that the user reads; their state events are not. */

#include "service/use.h"

struct ignored {
    const int64_t *users;
    size_t n;
    bool has_unknown; /* somebody is named whom the server has never heard of */
};

/* From the caller's m.ignored_user_list; loaded once a request by who needs it. */
int ignored_load(struct use *use, struct ignored *ret_ignored) MUST_USE;
bool ignored_has(const struct ignored *ignored, int64_t user);

#endif
