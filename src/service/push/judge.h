/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_JUDGE_H
#define CHAPPE_SERVICE_PUSH_JUDGE_H

/* What an event does by the server's push rules, said once for all readers who have no rules of
 * their own: the marks EVENT_JUDGED… of store/event.h. Made where an event is decided; an event
 * without EVENT_JUDGED (from before the marks) is evaluated by each reader's own rules. */

#include "matrix/pdu.h"
#include "matrix/push.h"

/* The server's rules, of no user. */
struct push_program *push_judge_new(void) MUST_USE;
/* A set of marks, EVENT_JUDGED among them. */
unsigned push_judge(const struct push_program *judge, const struct pdu *pdu) MUST_USE;

#endif
