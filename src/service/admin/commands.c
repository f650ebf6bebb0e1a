/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/admin.h"

/* Every command, one row each. */
const struct admin_command admin_commands[] = {
    {NULL, NULL},
};
