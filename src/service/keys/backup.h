/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_KEYS_BACKUP_H
#define CHAPPE_SERVICE_KEYS_BACKUP_H

/* Server-side key backups (client-server API, "Server-side key backups"): versions, of which only
 * the newest is written, and the keys in them, of which a better one is never replaced by a worse.
 */

#include "service/use.h"
#include "store/key_backup.h"
#include "json/doc.h"
#include "json/write.h"

/* version: as in the path or the query; an empty one is the newest. 404 when there is none. */
int backup_version_get(struct use *use, struct str version,
                       struct backup_version *ret_version) MUST_USE;
int backup_version_create(struct use *use, struct str algorithm, const struct json *auth_data,
                          int64_t *ret_version) MUST_USE;
/* named: the version that the body says, or STR_NONE. */
int backup_version_change(struct use *use, struct str version, struct str algorithm,
                          const struct json *auth_data, struct str named) MUST_USE;
/* One that was deleted before is no fault. */
int backup_version_remove(struct use *use, struct str version) MUST_USE;

/* What of a backup is meant: all, a room, or a session of a room. */
struct backup_scope {
    struct str version; /* STR_NONE: 400 */
    struct str room, session;
};

/* `body`: as the specification has it for the scope. *ret_version: as it is after. */
int backup_keys_put(struct use *use, const struct backup_scope *scope, const struct json *body,
                    struct backup_version *ret_version) MUST_USE;
/* Writes the whole answer, in pieces when it is large. */
int backup_keys_get(struct use *use, const struct backup_scope *scope,
                    struct json_writer *out) MUST_USE;
int backup_keys_delete(struct use *use, const struct backup_scope *scope,
                       struct backup_version *ret_version) MUST_USE;

#endif
