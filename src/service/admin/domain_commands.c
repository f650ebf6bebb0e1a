/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe domains … */

#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/identity/identity.h"

/* An operator's mistake in the file is told to the operator, with its line. */
int admin_domains_reload(struct use *use, const struct json *json, struct buf *out)
{
    struct admin_answer answer;
    struct err why = ERR_INIT;
    size_t n;
    (void)json;
    if (identity_reload(use->server, &n, &why) < 0)
        return err_client(&use->err, 400, "M_UNKNOWN", "%s", why.detail);
    answer_begin(&answer, out);
    answer_line(&answer, "%zu", n);
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}
