/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ADMIN_ADMIN_H
#define CHAPPE_SERVICE_ADMIN_ADMIN_H

/* The commands of an operator: what `chappe user add` and its like do, inside the running server
 * (they come through DATA/admin.sock) or in a process that holds the data directory's lock. The
 * same functions serve the admin API.
 *
 * One runs at a time, on a thread that may wait; it writes through store_run. An answer is a JSON
 * object; what is for the eyes is in its member "lines", an array of strings that the command line
 * prints one a line. */

#include "base/buf.h"
#include "base/err.h"
#include "service/use.h"
#include "json/doc.h"

struct admin_command {
    const char *name; /* "user.add" */
    /* A use case without an exchange: its commits wait. args is an object. Appends the answer, or
     * nothing for {}. */
    int (*run)(struct use *use, const struct json *args, struct buf *answer);
};

/* Ended by a row without a name. */
extern const struct admin_command admin_commands[];

/* Runs {"command": "user.add", "args": {…}} and appends {"ok": true, "answer": {…}} or {"ok":
 * false, "errcode": …, "error": …}. The request comes from our own user, and is read with the same
 * mistrust as any. */
void admin_run(struct server *server, struct str request, struct buf *out);

#endif
