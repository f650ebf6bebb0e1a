/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/limits.h"
#include "matrix/retention.h"

/* A content of m.room.retention. What is taken has a lifetime within the bounds. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    const struct retention_bounds bounds = {7, 1000, 1000000};
    struct retention retention;
    const struct json *content;
    struct err err = ERR_INIT;
    if (json_parse(arena, str_make(data, size), &content, &err) < 0)
        return 0;
    if (retention_parse(content, &retention, &err) < 0) {
        CHECK(err.status == 400);
        return 0;
    }
    CHECK(retention.min_ms >= 0 && retention.min_ms <= retention.max_ms);
    int64_t lifetime = retention_lifetime(&retention, &bounds);
    CHECK(lifetime >= bounds.least_ms && lifetime <= bounds.most_ms);
    CHECK(retention_cutoff(lifetime, 5) == 5 - lifetime);
    return 0;
}
