/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_KEYS_TO_DEVICE_SERVICE_H
#define CHAPPE_SERVICE_KEYS_TO_DEVICE_SERVICE_H

/* Messages from device to device (client-server API, "Send-to-Device messaging"). They wait in the
 * inbox of each device until its sync has passed them; an inbox that is full takes no more. */

#include "service/use.h"
#include "json/doc.h"

struct to_device_sending {
    struct str type, txn;
    const struct json *messages; /* user id → device id, or "*" for all → content */
};

/* Users and devices that do not exist are passed over, as the specification asks. The same
 * transaction id again sends nothing. */
int to_device_send(struct use *use, const struct to_device_sending *sending) MUST_USE;

#endif
