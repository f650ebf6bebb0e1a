/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_REPLY_H
#define CHAPPE_BENCH_REPLY_H

/* Reads one HTTP/1.1 response after another out of the bytes of a connection: bodies by
 * Content-Length or in chunks. A zeroed struct, given to reply_init, waits for a first response. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"

struct reply {
    struct buf head, body;
    int status;
    int64_t left; /* bytes of the body, or of the chunk, still to come; -1: the head is not read */
    bool chunked, in_size, last_chunk, closes;
};

void reply_init(struct reply *reply);
void reply_done(struct reply *reply);
/* Ready for the next response; gives memory back. */
void reply_reset(struct reply *reply);

/* Takes bytes away from the front of *bytes. 1: the response is whole; 0: more is needed; -1: this
 * is no HTTP. */
int reply_feed(struct reply *reply, struct str *bytes) MUST_USE;

#endif
