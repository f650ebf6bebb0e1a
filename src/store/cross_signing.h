/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_CROSS_SIGNING_H
#define CHAPPE_STORE_CROSS_SIGNING_H

/* Cross-signing keys, up to three a user, and the signatures that were added to devices and to
 * master keys after their upload (client-server API, "Cross-signing"). */

#include "store/store.h"

enum cross_signing_usage {
    CROSS_SIGNING_MASTER = 1,
    CROSS_SIGNING_SELF = 2,
    CROSS_SIGNING_USER = 3,
};
#define CROSS_SIGNING_N 4 /* for arrays by usage */

struct cross_signing_key {
    struct str public_key; /* unpadded base64, as in its key id; STR_NONE: no such key */
    struct str json;
};

/* By usage; public_key is STR_NONE where there is none. */
int cross_signing_load(struct read *r, int64_t user, struct arena *arena,
                       struct cross_signing_key ret_keys[CROSS_SIGNING_N],
                       struct err *err) MUST_USE;
/* Replaces; signatures on the key that it replaces go, unless it is the same. */
int cross_signing_put(struct write *w, int64_t user, enum cross_signing_usage usage,
                      const struct cross_signing_key *key, struct err *err) MUST_USE;

/* ERR_KIND_MOVED when the user's master key is another one (STR_NONE: none). First in a job. */
int cross_signing_expect_master(struct write *w, int64_t user, struct str public_key,
                                struct err *err) MUST_USE;

/* A signature by one of a user's cross-signing keys, or devices, on a device or a master key. */
struct key_signature {
    int64_t signer;           /* name of the user */
    struct str signer_key_id; /* "ed25519:…" */
    int64_t target;           /* name of the user */
    struct str target_key;    /* device id, or public key */
    struct str signature;     /* base64, as received */
};

int key_signature_put(struct write *w, const struct key_signature *signature,
                      struct err *err) MUST_USE;
/* Signatures on the keys of `target` made by himself or by `reader`: what the reader may see. By
 * target key, then signer. */
int key_signature_list(struct read *r, int64_t target, int64_t reader, struct arena *arena,
                       struct key_signature **ret_signatures, size_t *ret_n,
                       struct err *err) MUST_USE;

#endif
