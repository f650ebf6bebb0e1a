/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_RANGE_H
#define CHAPPE_SERVICE_MEDIA_RANGE_H

/* The Range field of a request (RFC 9110, 14.2): one range of bytes or none at all. */

#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct range {
    int64_t offset, length; /* length > 0 */
};

/* 1: one range of a content of that size, cut to its end; 0: no range (the field is absent, or of
 * another unit: the whole is answered); -1: several ranges, none that can be satisfied, or no
 * range by the grammar: 416. */
int range_parse(struct str field, int64_t size, struct range *ret_range) MUST_USE;

#endif
