/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_PARTING_H
#define CHAPPE_SERVICE_MEDIA_PARTING_H

/* Files that go with the last message that named them, and those that have aged and that nobody is
 * known to name (docs/design/retention.md). Owned and run by the purger (service/rooms/purger.h),
 * on its thread, while it has the lease. */

#include <stdbool.h>
#include <stdint.h>

struct server;

struct parting {
    struct server *server;
    bool (*go_on)(void *arg); /* whether the next piece may be begun */
    void *arg;
    int64_t n_files;      /* that went since the owner last set it to 0 */
    int64_t next_walk_ms; /* wall clock: when aged files are next looked for */
};

/* All that is due. What fails is told in the log, and is due again. */
void parting_turn(struct parting *parting);

#endif
