/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_KEEPER_H
#define CHAPPE_SERVICE_SCAN_KEEPER_H

/* The server's side of one caged scanner (service/scan/caged.h): starts it when it is first asked
 * something, asks one thing at a time, and puts it to death when it does not answer as it should;
 * the next question starts another. One thread uses a keeper, and the child ends with it. */

#include "base/arena.h"
#include "service/scan/message.h"

struct keeper;

struct keeper *keeper_new(const char *key_path) MUST_USE;
void keeper_free(struct keeper *keeper); /* ends the child; NULL is allowed */

/* content_fd and clamd_fd go with SCAN_OP_SCAN, and stay the caller's; -1 otherwise. Texts of the
 * reply are copied into the arena. *stop (atomic) turning true ends the wait within a second. -1:
 * there was no answer; the child is gone. */
int keeper_ask(struct keeper *keeper, const struct scan_ask *ask, int content_fd, int clamd_fd,
               int64_t timeout_ms, const bool *stop, struct arena *arena,
               struct scan_reply *ret_reply, struct err *err) MUST_USE;

#endif
