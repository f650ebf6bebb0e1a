/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_DEVICES_H
#define CHAPPE_SERVICE_APPSERVICE_DEVICES_H

/* What an application service is told of devices, so that its users take part in encrypted rooms
 * without a /sync each: to-device messages of its users (MSC2409, with receive_ephemeral), whose
 * devices changed, and how many one-time keys its users have left (MSC3202, with
 * org.matrix.msc3202). Gathered from the entries of the log that go into one transaction.
 *
 * Messages go only to accounts that are the service's alone, and out of the device's inbox into the
 * transaction, in the job that stores it: there they stand until they are acknowledged. Lists are
 * of the rooms that its users are in as of the use's snapshot, whichever of them it is: who shares
 * an encrypted room with one of them, and who with none any more. */

#include "base/vec.h"
#include "service/appservice/interest.h"
#include "store/to_device.h"
#include "json/write.h"

struct devices_key_holder {
    int64_t user, device;
};

struct devices {
    struct use *use;
    struct interest *interest;
    struct buf messages; /* an open array */
    struct json_writer messages_out;
    VEC(struct to_device_taken) taken;      /* in the arena, as all below */
    VEC(int64_t) changed;                   /* users: certainly */
    VEC(int64_t) gone;                      /* users: maybe */
    VEC(struct devices_key_holder) counted; /* may be there twice */
};

void devices_begin(struct devices *devices, struct use *use, struct interest *interest);
void devices_done(struct devices *devices);

/* Entries of the log in order, each once. */
int devices_see(struct devices *devices, const struct log_entry *entry) MUST_USE;
bool devices_is_full(const struct devices *devices);
/* Nothing to tell, after all entries were seen. */
bool devices_is_empty(const struct devices *devices);
/* Adds the members of a transaction's object, each with a comma before it. -1, also when they are
 * too long. */
int devices_write(struct devices *devices, struct buf *to) MUST_USE;

#endif
