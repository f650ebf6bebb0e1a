/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_PDU_READ_H
#define CHAPPE_MATRIX_PDU_READ_H

/* The second half of pdu_parse, for bytes already known to be canonical and of good size. For
 * src/matrix only. */

#include "matrix/pdu.h"

/* `json` is in the arena, or outlives it. -1: as pdu_parse. */
int pdu_read(struct arena *arena, const struct room_version *version, struct str json,
             struct pdu *ret_pdu, struct err *err) MUST_USE;

#endif
