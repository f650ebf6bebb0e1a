/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe key rotate. */

#include "service/admin/private.h"
#include "service/federation/key_rotation.h"

/* What is in force then stands in the key files, which the command line shows. */
int admin_key_rotate(struct use *use, const struct json *json, struct buf *out)
{
    (void)json;
    (void)out;
    return key_rotation_run(use);
}
