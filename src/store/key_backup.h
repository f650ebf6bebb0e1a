/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_KEY_BACKUP_H
#define CHAPPE_STORE_KEY_BACKUP_H

/* Backups of room keys on the server (client-server API, "Server-side key backups"). A user has
 * numbered versions, of which the newest is written. The number of a version that was deleted is
 * not given again. */

#include "store/store.h"

struct backup_version {
    int64_t version;                 /* from 1 */
    struct str algorithm, auth_data; /* auth_data is JSON */
    int64_t etag;                    /* changes with every change of its keys */
    int64_t count;                   /* keys in it */
};

/* The newest when version is 0. 1, 0, -1. */
int backup_version_load(struct read *r, int64_t user, int64_t version, struct arena *arena,
                        struct backup_version *ret_version, struct err *err) MUST_USE;
/* The greatest number ever given, 0 when none was. */
int backup_version_last(struct read *r, int64_t user, int64_t *ret_version,
                        struct err *err) MUST_USE;
/* The number of a new version: past all that were given, also in the time that a restore has lost
 * (an epoch's numbers begin at its own, which is a time in milliseconds after the first). */
int backup_version_next(struct read *r, int64_t user, int64_t *ret_version,
                        struct err *err) MUST_USE;
/* ERR_KIND_MOVED when that number has been taken meanwhile. */
int backup_version_insert(struct write *w, int64_t user, const struct backup_version *version,
                          struct err *err) MUST_USE;
int backup_version_set_auth(struct write *w, int64_t user, int64_t version, struct str auth_data,
                            struct err *err) MUST_USE;
/* With its keys. */
int backup_version_delete(struct write *w, int64_t user, int64_t version, struct err *err) MUST_USE;
/* The keys change from what was read under `old_etag` to `count` of them: ERR_KIND_MOVED when it is
 * not that any more. Comes before the changes of keys in a job. */
int backup_version_advance(struct write *w, int64_t user, int64_t version, int64_t old_etag,
                           int64_t count, struct err *err) MUST_USE;

struct backup_key {
    struct str room, session;
    int64_t first_message_index, forwarded_count;
    bool is_verified;
    struct str data; /* session_data, JSON */
};

int backup_key_put(struct write *w, int64_t user, int64_t version, const struct backup_key *key,
                   struct err *err) MUST_USE;
/* 1, 0, -1. */
int backup_key_find(struct read *r, int64_t user, int64_t version, struct str room,
                    struct str session, struct arena *arena, struct backup_key *ret_key,
                    struct err *err) MUST_USE;
/* Those of a room, or of all rooms when room is STR_NONE, by room and session: up to `limit` of
 * them after the room and session of `after` (NULL: from the first on). Copied into the arena. */
int backup_key_list(struct read *r, int64_t user, int64_t version, struct str room,
                    const struct backup_key *after, size_t limit, struct arena *arena,
                    struct backup_key **ret_keys, size_t *ret_n, struct err *err) MUST_USE;
/* How many keys a room (STR_NONE: all), or a session in it (STR_NONE: all), holds. */
int backup_key_count(struct read *r, int64_t user, int64_t version, struct str room,
                     struct str session, int64_t *ret_n, struct err *err) MUST_USE;
int backup_key_delete(struct write *w, int64_t user, int64_t version, struct str room,
                      struct str session, struct err *err) MUST_USE;

#endif
