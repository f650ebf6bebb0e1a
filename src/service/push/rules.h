/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_RULES_H
#define CHAPPE_SERVICE_PUSH_RULES_H

/* The push rules of users: kept in their account data under m.push_rules, given out with the
 * server's defaults merged in, run in their compiled form. */

#include "matrix/push.h"
#include "service/use.h"
#include "json/write.h"

/* Writes the document as clients get it. content: what is stored, or STR_NONE. */
int push_write_rules(struct use *use, struct str content, struct json_writer *out) MUST_USE;

/* The memory that as many rules as one may have take: more than a request has. */
struct arena *push_rules_arena(void) MUST_USE;
/* The caller's rules, to be read or edited, in such an arena. */
int push_load_rules(struct use *use, struct arena *arena, struct push_rules **ret_rules) MUST_USE;
/* Whether they differ from the server's own in any way. */
int push_has_own_rules(struct use *use, bool *ret) MUST_USE;
/* Stores them: the caller's, as loaded in this use and changed. When others were stored since, the
 * handler is run again (service/commit.h). 413 M_TOO_LARGE, and nothing is stored, when they and
 * what the request brought are more than it may hold: taking away is always possible. */
int push_save_rules(struct use *use, const struct push_rules *rules) MUST_USE;

/* Compiled; the caller unrefs. */
int push_load_program(struct use *use, struct push_program **ret_program) MUST_USE;

#endif
