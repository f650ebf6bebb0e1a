/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_VECTORS_JANSSON_READER_H
#define CHAPPE_VECTORS_JANSSON_READER_H

/* jansson apart: its header and ours share names. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* What jansson makes of the text. False when it refuses it. Its sorted, compact text goes to `out`
 * with escapes in lower case. */
bool jansson_read(struct str text, struct buf *out, size_t *ret_depth);

#endif
