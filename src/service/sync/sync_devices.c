/* SPDX-License-Identifier: EUPL-1.2 */

/* To-device messages, device lists and key counts of a sync. */

#include "service/sync/sync_private.h"

int sync_write_devices(struct sync *sync)
{
    sync->next.to_device = sync->next.at.pos;
    return 0;
}
