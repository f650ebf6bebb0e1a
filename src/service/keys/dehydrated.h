/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_KEYS_DEHYDRATED_H
#define CHAPPE_SERVICE_KEYS_DEHYDRATED_H

/* Dehydrated devices (proposal MSC3814): a device that nobody is signed in with, kept so that
 * others have somewhere to send keys to while its user is away. A client that signs in takes its
 * private part and what waits for it, and puts a new one in its place. */

#include "service/keys/keys.h"
#include "store/dehydrated_device.h"
#include "store/to_device.h"

struct dehydrated_upload {
    struct str device_id, display_name;
    const struct json *device_data;
    struct keys_upload keys;
};

/* Replaces the one there was, with its keys and messages. */
int dehydrated_put(struct use *use, const struct dehydrated_upload *upload) MUST_USE;
/* 404 when there is none. */
int dehydrated_get(struct use *use, struct dehydrated_device *ret_device) MUST_USE;
int dehydrated_delete(struct use *use, struct str *ret_device_id) MUST_USE;

/* One page of what waits for it. Nothing is deleted, since a client may have to begin again. */
struct dehydrated_page {
    struct to_device *messages;
    size_t n;
    struct str next_batch; /* where the next page begins */
    bool more;             /* there is something on it */
};
/* from: a next_batch; empty: from the start. */
int dehydrated_events(struct use *use, struct str device_id, struct str from,
                      struct dehydrated_page *ret_page) MUST_USE;

#endif
