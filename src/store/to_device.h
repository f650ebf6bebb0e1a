/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_TO_DEVICE_H
#define CHAPPE_STORE_TO_DEVICE_H

/* To-device messages that wait for a device: one row a device and message, in the order of the log
 * (client-server API, "Send-to-Device messaging"). A message stays until its device has used a sync
 * token past it; it is deleted some time after that, so readers name the position they are past.
 *
 * An inbox has a quota in all and one for each sender, so that nobody fills the inbox of another
 * device for all others. Counts of what waits are kept beside it. */

#include "store/store.h"

struct to_device {
    int64_t pos;
    struct str json; /* the event as clients get it: type, sender, content */
};

/* Takes a position (LOG_KIND_TO_DEVICE, user, ref = device). */
int to_device_put(struct write *w, int64_t user, int64_t device, int64_t sender, struct str json,
                  struct err *err) MUST_USE;

/* The messages of a device with after < pos <= the head of `r`, at most LIMIT_TO_DEVICE_PER_SYNC
 * (or `limit`, if that is less; at least one) and, but for the last, LIMIT_TO_DEVICE_SYNC_BYTES, in
 * order. *ret_upto: the position up to which
 * nothing is left out; the head when all were listed, else that of the last message. The next call
 * goes on after it. */
int to_device_list(struct read *r, int64_t device, int64_t after, size_t limit, struct arena *arena,
                   struct to_device **ret_messages, size_t *ret_n, int64_t *ret_upto,
                   struct err *err) MUST_USE;

/* One message that goes elsewhere: to the application service whose user it is for. */
struct to_device_taken {
    int64_t device, pos;
    int64_t sender; /* of to_device_load */
};
/* 1 and its event, 0 it is not there, -1. */
int to_device_load(struct read *r, struct to_device_taken *taken, struct arena *arena,
                   struct str *ret_json, struct err *err) MUST_USE;
/* Takes it out of the inbox. ERR_KIND_MOVED when it is not there any more. */
int to_device_take(struct write *w, const struct to_device_taken *taken, struct err *err) MUST_USE;

/* The device has what has a position up to `upto`: deleted. Costs nothing when there is none. For
 * a job that nobody waits for. */
int to_device_acknowledge(struct write *w, int64_t device, int64_t upto, struct err *err) MUST_USE;
/* Whether there is something to acknowledge: 1, 0, -1. */
int to_device_has_old(struct read *r, int64_t device, int64_t upto, struct err *err) MUST_USE;

/* Of `devices`, those whose inbox has no room for another message of the sender, sorted. */
int to_device_list_full(struct read *r, const int64_t *devices, size_t n, int64_t sender,
                        struct arena *arena, int64_t **ret_full, size_t *ret_n,
                        struct err *err) MUST_USE;

/* A walk over the devices for those that have not been seen since `before_ms` and for which more
 * than `keep` messages wait; dehydrated devices, which are there to wait, are not among them. Looks
 * at the next `limit` devices after *after, and steps it: 1 there is more, 0 that was the last
 * (*after is 0 again), -1. */
int to_device_list_stale(struct read *r, int64_t *after, int64_t before_ms, int64_t keep,
                         size_t limit, struct arena *arena, int64_t **ret_devices, size_t *ret_n,
                         struct err *err) MUST_USE;
/* Deletes the oldest messages of a device, `most` at once, until `keep` are left: 1 there is more
 * to delete, 0, -1. */
int to_device_trim(struct write *w, int64_t device, int64_t keep, int64_t most,
                   struct err *err) MUST_USE;

/* All that waits for a device. */
int to_device_delete(struct write *w, int64_t device, struct err *err) MUST_USE;

#endif
