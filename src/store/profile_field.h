/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_PROFILE_FIELD_H
#define CHAPPE_STORE_PROFILE_FIELD_H

/* Fields of profiles beside the name and the avatar, which stand in the account (client-server API,
 * "Profiles"). Values are raw JSON, kept as they came. */

#include "store/store.h"

struct profile_field_row {
    struct str key, value;
};

/* The bytes of all of a user's fields, keys and values, without the one of that key. */
int profile_field_measure(struct write *w, int64_t user, struct str but, size_t *ret_bytes,
                          struct err *err) MUST_USE;
int profile_field_put(struct write *w, int64_t user, struct str key, struct str value,
                      struct err *err) MUST_USE;
/* One that is not there is no fault. */
int profile_field_delete(struct write *w, int64_t user, struct str key, struct err *err) MUST_USE;
int profile_field_delete_user(struct write *w, int64_t user, struct err *err) MUST_USE;
/* By key. */
int profile_field_list(struct read *r, int64_t user, struct arena *arena,
                       struct profile_field_row **ret_rows, size_t *ret_n,
                       struct err *err) MUST_USE;

#endif
