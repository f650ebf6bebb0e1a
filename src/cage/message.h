/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_MESSAGE_H
#define CHAPPE_CAGE_MESSAGE_H

/* What goes into `chappe decode` and comes out of it: a head of fixed size, then bytes. Both ends
 * are the same program on the same machine. What comes out is bytes from outside all the same: the
 * child has read hostile ones. */

#include "cage/thumbnail.h"

#define DECODE_REQUEST_MAGIC 0x71637063u
#define DECODE_ANSWER_MAGIC  0x61637063u

struct decode_request {
    uint32_t magic, width, height, method, animated, unused;
    uint64_t size; /* of the image, which follows */
};

struct decode_answer {
    uint32_t magic, status, format, width, height, frames;
    uint64_t size; /* of the thumbnail, which follows; all from format on is 0 without one */
};

/* For DECODE_DONE, the thumbnail's bytes are in *ret_body, and are what the head says: a format
 * that is made, no larger than the wish, one frame unless it may move. 0, or -1: a lie. */
int decode_answer_parse(struct str bytes, const struct thumbnail_wish *wish,
                        struct decode_answer *ret_answer, struct str *ret_body) MUST_USE;

#endif
