/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_LOG_H
#define CHAPPE_STORE_LOG_H

/* Reading the log. (Its kinds and the writing of it stand in store/store.h.) */

#include "store/store.h"

/* Up to `limit` entries with after < pos <= r->head, in order. */
int log_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
             struct log_entry **ret_entries, size_t *ret_n, struct err *err) MUST_USE;

/* The same of one user (entries whose user it is). */
int log_list_user(struct read *r, int64_t user, int64_t after, size_t limit, struct arena *arena,
                  struct log_entry **ret_entries, size_t *ret_n, struct err *err) MUST_USE;

#endif
