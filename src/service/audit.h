/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_AUDIT_H
#define CHAPPE_SERVICE_AUDIT_H

/* Administrative acts leave a row in the audit table (store/audit.h), in the job that does them: a
 * use case says what it is about to do, and its use_commit writes both. The actor is the caller;
 * without an exchange, the operator. */

#include "service/use.h"
#include "store/audit.h"

/* For the use_commit that follows. target is STR_NONE or lives as long as the request; detail is a
 * JSON object or STR_NONE. A second call replaces the first. */
void use_audit(struct use *use, struct str action, struct str target, struct str detail);

/* The same, for a target that is a local user. -1: the store failed. */
int use_audit_user(struct use *use, struct str action, int64_t user, struct str detail) MUST_USE;

/* The row alone, for an act that is not in the store: -1 when it cannot be written. Without an
 * exchange. */
int use_audit_commit(struct use *use) MUST_USE;

/* An act that is refused, or changes nothing: the row alone, not waited for. */
void use_audit_later(struct use *use, struct str action, struct str target, struct str detail);

/* {"address": …} of who asks; STR_NONE without an exchange. */
struct str use_audit_address(const struct use *use);

#endif
