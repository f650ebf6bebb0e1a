/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_RECEIPTS_H
#define CHAPPE_SERVICE_ROOMS_RECEIPTS_H

/* Read receipts and the fully-read marker (client-server API, "Receipts", "Fully read markers"). */

#include "service/use.h"
#include "store/receipt.h"

struct mark {
    struct str room_id;
    struct str fully_read; /* event ids; STR_NONE: not moved */
    struct str read, read_private;
    struct str thread; /* of read and read_private: STR_NONE, "main" or a root */
};

/* All of it in one job, which decides: a receipt that would move backwards is left where it is. The
 * caller must be joined. */
int receipts_mark(struct use *use, const struct mark *mark) MUST_USE;

#endif
