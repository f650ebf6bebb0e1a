/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_VARINT_H
#define CHAPPE_STORE_VARINT_H

/* Integers in as few bytes as they need: seven bits a byte, lowest first, the high bit says that
 * more follow. For the blobs of this directory. */

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

#define VARINT_MAX 10 /* bytes */

/* The number of bytes put. */
size_t varint_put(unsigned char *out, uint64_t value);
/* Moves *at. -1: the bytes end too early or hold more than 64 bits. */
int varint_get(struct str s, size_t *at, uint64_t *ret_value) MUST_USE;

#endif
