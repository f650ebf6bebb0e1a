/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "cage/page.h"

/* What a child may say, read by its parent. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct page page;
    if (page_answer_parse(str_make(data, size), arena, &page) < 0)
        return 0;
    for (int i = 0; i < PAGE_PARTS; i++)
        CHECK(!page.parts[i].p || (page.parts[i].n && page.parts[i].n <= LIMIT_PREVIEW_TEXT &&
                                   str_is_utf8(page.parts[i])));
    return 0;
}
