/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_CHUNKED_H
#define CHAPPE_NET_CHUNKED_H

/* Reads a chunked body (RFC 9112, 7.1), byte by byte and strictly: CR LF everywhere, at most 8
 * hexadecimal digits, extensions and trailer fields read over within small limits. Keeps no bytes.
 * We read it ourselves because http_parser takes any byte, LF included, in a chunk extension. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct chunked {
    uint8_t state;
    uint8_t digits;
    uint16_t extra; /* bytes of extensions of this chunk, or of trailers */
    uint64_t left;  /* of this chunk */
    uint64_t framing, data;
};

void chunked_init(struct chunked *chunked);

/* Takes bytes off the front of *in. 1: *ret_piece is some of the body (call again); 0: *in is used
 * up; 2: the end of the body, what is left of *in belongs to the next request; -1: malformed. */
int chunked_next(struct chunked *chunked, struct str *in, struct str *ret_piece) MUST_USE;

#endif
