/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_ACCOUNT_DATA_H
#define CHAPPE_STORE_ACCOUNT_DATA_H

/* Account data: what clients keep on the server, per user (room 0) or per user and room. Content is
 * kept byte by byte as it came. */

#include "store/store.h"

struct account_data {
    int64_t room;
    struct str type, content; /* content: raw JSON of an object */
    int64_t pos;
};

/* Replaces; writes LOG_KIND_ACCOUNT_DATA (for m.push_rules: LOG_KIND_PUSH_RULES). */
int account_data_put(struct write *w, int64_t user, int64_t room, struct str type,
                     struct str content, struct err *err) MUST_USE;
/* A precondition: this content stands there (STR_NONE: none does). ERR_KIND_MOVED. */
int account_data_expect(struct write *w, int64_t user, int64_t room, struct str type,
                        struct str content, struct err *err) MUST_USE;
/* 1, 0, -1; the content is in the arena. */
int account_data_load(struct read *r, int64_t user, int64_t room, struct str type,
                      struct arena *arena, struct str *ret_content, struct err *err) MUST_USE;
/* What changed after `after`, up to the reader's head, in order of positions; 0: all of it. */
int account_data_list(struct read *r, int64_t user, int64_t after, struct arena *arena,
                      struct account_data **ret_rows, size_t *ret_n, struct err *err) MUST_USE;
/* Of a room, or of the user (room 0), as it is in the snapshot: up to `limit` rows by type, after
 * the type `after` ("": from the first on). */
int account_data_list_room(struct read *r, int64_t user, int64_t room, struct str after,
                           size_t limit, struct arena *arena, struct account_data **ret_rows,
                           size_t *ret_n, struct err *err) MUST_USE;
/* One type of all rooms of a user, as it is in the snapshot. */
int account_data_list_type(struct read *r, int64_t user, struct str type, struct arena *arena,
                           struct account_data **ret_rows, size_t *ret_n, struct err *err) MUST_USE;
int account_data_delete_user(struct write *w, int64_t user, struct err *err) MUST_USE;

/* Filters (client-server API, "Filtering"): the same text has the same id. */
int filter_put(struct write *w, int64_t user, int64_t id, struct str json,
               struct err *err) MUST_USE;
int filter_find(struct read *r, int64_t user, struct str json, int64_t *ret_id,
                struct err *err) MUST_USE;
int filter_load(struct read *r, int64_t user, int64_t id, struct arena *arena, struct str *ret_json,
                struct err *err) MUST_USE;

#endif
