/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_DEVICE_KEY_H
#define CHAPPE_STORE_DEVICE_KEY_H

/* The keys of devices (client-server API, "Key management API"): one signed object of identity keys
 * a device, one-time keys, of which each is given once, and a fallback key an algorithm.
 *
 * A one-time key that was given stays for a while, marked: a client that uploads it again because
 * it never saw the answer must not have it given twice. */

#include "store/store.h"

/* ---- identity keys ---- */

struct device_key {
    int64_t device, user;
    struct str device_id, display_name; /* STR_NONE: no name */
    struct str json;
};

/* Replaces. The caller records the change (store/device_list.h). */
int device_key_put(struct write *w, int64_t user, int64_t device, struct str json,
                   struct err *err) MUST_USE;
/* The devices of a user that have keys, by device id. */
int device_key_list(struct read *r, int64_t user, struct arena *arena, struct device_key **ret_keys,
                    size_t *ret_n, struct err *err) MUST_USE;
/* 1, 0 none, -1. */
int device_key_find(struct read *r, int64_t device, struct arena *arena, struct str *ret_json,
                    struct err *err) MUST_USE;

/* ---- one-time keys ---- */

struct one_time_key {
    int64_t id;
    struct str algorithm, key_id; /* "signed_curve25519", "AAAAHQ" */
    struct str json;
    bool given;
};

struct one_time_key_count {
    struct str algorithm;
    int64_t n;
};

/* Keys of one upload, in this order, after those uploaded before; those with an id that is there
 * already (given before) replace it. Takes a position (LOG_KIND_KEYS). */
int one_time_key_insert(struct write *w, int64_t user, int64_t device,
                        const struct one_time_key *keys, size_t n, struct err *err) MUST_USE;
/* 1, 0, -1; also one that was given. */
int one_time_key_find(struct read *r, int64_t device, struct str algorithm, struct str key_id,
                      struct arena *arena, struct one_time_key *ret_key, struct err *err) MUST_USE;
/* By its id; 1, 0, -1. */
int one_time_key_load(struct read *r, int64_t id, struct arena *arena, struct one_time_key *ret_key,
                      struct err *err) MUST_USE;
/* Those that were not given, by algorithm; an algorithm without a key is not listed. What /sync
 * tells in device_one_time_keys_count. */
int one_time_key_counts(struct read *r, int64_t device, struct arena *arena,
                        struct one_time_key_count **ret_counts, size_t *ret_n,
                        struct err *err) MUST_USE;

/* Gives the key that was uploaded first, or else the fallback key: 1 a one-time key, 2 the fallback
 * key, with its id; 0 none; -1. Takes a position (LOG_KIND_KEYS) when something of the device's
 * changed. */
int one_time_key_claim(struct write *w, int64_t user, int64_t device, struct str algorithm,
                       int64_t *ret_id, struct err *err) MUST_USE;

/* ---- fallback keys ---- */

/* Replaces that of its algorithm, and counts as unused. Takes a position (LOG_KIND_KEYS). */
int fallback_key_put(struct write *w, int64_t user, int64_t device, const struct one_time_key *key,
                     struct err *err) MUST_USE;
int fallback_key_load(struct read *r, int64_t id, struct arena *arena, struct one_time_key *ret_key,
                      struct err *err) MUST_USE;
/* 1, 0, -1. */
int fallback_key_find(struct read *r, int64_t device, struct str algorithm, struct arena *arena,
                      struct one_time_key *ret_key, struct err *err) MUST_USE;
/* The algorithms whose fallback key was not given: device_unused_fallback_key_types of /sync. */
int unused_fallback_types(struct read *r, int64_t device, struct arena *arena,
                          struct str **ret_types, size_t *ret_n, struct err *err) MUST_USE;

/* ---- all of a device ---- */

/* Its one-time and fallback keys, given or not: of an identity that is no more. */
int one_time_key_delete_all(struct write *w, int64_t device, struct err *err) MUST_USE;

/* Everything that hangs on a device: its keys, the signatures on them, what waits for it, its
 * transaction ids, and that it is the dehydrated one; records a device-list change when it had
 * keys. Before the device's own row goes (device_delete calls it). */
int device_purge(struct write *w, int64_t user, int64_t device, struct err *err) MUST_USE;

#endif
