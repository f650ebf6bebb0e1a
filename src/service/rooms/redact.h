/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_REDACT_H
#define CHAPPE_SERVICE_ROOMS_REDACT_H

#include "service/rooms/change.h"

/* Adds to a change the application of a redaction that it has decided: the target's stored bytes
 * are replaced by their redacted form, and it no longer counts as a relation. */
int redact_apply(struct change *change, const struct event *target, int64_t redaction) MUST_USE;

#endif
