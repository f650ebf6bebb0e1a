/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "service/sync/token.h"

/* A token has one way to be written: what is read is written again as it was. No text is a token of
 * two kinds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str text = str_make((const char *)data, size);
    struct sync_token token;
    uint64_t boot;
    int64_t place;
    bool is_sync = sync_token_read(text, &token, &boot) == 0;
    bool is_place = place_token_read(text, &place) == 0;
    int64_t seq;
    CHECK(!is_sync || !is_place);
    if (sliding_pos_read(text, &seq, &token, &boot) == 0) {
        CHECK(!is_sync && !is_place && seq > 0);
        CHECK(str_eq(sliding_pos_write(arena, seq, &token, boot), text));
    }
    if (is_sync) {
        CHECK(token.at.epoch >= 0 && token.at.pos >= 0 && token.to_device >= 0 &&
              token.typing >= 0);
        CHECK(str_eq(sync_token_write(arena, &token, boot), text));
    }
    if (is_place)
        CHECK(str_eq(place_token_write(arena, place), text));
    return 0;
}
