/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_OPENED_H
#define CHAPPE_SERVICE_ROOMS_OPENED_H

/* Events of the state of rooms, read from their bytes once for all changes that stand on them: each
 * message is judged by the power levels, the create event and its sender's membership, which hardly
 * ever change. A table of a fixed number of them; one that meets another in its slot takes its
 * place. Shared: it locks itself. */

#include "matrix/pdu.h"
#include "store/event.h"

struct opened_table;
struct opened;

struct opened_table *opened_table_new(void) MUST_USE;
void opened_table_free(struct opened_table *table); /* NULL is allowed */

/* The event as a pdu; the caller unrefs it. An event that was rewritten (a redaction) is another
 * one in memory, and is opened anew. -1, internal: the store is damaged. */
int opened_take(struct opened_table *table, const struct room_version *version, struct event *event,
                struct opened **ret_opened, struct err *err) MUST_USE;
/* Lives as long as the reference. */
const struct pdu *opened_pdu(const struct opened *opened);
void opened_unref(struct opened *opened); /* NULL is allowed */

#endif
