/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_KEYS_KEYS_DRAFT_H
#define CHAPPE_SERVICE_KEYS_KEYS_DRAFT_H

/* An upload of keys, checked: what it will write. Shared by /keys/upload and the dehydrated device.
 */

#include "base/vec.h"
#include "service/keys/keys.h"

struct key_owner {
    int64_t user;
    struct str user_id;
    int64_t device;
    struct str device_id;
    bool is_new; /* the device has no rows yet */
};

struct keys_draft {
    struct key_owner owner;
    struct str device_keys; /* canonical; STR_NONE: none, or as they are */
    bool new_identity;      /* keys signed by the old identity go */
    VEC(struct one_time_key) one_time;
    VEC(struct one_time_key) fallback;
};

/* -1: 400, naming what is wrong; nothing of an upload is taken when one key is bad. */
int keys_draft_make(struct use *use, const struct key_owner *owner,
                    const struct keys_upload *upload, struct keys_draft *ret_draft) MUST_USE;
bool keys_draft_is_empty(const struct keys_draft *draft);
int keys_draft_write(struct write *w, const struct keys_draft *draft, struct err *err) MUST_USE;

/* The 32 bytes of a public key in base64; -1 when it is anything else. */
int public_key_decode(struct arena *arena, struct str text, struct str *ret_bytes) MUST_USE;
/* The public key of a device: the member ed25519:DEVICE of the `keys` of its device keys. */
int device_public_key(struct arena *arena, const struct json *device_keys, struct str device_id,
                      struct str *ret_bytes) MUST_USE;
/* Canonical, without the named members; 400 when it cannot be. */
int canonical_of(struct use *use, const struct json *object, const struct str *without,
                 size_t n_without, struct str *ret_json) MUST_USE;

#endif
