/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_SHARING_H
#define CHAPPE_SERVICE_ROOMS_SHARING_H

#include "service/use.h"

/* Whether the caller and that user have both joined some room; the caller shares one with itself.
 * -1: 400 for what is no user id. */
int rooms_share_one(struct use *use, struct str user_id, bool *ret_shares) MUST_USE;

#endif
