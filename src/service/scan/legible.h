/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_LEGIBLE_H
#define CHAPPE_SERVICE_SCAN_LEGIBLE_H

/* Whether a content can be read as it is, or may be ciphertext, of which a scan says nothing. The
 * server is not told: what begins like no format that is known, and is not text from end to end,
 * may be ciphertext. What the sender declares is not asked. (Who encrypts can choose the first
 * bytes of the ciphertext, by giving up those of the file: docs/design/media.md, "What could be
 * better".) Pure; the content comes in pieces. */

#include <stdbool.h>

#include "base/str.h"

struct legible {
    bool known; /* begins like a known format */
    bool text;  /* so far: UTF-8 without control characters but blanks */
    bool begun;
    unsigned char tail[4]; /* of a character that was cut between two pieces */
    size_t n_tail;
};

void legible_add(struct legible *legible, struct str piece);
/* After the last piece. */
bool legible_end(const struct legible *legible);
/* It is certain before the end that it may be ciphertext. */
bool legible_is_lost(const struct legible *legible);

#endif
