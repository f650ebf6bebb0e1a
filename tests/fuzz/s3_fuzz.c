/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "net/s3_list.h"

/* What is read of a list is bounded, and can be said in a request. */
static void check_page(struct str text)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    struct err err = ERR_INIT;
    struct s3_page page;
    if (s3_page_parse(arena, text, &page, &err) < 0) {
        CHECK(err.kind == ERR_KIND_INTERNAL);
        return;
    }
    CHECK(page.n <= LIMIT_S3_PAGE);
    for (size_t i = 0; i < page.n; i++) {
        struct str name = page.objects[i].name;
        CHECK(name.n > 0 && name.n <= LIMIT_S3_KEY && page.objects[i].size >= 0);
        for (size_t j = 0; j < name.n; j++)
            CHECK((unsigned char)name.p[j] >= ' ');
    }
}

static void check_address(struct str text)
{
    struct s3_place place;
    if (s3_place_parse(text, &place) < 0)
        return;
    CHECK(str_starts(text, place.url) && str_ends(place.url, place.host));
    CHECK(place.bucket.n > 0 && !str_contains(place.bucket, STR("/")));
    CHECK(!str_contains(place.prefix, STR("..")) || !str_contains(place.prefix, STR("/..")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size);
    check_page(text);
    check_address(text);
    return 0;
}
