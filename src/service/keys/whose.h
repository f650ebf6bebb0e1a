/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_KEYS_WHOSE_H
#define CHAPPE_SERVICE_KEYS_WHOSE_H

/* Whose keys are asked for: users of this server, or of others, which cannot be reached. */

#include "base/vec.h"
#include "matrix/id.h"
#include "service/use.h"
#include "json/write.h"

struct remote_servers {
    struct arena *arena;
    VEC(struct str) names;
};

/* 1 a user known here; 0 one that is not, or of another server, which is noted in `remote` (may be
 * NULL); -1 malformed: 400. */
int user_of_keys_find(struct use *use, struct str text, struct remote_servers *remote,
                      int64_t *ret_user) MUST_USE;
/* The member "failures": {server: {}…}. Sorts. */
void remote_servers_write(struct remote_servers *remote, struct json_writer *out);

#endif
