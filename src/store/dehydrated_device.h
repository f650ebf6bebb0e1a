/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_DEHYDRATED_DEVICE_H
#define CHAPPE_STORE_DEHYDRATED_DEVICE_H

/* The dehydrated device of a user (MSC3814): a device without tokens that others send keys to while
 * no real one is there, and its private part, encrypted by the client. At most one a user. */

#include "store/store.h"

struct dehydrated_device {
    int64_t device;
    struct str device_id;
    struct str data; /* device_data, JSON */
};

/* 1, 0, -1. */
int dehydrated_device_load(struct read *r, int64_t user, struct arena *arena,
                           struct dehydrated_device *ret_device, struct err *err) MUST_USE;
/* The device it replaces is deleted first (device_delete). ERR_KIND_MOVED when there is one:
 * another was put meanwhile. */
int dehydrated_device_insert(struct write *w, int64_t user, int64_t device, struct str data,
                             struct err *err) MUST_USE;

#endif
