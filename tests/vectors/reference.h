/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_VECTORS_REFERENCE_H
#define CHAPPE_VECTORS_REFERENCE_H

/* Our reader and canonical form held against jansson, an independent strict reader. */

#include "base/str.h"

/* NULL when both say the same of the text: the same verdict and, for accepted texts that have a
 * canonical form, the same bytes. Otherwise what differs. The differences that are meant are no
 * differences: our depth limit, NUL in keys (jansson has none), and numbers that are no integers of
 * canonical JSON (jansson refuses some for their size). */
const char *reference_difference(struct str text);

#endif
