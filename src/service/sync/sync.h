/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_SYNC_H
#define CHAPPE_SERVICE_SYNC_SYNC_H

/* GET /sync (client-server API, "Syncing"). An answer holds everything up to the head fixed at its
 * start, and nothing later; next_batch is that head. */

#include "service/sync/filter.h"
#include "service/sync/token.h"
#include "json/write.h"

struct sync_request {
    struct str since; /* STR_NONE: initial */
    struct str filter;
    int64_t timeout_ms;
    bool full_state;
    int use_state_after; /* 0 no, 1 state_after, 2 org.matrix.msc4222.state_after */
};

/* set_presence of a sync of the caller's: absent (STR_NONE) or one of the three words. -1: 400
 * M_INVALID_PARAM. */
int sync_note_presence(struct use *use, struct str word) MUST_USE;
/* The caller has done something: a message, typing. */
void sync_note_action(struct use *use);
/* The content of an m.presence of somebody. -1: 403 when the caller shares no room with them. */
int sync_answer_presence(struct use *use, struct str user_id, struct json_writer *out) MUST_USE;

enum { SYNC_PARK = 2 }; /* besides USE_DONE and USE_FAILED */

/* Writes the answer, or parks: then it is called again when something has come or the time is up.
 */
int sync_run(struct use *use, const struct sync_request *request, struct json_writer *out) MUST_USE;

#endif
