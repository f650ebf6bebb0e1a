/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "cage/page.h"

/* A page, as the child reads it: what it would say is what its parent takes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    CLEANUP(buf_done) struct buf out;
    struct page page;
    if (size > LIMIT_PREVIEW_PAGE)
        return 0;
    buf_init(&out, KIB(64));
    page_read(str_make(data, size), &out);
    CHECK(!buf_is_full(&out));
    CHECK(page_answer_parse(buf_str(&out), arena, &page) == 0);
    return 0;
}
