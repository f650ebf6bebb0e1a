/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_REDACT_H
#define CHAPPE_MATRIX_REDACT_H

/* The redaction algorithm on trees, under pdu_redact and the hashes. For src/matrix only. */

#include "base/arena.h"
#include "matrix/room_version.h"
#include "json/doc.h"

/* What a redaction leaves of an event; a content that is no object becomes {}. */
const struct json *redact_event(struct arena *arena, const struct room_version *version,
                                const struct json *doc);

#endif
