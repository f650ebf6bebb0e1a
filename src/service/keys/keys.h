/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_KEYS_KEYS_H
#define CHAPPE_SERVICE_KEYS_KEYS_H

/* End-to-end encryption as the server sees it (client-server API, "End-to-End Encryption"): public
 * keys of devices, one-time keys, cross-signing keys and the signatures on them. What is stored was
 * checked: it is of who uploads it, well formed, and signed as it says. */

#include "service/use.h"
#include "store/device_key.h"
#include "store/device_list.h"
#include "json/doc.h"
#include "json/write.h"

/* ---- devices (keys_upload.c, keys_query.c, keys_claim.c) ---- */

struct keys_upload {
    const struct json *device_keys, *one_time_keys, *fallback_keys; /* objects, or NULL */
};

/* Of the caller's device. The counts are those after the upload. */
int keys_upload(struct use *use, const struct keys_upload *upload,
                struct one_time_key_count **ret_counts, size_t *ret_n) MUST_USE;

/* `wanted`: user id → array of device ids, empty for all. Writes the whole answer. */
int keys_query(struct use *use, const struct json *wanted, struct json_writer *out) MUST_USE;

/* `wanted`: user id → device id → algorithm. Each key is given once, in the order of the uploads;
 * what is given is decided in the job, so this answers USE_WAIT first. Writes the whole answer. */
int keys_claim(struct use *use, const struct json *wanted, struct json_writer *out) MUST_USE;

/* Between two sync tokens; an empty `to` is now. */
int keys_changes(struct use *use, struct str from, struct str to,
                 struct device_list_changes *ret_changes) MUST_USE;

/* ---- cross-signing (cross_signing.c, signatures.c) ---- */

struct cross_signing_upload {
    const struct json *master_key, *self_signing_key, *user_signing_key; /* objects, or NULL */
};

struct cross_signing_draft; /* checked, not written */

/* *ret_needs_auth: interactive authentication must come before the write (it replaces keys). */
int cross_signing_check(struct use *use, const struct cross_signing_upload *upload,
                        struct cross_signing_draft **ret_draft, bool *ret_needs_auth) MUST_USE;
/* uia_session: to be used up, or STR_NONE. */
int cross_signing_commit(struct use *use, struct cross_signing_draft *draft,
                         struct str uia_session) MUST_USE;

/* `body`: user id → key id or device id → signed object. Writes {"failures": …}. */
int signatures_upload(struct use *use, const struct json *body, struct json_writer *out) MUST_USE;

#endif
