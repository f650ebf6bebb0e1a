/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "service/media/range.h"
#include "service/media/served.h"

/* Whatever is declared: what is served fits into a header, says what it is, and a picture that is
 * shown is one of the formats that are pictures. A range lies in its file. Cut at newlines: the
 * declared type, the name, the range; the rest is the content. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str rest = str_make((const char *)data, size), declared, name, field;
    struct range range;
    str_cut(rest, '\n', &declared, &rest);
    str_cut(rest, '\n', &name, &rest);
    str_cut(rest, '\n', &field, &rest);
    struct served served = served_as(arena, declared, name, rest);
    CHECK(str_find(served.type, '/') > 0 && served.type.n <= LIMIT_MEDIA_TYPE + 1);
    for (size_t i = 0; i < served.type.n; i++)
        CHECK(served.type.p[i] == '\t' || (served.type.p[i] >= ' ' && served.type.p[i] <= '~'));
    for (size_t i = 0; i < served.disposition.n; i++)
        CHECK(served.disposition.p[i] >= ' ' && served.disposition.p[i] <= '~');
    CHECK(str_starts(served.disposition, served.is_inline ? STR("inline") : STR("attachment")));
    if (served.is_inline && str_starts(served.type, STR("image/")))
        CHECK(str_starts(served_sniff(rest), STR("image/")));
    CHECK(!served.is_inline || !str_starts(served.type, STR("text/html")));
    int64_t length = (int64_t)rest.n;
    if (range_parse(field, length, &range) == 1)
        CHECK(range.offset >= 0 && range.length > 0 && range.offset <= length - range.length);
    return 0;
}
