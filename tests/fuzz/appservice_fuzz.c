/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "bin/appservice_file.h"
#include "matrix/id.h"

/* A registration that was read is whole: id, tokens, a sender of this server. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    struct appservice as;
    struct user_id sender;
    struct err err = ERR_INIT;
    if (appservice_file_parse(arena, str_make(data, size), "file", STR("x.example"), &as, &err) <
        0) {
        CHECK(str_starts(str_from(err.detail), STR("file:")));
        return 0;
    }
    CHECK(as.id.n && as.as_token.n >= 16 && as.hs_token.n >= 16);
    CHECK(user_id_parse(as.sender, &sender, &err) == 0);
    CHECK(str_eq(sender.server, STR("x.example")));
    (void)appservice_has_room(&as, STR("!a:b"));
    (void)appservice_has_alias(&as, STR("#a:b"));
    return 0;
}
