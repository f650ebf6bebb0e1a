/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/engine.h"

static int open_db(const char *uri, const struct db_options *options, struct db **ret_db,
                   struct err *err)
{
    (void)uri;
    (void)options;
    (void)ret_db;
    return err_internal(err, "postgresql: not there yet");
}

const struct engine_ops postgres_ops = {.db_open = open_db};
